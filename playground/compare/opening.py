"""Building what the page of a comparison shows. The number of queries depends neither on how many columns there are nor how long."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.chat.errors import FieldError
from playground.chat.models import Role
from playground.chat.opening import SHOWN_AT_ONCE, page_part
from playground.chat.page import ChatPage, ShownDraft, ShownMessage
from playground.chat.services.drafts import find_draft
from playground.chat.showing import load_messages, show_loaded
from playground.chat.tree import Tree
from playground.compare.differing import find_differences
from playground.compare.facts import build_facts
from playground.compare.judging import arrange, build_panel
from playground.compare.models import Column, Comparison
from playground.compare.page import Board, ShownColumn
from playground.compare.services.columns import MOST_COLUMNS, columns_of
from playground.compare.services.posting import models_by_name
from playground.compare.turns import Turn
from playground.usage.allowance import allowances
from playground.usage.budget_wording import show_budget


def open_board(
    user: User, comparison: Comparison, *, draft_text: str | None = None, errors: Sequence[FieldError] = ()
) -> Board:
    """The whole page: columns with their latest messages, and the composer with its draft. At most 9 queries without a budget."""
    models = models_by_name(user)
    columns = open_columns(comparison, models)
    return Board(
        comparison=comparison,
        columns=columns,
        composer=_open_composer(user, comparison, columns, draft_text=draft_text, errors=errors),
        is_full=len(columns) >= MOST_COLUMNS,
        panel=build_panel(comparison, [column.column for column in columns]),
    )


def open_columns(comparison: Comparison, models: Mapping[str, Model]) -> list[ShownColumn]:
    """The columns with their latest messages. Five queries, and one that keeps fresh renderings."""
    columns, hidden = arrange(comparison, columns_of(comparison))
    trees = Tree.of_each([column.conversation for column in columns])
    paths = [_path(trees[one.conversation_id], one, hidden) for one in columns]
    loaded = load_messages([pk for path in paths for pk in path[-SHOWN_AT_ONCE:]])
    pages: list[ChatPage] = []
    for column, path in zip(columns, paths, strict=True):
        ids = path[-SHOWN_AT_ONCE:]
        messages = show_loaded(column.conversation, ids, trees[column.conversation_id], loaded)
        page = page_part(column.conversation, messages, count=len(path), has_older=len(path) > len(ids))
        pages.append(page)
    return _show_columns(columns, pages, models)


def open_heads(user: User, comparison: Comparison) -> list[ShownColumn]:
    """The columns with their last answers alone: for heads and figures. At most 6 queries."""
    columns, hidden = arrange(comparison, columns_of(comparison))
    trees = Tree.of_each([column.conversation for column in columns])
    paths = [_path(trees[one.conversation_id], one, hidden) for one in columns]
    loaded = load_messages([pk for path in paths for pk in path[-2:]])
    pages = []
    for column, path in zip(columns, paths, strict=True):
        messages = show_loaded(column.conversation, path[-2:], trees[column.conversation_id], loaded)
        pages.append(page_part(column.conversation, messages, count=len(path)))
    return _show_columns(columns, pages, models_by_name(user))


def _path(tree: Tree, column: Column, hidden: Turn | None) -> list[int]:
    """What the column shows; while columns are hidden no more than the turn itself, for what was said before tells which is which."""
    path = tree.path(column.conversation.leaf_id)
    question = hidden.questions.get(column.pk) if hidden else None
    return path[path.index(question) :] if question is not None and question in path else path


def _show_columns(
    columns: Sequence[Column], pages: Sequence[ChatPage], models: Mapping[str, Model]
) -> list[ShownColumn]:
    answers = [_last_answer(page) for page in pages]
    facts = build_facts(answers)
    is_hidden = any(column.conversation.is_masked for column in columns)
    differences = find_differences(columns, models) if not is_hidden else [[]] * len(columns)
    return [
        ShownColumn(
            column=column,
            number=number,
            page=page,
            model=models.get(column.conversation.model_name),
            differences=differences[number - 1],
            facts=facts[number - 1],
            run=answer.run if answer else None,
            is_hidden=is_hidden,
        )
        for number, (column, page, answer) in enumerate(zip(columns, pages, answers, strict=True), start=1)
    ]


def _last_answer(page: ChatPage) -> ShownMessage | None:
    """The answer that the column ends with; None while its last question has none."""
    last = page.messages[-1] if page.messages else None
    if last is not None and last.queued is not None and len(page.messages) > 1:
        last = page.messages[-2]  # while the answer above is being written, its figures are what counts
        if not last.is_live:
            return None
    return last if last is not None and last.role == Role.ASSISTANT else None


def _open_composer(
    user: User,
    comparison: Comparison,
    columns: Sequence[ShownColumn],
    *,
    draft_text: str | None,
    errors: Sequence[FieldError],
) -> ChatPage:
    """Where the next prompt is written. Images are welcome as long as one column reads them."""
    draft = find_draft(owner=user, conversation=comparison.composer)
    # Hidden columns have names here neither.
    models = [column.model for column in columns if column.model is not None and not column.is_hidden]
    model = next((one for one in models if one.has_vision), models[0] if models else None)
    text = draft_text if draft_text is not None else draft.text if draft else ""
    return ChatPage(
        conversation=comparison.composer,
        messages=(),
        has_older=False,
        older_url="",
        draft=ShownDraft(text, list(draft.attachments.all()) if draft else []),
        inspector=None,
        models=(),
        model=model,
        model_name=model.public_name if model else "",
        request_id=secrets.token_urlsafe(24),
        leaf_uuid=None,
        live_run=None,
        errors=errors,
        budget=show_budget(allowances(user)),
    )
