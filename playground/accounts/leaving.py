"""What ends when a person may not be here any more. Apps further up the ladder register what they must end.

A handler gets the person's key after the commit, in the thread that made it; the account itself tells everybody who asks
later, so a handler that is not heard costs seconds and not safety.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

Handler = Callable[[int], None]
_handlers: list[Handler] = []


def register(handler: Handler) -> None:
    _handlers.append(handler)


def announce(person: int) -> None:
    """Once the transaction is committed, end what `person` has going."""
    for handler in _handlers:
        transaction.on_commit(lambda handler=handler: handler(person), robust=True)  # type: ignore[misc]  # mypy cannot infer the default
