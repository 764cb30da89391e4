"""Where an answer of a comparison or a sweep stands, for the list of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from playground.compare.models import Column, Sweep

if TYPE_CHECKING:
    from playground.accounts.models import User


def find_columns(user: User, runs: Sequence[UUID]) -> Mapping[UUID, str]:
    """Addresses of the comparisons that `user` still has, by run. One query."""
    rows = Column.objects.filter(
        comparison__owner=user,
        comparison__deleted_at=None,
        conversation__messages__run__uuid__in=runs,
        conversation__messages__deleted_at=None,
    )
    found = rows.values_list("conversation__messages__run__uuid", "comparison__uuid", "conversation__messages__uuid")
    return {run: f"{reverse('comparison', args=[comparison])}#message-{message}" for run, comparison, message in found}


def find_sweeps(user: User, runs: Sequence[UUID]) -> Mapping[UUID, str]:
    """The same of sweeps. One query."""
    rows = Sweep.objects.visible_to(user).filter(
        conversation__messages__run__uuid__in=runs, conversation__messages__deleted_at=None
    )
    found = rows.order_by().values_list("conversation__messages__run__uuid", "uuid")
    return {run: reverse("sweep", args=[sweep]) for run, sweep in found}
