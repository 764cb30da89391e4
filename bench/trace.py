"""What Chromium's main thread does between two messages of a socket, read from its trace.

CPU time of the thread, not time on the clock: the machine may be busy with other things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from playwright.sync_api import CDPSession, Page

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
RECEIVED = "WebSocketReceive"
# Which events of a trace are which kind of work; what is nested in another counts for itself, every other event for the one
# it is nested in.
KINDS = {
    "UpdateLayoutTree": "style",
    "Layout": "layout",
    **dict.fromkeys(("PrePaint", "Paint", "Layerize", "UpdateLayer", "Commit"), "paint"),
    **dict.fromkeys(
        ("FunctionCall", "EvaluateScript", "EventDispatch", "TimerFire", "FireAnimationFrame", "RunMicrotasks"),
        "script",
    ),
    **dict.fromkeys(("ParseHTML", "MinorGC", "MajorGC"), "script"),
}


@dataclass(slots=True)
class FrameWork:
    """Milliseconds of the main thread's CPU from one message to the next."""

    script: float = 0.0
    style: float = 0.0
    layout: float = 0.0
    paint: float = 0.0  # what comes before the compositor: pre-paint, paint, layers
    tasks: float = 0.0  # all that the thread did, these four included

    @property
    def script_and_layout(self) -> float:
        return self.script + self.style + self.layout


class Trace:
    """What the browser did while it was recorded."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def frames(self) -> list[FrameWork]:
        """One for each message of a socket but the last, whose work may have been cut off."""
        thread, arrivals = self.arrivals()
        frames = [FrameWork() for _arrival in arrivals]
        events = self.of(thread)
        for moment, kind, ms in [*_tasks(events), *_own_work(events)]:
            number = sum(arrival <= moment for arrival in arrivals) - 1
            if number >= 0:
                setattr(frames[number], kind, getattr(frames[number], kind) + ms)
        return frames[:-1]

    def of(self, thread: tuple[int, int]) -> list[dict[str, Any]]:
        """What that thread did."""
        return [event for event in self.events if event.get("ph") == "X" and _thread(event) == thread]

    def arrivals(self) -> tuple[tuple[int, int], list[int]]:
        """The thread that took the messages, and when."""
        received = [event for event in self.events if event["name"] == RECEIVED]
        threads = [_thread(event) for event in received]
        thread = max(set(threads), key=threads.count)
        return thread, sorted(event["ts"] for event in received if _thread(event) == thread)


@contextmanager
def recording(page: Page, cdp: CDPSession) -> Iterator[Trace]:
    """Record what the browser does in the block; the trace is complete behind it."""
    trace, is_complete = Trace(), Event()
    cdp.on("Tracing.dataCollected", lambda message: trace.events.extend(message["value"]))
    cdp.on("Tracing.tracingComplete", lambda _message: is_complete.set())
    cdp.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": CATEGORIES}})
    yield trace
    cdp.send("Tracing.end")
    while not is_complete.is_set():
        page.wait_for_timeout(50)


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _tasks(events: Iterable[dict[str, Any]]) -> Iterator[tuple[int, str, float]]:
    """(microsecond of its end, "tasks", milliseconds of CPU): a task begins before the message it takes."""
    for event in events:
        if event["name"] == "RunTask":
            yield event["ts"] + event["dur"], "tasks", event.get("tdur", 0) / 1000


def _own_work(events: Iterable[dict[str, Any]]) -> Iterator[tuple[int, str, float]]:
    """(microsecond of its beginning, kind, milliseconds of CPU without that of what is nested in it)."""
    known = [event for event in events if event["name"] in KINDS]
    known.sort(key=lambda event: (event["ts"], -event["dur"]))
    inside: list[dict[str, Any]] = []
    nested: dict[int, int] = {}
    for event in known:
        while inside and event["ts"] >= inside[-1]["ts"] + inside[-1]["dur"]:
            inside.pop()
        if inside:
            nested[id(inside[-1])] = nested.get(id(inside[-1]), 0) + event.get("tdur", 0)
        inside.append(event)
    for event in known:
        yield event["ts"], KINDS[event["name"]], (event.get("tdur", 0) - nested.get(id(event), 0)) / 1000
