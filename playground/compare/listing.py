"""Comparisons and sweeps of a person in one list, the latest first."""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from playground.compare.models import Cell, Column, Comparison, Sweep, SweepState
from playground.compare.models.sweep import CellState
from playground.runs.models import Run

if TYPE_CHECKING:
    from playground.accounts.models import User

PAGE_ROWS = 50
MOST_QUERY = 200  # characters


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list."""

    kind: str  # "comparison" or "sweep"
    uuid: UUID
    title: str
    url: str
    names: Sequence[str]  # models of a comparison's columns, each once
    columns: int  # 0 for a sweep
    done: int  # cells of a sweep that have ended
    cells: int
    state: str  # in words; empty when there is nothing to say
    is_live: bool
    is_blind: bool
    updated_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class ListPage:
    lines: Sequence[Listed]
    query: str
    older: str  # what `?before=` is on the next page; empty on the last one


def list_all(user: User, *, query: str = "", before: str = "") -> ListPage:
    """One page. Five queries for any number of lines."""
    query = query.replace("\x00", "")[:MOST_QUERY].strip()
    since = parse_when(before)
    comparisons = _page(Comparison.objects.visible_to(user), query, since)
    sweeps = _page(Sweep.objects.visible_to(user), query, since)
    live = set(_live(user, comparisons))
    columns = _names(comparisons)
    lines = heapq.merge(
        (_comparison(one, columns.get(one.pk, []), is_live=one.pk in live) for one in comparisons),
        (_sweep(one, *cells) for one, cells in _with_cells(sweeps)),
        key=lambda line: line.updated_at,
        reverse=True,
    )
    found = list(lines)
    shown = found[:PAGE_ROWS]
    return ListPage(shown, query, shown[-1].updated_at.isoformat() if len(found) > PAGE_ROWS else "")


def parse_when(text: str) -> datetime.datetime | None:
    """None for what is no time."""
    try:
        found = parse_datetime(text[:40])
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _page(rows: QuerySet, query: str, before: datetime.datetime | None) -> list:  # type: ignore[type-arg]
    if query:
        rows = rows.filter(title__icontains=query)
    if before is not None:
        rows = rows.filter(updated_at__lt=before)
    return list(rows.order_by("-updated_at")[: PAGE_ROWS + 1])


def _live(user: User, comparisons: Sequence[Comparison]) -> Iterable[int]:
    """Those in which an answer is being written."""
    runs = Run.objects.visible_to(user).active().filter(source="compare").values("message__conversation")
    rows = Column.objects.filter(conversation__in=runs, comparison__in=[one.pk for one in comparisons])
    return rows.values_list("comparison", flat=True)


def _names(comparisons: Sequence[Comparison]) -> dict[int, list[str]]:
    """Models of the columns that are shown."""
    rows = Column.objects.filter(comparison__in=[one.pk for one in comparisons], is_removed=False)
    found: dict[int, list[str]] = {}
    for comparison, name in rows.order_by("position", "id").values_list("comparison", "conversation__model_name"):
        found.setdefault(comparison, []).append(name)
    return found


def _with_cells(sweeps: Sequence[Sweep]) -> Iterable[tuple[Sweep, tuple[int, int]]]:
    """Each with how many of its cells have ended, and how many there are."""
    rows = Cell.objects.filter(sweep__in=[one.pk for one in sweeps]).order_by().values("sweep")
    counted = rows.annotate(
        done=Count("pk", filter=~Q(state__in=[CellState.WAITING, CellState.RUNNING])), cells=Count("pk")
    )
    counts: Mapping[int, tuple[int, int]] = {row["sweep"]: (row["done"], row["cells"]) for row in counted}
    return [(one, counts.get(one.pk, (0, 0))) for one in sweeps]


def _comparison(one: Comparison, names: Sequence[str], *, is_live: bool) -> Listed:
    return Listed(
        kind="comparison",
        uuid=one.uuid,
        title=one.title,
        url=reverse("comparison", args=[one.uuid]),
        names=list(dict.fromkeys(name for name in names if name)),
        columns=len(names),
        done=0,
        cells=0,
        state="",
        is_live=is_live,
        is_blind=one.is_blind,
        updated_at=one.updated_at,
    )


def _sweep(one: Sweep, done: int, cells: int) -> Listed:
    model = one.base.get("model")
    return Listed(
        kind="sweep",
        uuid=one.uuid,
        title=one.title,
        url=reverse("sweep", args=[one.uuid]),
        names=[model] if isinstance(model, str) and model else [],
        columns=0,
        done=done,
        cells=cells,
        state=str(SweepState(one.state).label),
        is_live=one.state == SweepState.RUNNING,
        is_blind=False,
        updated_at=one.updated_at,
    )
