"""The figures that a grid can be coloured by: how each is read from a square and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground.lib.figures import count, dollars, percent, rate, rounded, seconds

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    label: str | Promise
    read: Callable[[Figures], float | None]
    say: Callable[[float], str]


def _figure(name: str) -> Callable[[Figures], float | None]:
    def read(figures: Figures) -> float | None:
        value = figures.get(name)
        return None if value is None else float(value)

    return read


def _passed(figures: Figures) -> float | None:
    """The share of checks passed, over all checks and repeats."""
    judged = sum(figures.get("judged", ()))
    return sum(figures["passed"]) / judged if judged else None


def _whole(value: float) -> str:
    return count(round(value))


METRICS = {
    metric.name: metric
    for metric in (
        Metric("cost", _("Cost"), _figure("cost"), lambda value: dollars(Decimal(repr(value)))),
        Metric("first_token_ms", _("First token"), _figure("first_token_ms"), lambda value: seconds(round(value))),
        Metric("tokens_per_second", _("Speed"), _figure("tokens_per_second"), rate),
        Metric("completion_tokens", _("Tokens"), _figure("completion_tokens"), _whole),
        Metric("length", _("Length"), _figure("length"), _whole),
        Metric("identical", _("Identical answers"), _figure("identical"), percent),
        Metric("similarity", _("Edit similarity"), _figure("similarity"), lambda value: rounded(value, 2)),
        Metric("distinct", _("Distinct answers"), _figure("distinct"), _whole),
        Metric("fingerprints", _("Fingerprint changes"), _figure("fingerprints"), _whole),
        Metric("passed", _("Checks passed"), _passed, percent),
    )
}
