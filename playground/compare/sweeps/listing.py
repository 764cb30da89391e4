"""The sweeps of one person, newest first. Three queries, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from playground.accounts.models import User
from playground.compare.models import Cell, CellState, Sweep, SweepState
from playground.compare.sweeps.wording_of_plan import field_label

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    sweep: Sweep
    state_label: str
    fields: str
    ended: int
    total: int
    failed: int


@dataclass(frozen=True, slots=True)
class SweepList:
    lines: Sequence[Line]
    page: int
    has_older: bool

    @property
    def older(self) -> int:
        return self.page + 1


def list_sweeps(user: User, *, page: int = 1) -> SweepList:
    first = (max(page, 1) - 1) * PER_PAGE
    rows = Sweep.objects.visible_to(user).defer("inputs", "base", "checks")
    sweeps = list(rows.order_by("-updated_at", "-pk")[first : first + PER_PAGE + 1])
    states: dict[int, dict[str, int]] = {}
    counted = Cell.objects.filter(sweep__in=[sweep.pk for sweep in sweeps[:PER_PAGE]]).order_by()
    for sweep, state, count in counted.values_list("sweep", "state").annotate(Count("pk")):
        states.setdefault(sweep, {})[state] = count
    lines = [_line(sweep, states.get(sweep.pk, {})) for sweep in sweeps[:PER_PAGE]]
    return SweepList(lines, max(page, 1), len(sweeps) > PER_PAGE)


def _line(sweep: Sweep, states: Mapping[str, int]) -> Line:
    left = states.get(CellState.WAITING, 0) + states.get(CellState.RUNNING, 0)
    total = sum(states.values())
    return Line(
        sweep=sweep,
        state_label=str(SweepState(sweep.state).label),
        fields=" \N{MULTIPLICATION SIGN} ".join(
            f"{field_label(axis['field'])} ({len(axis['values'])})" for axis in sweep.axes
        ),
        ended=total - left,
        total=total,
        failed=states.get(CellState.FAILED, 0),
    )
