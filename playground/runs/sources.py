"""What a face gives the engine so that runs need not know who started them.

Each face registers one `Source` under the name that its runs carry (`Run.source`), in its `AppConfig.ready()`.
"""

from __future__ import annotations

from typing import Any, Protocol

from playground.runs.models import Run


class Source(Protocol):
    """All methods are synchronous and called in a worker thread, never on the event loop."""

    def messages(self, run: Run) -> list[dict[str, Any]]:
        """The `messages` to send, images as data URLs. Rebuilt from immutable rows, so a receipt can show them again."""

    def prompt_tokens(self, run: Run) -> int:
        """How many tokens `run` sent, counted by us: for servers that report none. Rather too many than too few."""

    def prefix(self, run: Run) -> str:
        """Text that stands before the run's own (a continued answer), or an empty string."""

    def digest(self, run: Run, text: str) -> Any:
        """Work on the final text that needs no transaction, such as rendering; the result is handed to `finished`."""

    def finished(self, run: Run, digest: Any) -> None:
        """The run has reached its final state; called inside the transaction that writes it. Must be quick.

        `digest` is None when there was nobody to make one: the run's process died.
        """

    def proceed(self, run: Run) -> None:
        """What waits for the end of `run` may go on, in the same transaction: all that `finished` wrote and what was spent is there."""


_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    _sources[name] = source


def source_of(run: Run) -> Source:
    """The source that started `run`. KeyError when no face of that name is installed."""
    return _sources[run.source]
