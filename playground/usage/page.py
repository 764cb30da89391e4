"""The usage page as its templates read it: plain values, all queries done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.urls import reverse

from playground.usage.budget_cards import BudgetCard, budget_cards
from playground.usage.charts import Chart, TopList
from playground.usage.figures import Ask, Only, by_slot_and_name, find, ranked, total
from playground.usage.filters import Filters
from playground.usage.listing import RunList, list_runs
from playground.usage.models import DailyUsage
from playground.usage.overview import charts, lists
from playground.usage.selects import DIMENSIONS, Select, selects
from playground.usage.tiles import Tile, tiles

if TYPE_CHECKING:
    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class UsagePage:
    filters: Filters
    budgets: Sequence[BudgetCard]
    selects: Sequence[Select]
    tiles: Sequence[Tile]
    before_url: str
    before_title: str
    charts: Sequence[Chart]
    lists: Sequence[TopList]
    runs: RunList
    has_estimates: bool
    has_unpriced: bool
    is_empty: bool  # no run in this period, of those that are meant
    csv_url: str
    clear_url: str


def build_page(user: User, filters: Filters) -> UsagePage:
    """What `user` spent, and has left. Four queries, however much that is; one more when a budget applies."""
    rows = DailyUsage.objects.visible_to(user)
    mine = filters.only.usage(rows, filters.period)
    found = find(
        {
            "days": Ask(mine, ("day", "model_name")),
            "before": Ask(filters.only.usage(rows, filters.period.before)),
            **{name: Ask(mine, (field,)) for name, field in DIMENSIONS.items()},
        }
        | _options(filters, rows)
    )
    now, before, slots = total(found["days"]), total(found["before"]), filters.period.slots()
    seen = {name: [value for value, _sums in ranked(found.get(f"all {name}", found[name]))] for name in DIMENSIONS}
    return UsagePage(
        filters=filters,
        budgets=budget_cards(user),
        selects=selects(filters, seen),
        tiles=tiles(filters, now, before),
        before_url=filters.query(filters.period.before, status=None, only=None),
        before_title=filters.period.before.title,
        charts=charts(filters, slots, by_slot_and_name(found["days"], slots)),
        lists=lists(filters, {name: ranked(found[name]) for name in DIMENSIONS}),
        runs=list_runs(user, filters),
        has_estimates=now.is_estimated,
        has_unpriced=now.unpriced_runs > 0,
        is_empty=not now.runs,
        csv_url=reverse("usage_csv") + filters.query(),
        clear_url=filters.query(status=None, only=None, **dict.fromkeys(DIMENSIONS)),
    )


def _options(filters: Filters, rows: QuerySet[DailyUsage]) -> dict[str, Ask]:
    """What else could be chosen, where a choice hides it."""
    if not filters.is_narrowed:
        return {}
    everything = Only().usage(rows, filters.period)
    return {f"all {name}": Ask(everything, (field,)) for name, field in DIMENSIONS.items()}
