"""What a page that shows a comparison lacks of its columns."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from uuid import UUID

from playground.compare.page import ShownColumn


def news_of(column: ShownColumn, shown: AbstractSet[UUID]) -> ShownColumn:
    """`column` with the messages that come after the last one that is `shown` in the page; with all when none is."""
    messages = column.page.messages
    at = next((at for at in reversed(range(len(messages))) if messages[at].uuid in shown), None)
    if at is None:
        return replace(column, page=replace(column.page, is_reset=True))
    # The last one that the page has may have changed: a message that waited was sent, an answer has ended.
    page = replace(column.page, messages=messages[at + 1 :], changed=messages[at : at + 1], has_older=False)
    return replace(column, page=page)
