"""What a driver has in hand of one sweep between two steps. Lost with its process, which costs nothing but time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playground.chat.models import Message
from playground.chat.prompt import Turn
from playground.compare.models import Sweep
from playground.compare.sweeps.combining import Kit, load_kit
from playground.compare.sweeps.news import Ended
from playground.compare.sweeps.plan import Plan
from playground.compare.sweeps.source import question_turns
from playground.compare.sweeps.throttle import Throttle

MOST_BLOCKED = 10  # failures in a row that every other cell would share
MOST_REFUSALS = 12  # in a row, with a minute between them in the end
KEPT_QUESTIONS = 50


@dataclass
class Hand:
    """The plan, how many may run at once, and what went wrong in a row."""

    throttle: Throttle
    kit: Kit | None = None
    blocked: int = 0
    blocking: str = ""
    not_before: float = 0.0  # by our own limits a minute
    _turns: dict[int, list[Turn]] = field(default_factory=dict)

    @classmethod
    def of(cls, sweep: Sweep) -> Hand:
        return cls(Throttle(most=max(sweep.concurrency, 1)))

    def note(self, ended: Ended) -> None:
        """A cell's run has ended."""
        if ended.is_refused:
            self.throttle.refused(time.monotonic(), ended.retry_after_s)
        elif ended.blocks:
            self.blocked, self.blocking = self.blocked + 1, ended.blocks
        else:
            self.throttle.passed()
            self.blocked = 0

    @property
    def is_blocked(self) -> bool:
        return self.blocked >= MOST_BLOCKED

    @property
    def is_refused(self) -> bool:
        return self.throttle.refusals >= MOST_REFUSALS

    def places(self, running: int) -> int:
        """How many cells may start now beside those `running`."""
        now = time.monotonic()
        return self.throttle.places(now, running) if now >= self.not_before else 0

    def wait_s(self) -> float:
        """Until something may start that may not now; 0 when nothing holds it back."""
        return max(self.throttle.not_before - time.monotonic(), self.not_before - time.monotonic(), 0.0)

    def begin_anew(self) -> None:
        """Somebody resumed it: what went wrong before is forgotten, and the catalogue is read again."""
        self.kit, self.blocked = None, 0
        self.throttle.refusals = 0

    def kit_of(self, sweep: Sweep) -> Kit:
        """Raises InvalidInput when a preset of the plan is out of reach by now."""
        if self.kit is None:
            self.kit = load_kit(sweep.owner, plan_of(sweep))
        return self.kit

    def turns(self, question: Message) -> list[Turn]:
        if question.pk not in self._turns:
            if len(self._turns) >= KEPT_QUESTIONS:
                self._turns.clear()
            self._turns[question.pk] = question_turns(question)
        return self._turns[question.pk]


def plan_of(sweep: Sweep) -> Plan:
    return Plan.of_json(
        sweep.base,
        sweep.axes,
        sweep.inputs,
        sweep.checks,
        title=sweep.title,
        repeats=sweep.repeats,
        concurrency=sweep.concurrency,
        cap=sweep.cap,
    )
