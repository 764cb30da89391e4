"""The near end of the audit log: whoever acts for the server says here what was done. Knows nothing of who keeps it.

The app that keeps the log registers its writer in its `AppConfig.ready()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest

MOST_CHARS = 500  # of one value: enough to see what changed, not a copy of it
MOST_LINES = 60
HIDDEN = "••••"
# Names of fields whose values are nobody's business; whole words, so that `context_tokens` is none of them.
_SECRET_NAME = re.compile(
    r"(^|[_\-. ])(pass(word|wd|phrase)?\d?|secrets?|token|key|headers?|credentials?|authorization|cookie)($|[_\-. ])",
    re.IGNORECASE,
)
# What looks like a secret wherever it stands: keys with a prefix, bearer tokens, passwords in addresses.
_SECRET_VALUE = re.compile(
    r"\b(?:sk|pk|pg|rk)[-_][A-Za-z0-9_\-]{8,}|\bBearer\s+\S{8,}|(?<=://)[^\s/@:]*:[^\s/@]*(?=@)", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, to what. `before` and `after` are lines of "name: value"; `note` is the reason that was given."""

    action: str  # "user.suspend"
    target: models.Model | None = None
    target_name: str = ""  # where the target's own text must not be told
    before: str = ""
    after: str = ""
    note: str = ""
    actor: models.Model | None = None  # when it is not whom the request came from

    @property
    def target_kind(self) -> str:
        return self.target._meta.label_lower if self.target else ""  # noqa: SLF001 - documented

    @property
    def target_id(self) -> str:
        return str(self.target.pk) if self.target else ""

    @property
    def name(self) -> str:
        return clean(self.target_name or (str(self.target) if self.target else ""), 200)


Writer = Callable[[HttpRequest | None, Act], None]
_writers: list[Writer] = []


def register(writer: Writer) -> None:
    _writers[:] = [writer]


def record(request: HttpRequest | None, act: Act) -> None:
    """Write `act` down, in the caller's transaction. Without a request the server itself did it."""
    for writer in _writers:
        writer(request, act)


def clean(text: str, most: int = MOST_CHARS) -> str:
    """`text` without what looks like a secret and without control characters, cut at `most`."""
    shown = _CONTROL.sub(" ", _SECRET_VALUE.sub(HIDDEN, text[: 4 * most]))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def is_secret(name: str) -> bool:
    """Whether a field of that name may hold what must not be told."""
    return bool(_SECRET_NAME.search(name))


def line(name: str, value: object) -> str:
    """One line of `before` or `after`. Several rows are told by their names."""
    if is_secret(name) and not isinstance(value, bool):
        return f"{name}: {HIDDEN}" if value else f"{name}:"
    if isinstance(value, (models.QuerySet, list, tuple, set)):
        value = ", ".join(str(one) for one in list(value)[:20])
    return f"{name}: {clean('' if value is None else str(value)).replace(chr(10), ' ')}"


def lines(pairs: Iterable[tuple[str, object]]) -> str:
    written = [line(name, value) for name, value in pairs]
    more = len(written) - MOST_LINES
    return "\n".join([*written[:MOST_LINES], *([f"… {more} more"] if more > 0 else [])])
