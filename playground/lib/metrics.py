"""The figures of this process, in the words of Prometheus. `server.metrics` answers with them.

What is counted here is counted once a run, a request or a write, never once a token. Every label has few values: those that
come from rows go through `Names`.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, disable_created_metrics

MAX_NAMES = 50
OTHER = "other"

# A second series for each, with the time of the first.
disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
ProcessCollector(registry=registry)
GCCollector(registry=registry)


class Names:
    """A label whose values come from rows: the first fifty keep their names, all that come later are `other`."""

    def __init__(self, limit: int = MAX_NAMES) -> None:
        self._limit = limit
        self._known: set[str] = set()

    def __call__(self, name: str) -> str:
        if name in self._known:
            return name
        if len(self._known) >= self._limit:
            return OTHER
        self._known.add(name)
        return name
