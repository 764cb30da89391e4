"""What the database knows of runs that other processes carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from playground.runs.models import Run, RunPiece


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run as it was last saved. The text is empty unless it was asked for."""

    is_ended: bool
    text: str = ""
    reasoning: str = ""


def saved_runs(runs: Sequence[UUID], *, with_text: bool) -> dict[UUID, SavedRun]:
    """Those of `runs` that have a row. One query, two with text."""
    rows = list(Run.objects.filter(uuid__in=runs).only("pk", "uuid", "status"))
    texts: defaultdict[int, list[RunPiece]] = defaultdict(list)
    if with_text:
        for piece in RunPiece.objects.filter(run__in=[row.pk for row in rows if row.is_active]):
            texts[piece.run_id].append(piece)
    return {
        row.uuid: SavedRun(
            is_ended=not row.is_active,
            text="".join(piece.text for piece in texts[row.pk]),
            reasoning="".join(piece.reasoning for piece in texts[row.pk]),
        )
        for row in rows
    }
