"""Comparisons and sweeps by their titles, for the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from playground.chat.other_hits import OtherHit
from playground.chat.search import marked
from playground.compare.models import Comparison, Sweep

if TYPE_CHECKING:
    from playground.accounts.models import User

MOST = 10  # of each


def find_titles(user: User, words: Sequence[str]) -> list[OtherHit]:
    """Titles that hold all of `words`. Two queries."""
    holds = Q()
    for word in words:
        holds &= Q(title__icontains=word)
    comparisons = Comparison.objects.visible_to(user).filter(holds).order_by("-updated_at")[:MOST]
    sweeps = Sweep.objects.visible_to(user).filter(holds).order_by("-updated_at")[:MOST]
    return [*_hits(comparisons, "comparison", _("Comparison"), words), *_hits(sweeps, "sweep", _("Sweep"), words)]


def _hits(rows: Iterable[Comparison | Sweep], name: str, kind: str, words: Sequence[str]) -> list[OtherHit]:
    return [OtherHit(reverse(name, args=[one.uuid]), kind, marked(one.title, words), one.updated_at) for one in rows]
