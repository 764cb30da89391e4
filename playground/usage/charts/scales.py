"""The vertical axis of a chart: round figures at equal distances, and how values and figures on it are written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from django.utils.formats import number_format

from playground.lib.figures import count, dollars, seconds

Value = Decimal | int | None  # None: not known, which is not 0

UNKNOWN = "\N{EN DASH}"
MOST_STEPS = 4
_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_LARGE = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))
_WRITTEN_OUT_BELOW = 10_000


class Unit(StrEnum):
    """What a chart counts in."""

    DOLLARS = "dollars"
    COUNT = "count"
    MILLISECONDS = "milliseconds"


def write(value: Value, unit: Unit) -> str:
    """A value in full, as a table or a tooltip has it; a dash when it is not known."""
    if value is None:
        return UNKNOWN
    if unit == Unit.DOLLARS:
        return dollars(Decimal(value))
    return seconds(int(value)) if unit == Unit.MILLISECONDS else count(int(value))


def nice_ticks(most: Decimal, *, is_whole: bool = False) -> list[Decimal]:
    """From 0 in three or four equal, round steps up to `most` or a little more; fewer only for whole numbers below 3."""
    if most <= 0:
        most = Decimal(1)
    step = _step(most, is_whole=is_whole)
    steps = int((most / step).to_integral_value(ROUND_CEILING))
    return [step * number for number in range(steps + 1)]


def _step(most: Decimal, *, is_whole: bool) -> Decimal:
    power = Decimal(10) ** ((most / MOST_STEPS).adjusted())
    steps = (power * factor for factor in _ROUND)
    return next(step for step in steps if step * MOST_STEPS >= most and not (is_whole and step != int(step)))


def write_ticks(ticks: Sequence[Decimal], unit: Unit) -> list[str]:
    """The figures beside the axis, all with as many decimals as their step needs."""
    step = ticks[1] - ticks[0]
    if unit == Unit.MILLISECONDS:
        places = _places(step / 1000)
        return [f"{number_format(tick / 1000, places)} s" for tick in ticks]
    sign = "$" if unit == Unit.DOLLARS else ""
    size, letter = next(
        ((size, letter) for size, letter in _LARGE if ticks[-1] >= max(size, _WRITTEN_OUT_BELOW)), (1, "")
    )
    places = _places(step / size)
    if unit == Unit.DOLLARS and places and not letter:
        places = max(2, places)
    shown = [number_format(tick / size, places, force_grouping=True) for tick in ticks]
    return [f"{sign}0" if tick == 0 else f"{sign}{text}{letter}" for tick, text in zip(ticks, shown, strict=True)]


def _places(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
