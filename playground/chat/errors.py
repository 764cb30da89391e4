"""What the chat services raise, as one tree. The edge decides status and wording (security.md, section 2.1):

ChatError
├── InvalidInput     a field is wrong: 422, the form again with the field named and the input kept
│   ├── Conflict     somebody changed it since the page was loaded: 422 with both texts, nothing written
│   ├── OverBudget   a budget lacks what it may cost: 422 with limit, what is spent, and when it starts anew
│   └── TooFast      more requests or tokens a minute than allowed: 429 with Retry-After, the input kept
├── NotPossible      nothing is wrong with the input, but this cannot be done now: 422 with a sentence
└── Busy             no place for another run, or the server is going down: 503 with Retry-After

What does not exist or belongs to somebody else is the model's own DoesNotExist: 404, the same bytes for both.
"""

from __future__ import annotations

from collections.abc import Sequence

# One thing to mend before sending: `field` is a form field's name, "text", "attachments", "model", ...; `message` a sentence.
from playground.catalog.problems import Problem as FieldError

__all__ = ["Busy", "ChatError", "Conflict", "FieldError", "InvalidInput", "NotPossible", "OverBudget", "TooFast"]


class ChatError(Exception):
    """Base of the tree."""


class InvalidInput(ChatError):
    status = 422
    retry_after_s: int | None = None

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors)

    @classmethod
    def of(cls, field: str, message: str) -> InvalidInput:
        return cls([FieldError(field, message)])


class Conflict(InvalidInput):
    """`theirs` is what stands there now; saving again with the version of that replaces it knowingly."""

    def __init__(self, field: str, message: str, *, theirs: str) -> None:
        super().__init__([FieldError(field, message)])
        self.theirs = theirs


class OverBudget(InvalidInput):
    def __init__(self, message: str) -> None:
        super().__init__([FieldError("budget", message)])


class TooFast(InvalidInput):
    """`retry_after_s` is None when the message would never pass."""

    status = 429

    def __init__(self, message: str, *, retry_after_s: int | None) -> None:
        super().__init__([FieldError("budget", message)])
        self.retry_after_s = retry_after_s


class NotPossible(ChatError):
    """`str(error)` is a sentence for the person, in their language."""


class Busy(ChatError):
    retry_after_s = 5
