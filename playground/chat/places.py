"""Where an answer stands, for the list of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from playground.chat.models import Message

if TYPE_CHECKING:
    from playground.accounts.models import User


def find_answers(user: User, runs: Sequence[UUID]) -> Mapping[UUID, str]:
    """Addresses of the answers that `user` still has, by run. One query."""
    found = Message.objects.visible_to(user).filter(run__uuid__in=runs).values_list("run__uuid", "uuid")
    return {run: reverse("message", args=[message]) for run, message in found}
