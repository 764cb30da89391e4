"""Money that is held for runs which will not end any more."""

from __future__ import annotations

from playground.runs.models import Run
from playground.usage.models import Hold
from playground.usage.settling import release


def release_gone() -> int:
    """Give back what is held for runs that were deleted before they ended. Returns how many holds. One query when there are none.

    A hold and its run appear together and go together, so what is seen without its run has lost it.
    """
    return release(Hold.objects.exclude(run__in=Run.objects.active().values("uuid")))
