"""What a sweep's squares add up to, worked out anew when cells of them have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F, QuerySet

from playground.chat.showing import Amounts, load_amounts, show_run
from playground.compare.models import Cell, Square, Sweep
from playground.compare.sweeps.figures import Repeat, figures_of
from playground.runs.wording import sentence

AT_ONCE = 40  # squares; their answers are in memory meanwhile


def settle(sweep: Sweep) -> int:
    """Write the figures of some stale squares under a new revision. Returns how many. Five queries, one without stale ones."""
    stale = list(Square.objects.filter(sweep=sweep, is_stale=True).order_by("number")[:AT_ONCE])
    if not stale:
        return 0
    # Before their cells are read: a cell that changes meanwhile marks its square again.
    Square.objects.filter(pk__in=[square.pk for square in stale]).update(is_stale=False)
    repeats = _repeats(stale)
    for square in stale:
        square.figures = figures_of(repeats[square.pk])
    with transaction.atomic():
        Sweep.objects.filter(pk=sweep.pk).update(revision=F("revision") + 1)
        sweep.refresh_from_db(fields=["revision"])
        for square in stale:
            square.revision = sweep.revision
        Square.objects.bulk_update(stale, ["figures", "revision"])
    return len(stale)


def _repeats(squares: Sequence[Square]) -> Mapping[int, list[Repeat]]:
    found: dict[int, list[Repeat]] = {square.pk: [] for square in squares}
    cells = cells_with_runs(Cell.objects.filter(square__in=squares).order_by("repeat"))
    amounts = load_amounts(cell.answer.run for cell in cells if cell.answer and cell.answer.run)
    for cell in cells:
        found[cell.square_id].append(repeat_of(cell, amounts))
    return found


def cells_with_runs(cells: QuerySet[Cell]) -> list[Cell]:
    """With their answers and runs, without what is large and not looked at. One query."""
    return list(
        cells.select_related("answer__run").defer(
            "answer__html",
            "answer__reasoning",
            "answer__run__text",
            "answer__run__reasoning",
            "answer__run__response",
            "answer__run__receipt",
        )
    )


def repeat_of(cell: Cell, amounts: Amounts) -> Repeat:
    run = cell.answer.run if cell.answer else None
    if cell.answer is None or run is None:
        return Repeat(cell.state, problem=cell.problem)
    shown = show_run(run, amounts)
    return Repeat(
        state=cell.state,
        text=cell.answer.text,
        model=run.model_name,
        first_token_ms=shown.first_token_ms,
        tokens_per_second=shown.tokens_per_second,
        prompt_tokens=shown.prompt_tokens,
        completion_tokens=shown.completion_tokens,
        cost=shown.cost,
        finish_reason=shown.finish_reason,
        fingerprint=shown.system_fingerprint,
        problem=sentence(run.error) if run.error else "",
        results=tuple(cell.results),
    )
