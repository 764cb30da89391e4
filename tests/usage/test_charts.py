"""What charts draw: round ticks, bars that add up, labels that do not touch, the same figures as a table."""

import itertools
import re
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from playground.usage.charts import UNKNOWN, Point, Series, Top, Unit, bar_chart, line_chart, stack, top_list
from playground.usage.charts.scales import nice_ticks, write_ticks

HOSTILE = '"><script>alert(1)</script>'


def points(count, **fields):
    return [Point(f"D{number}", f"Day {number}", **fields) for number in range(count)]


def bars(*columns, unit=Unit.DOLLARS, **more):
    series = [Series(f"S{number}", column) for number, column in enumerate(columns)]
    return bar_chart(name="c", title="Spend", points=points(len(columns[0])), series=series, unit=unit, **more)


class TestTicks:
    @given(st.decimals("0.000000001", "1e12", places=9))
    def test_three_or_four_round_steps_hold_the_highest_value(self, most):
        ticks = nice_ticks(most)
        assert 3 <= len(ticks) - 1 <= 4
        assert ticks[-2] < most <= ticks[-1]

    @given(st.integers(0, 10**12))
    def test_counts_have_whole_steps(self, most):
        ticks = nice_ticks(Decimal(most), is_whole=True)
        assert all(tick == int(tick) for tick in ticks)
        assert ticks[-1] >= most

    @pytest.mark.parametrize(
        ("most", "unit", "shown"),
        [
            ("4.2", Unit.DOLLARS, ["$0", "$2", "$4", "$6"]),
            ("0.9", Unit.DOLLARS, ["$0", "$0.25", "$0.50", "$0.75", "$1.00"]),
            ("0.0021", Unit.DOLLARS, ["$0", "$0.001", "$0.002", "$0.003"]),
            ("42000", Unit.DOLLARS, ["$0", "$20k", "$40k", "$60k"]),
            ("2", Unit.COUNT, ["0", "1", "2"]),
            ("9000", Unit.COUNT, ["0", "2.5k", "5.0k", "7.5k", "10.0k"]),
            ("9000000", Unit.COUNT, ["0", "2.5M", "5.0M", "7.5M", "10.0M"]),
            ("900", Unit.MILLISECONDS, ["0.00 s", "0.25 s", "0.50 s", "0.75 s", "1.00 s"]),
        ],
    )
    def test_figures_have_the_digits_of_their_step(self, most, unit, shown):
        assert write_ticks(nice_ticks(Decimal(most), is_whole=unit == Unit.COUNT), unit) == shown


class TestBars:
    def test_stand_on_each_other_and_are_as_high_as_their_value(self):
        chart = bars([Decimal(1)], [Decimal(2)])  # of 3 on an axis to 3
        low, high = chart.bars
        assert (low.y, low.height) == ("666.667", "333.333")
        assert (high.y, high.height) == ("0", "666.667")

    def test_something_is_never_drawn_as_nothing(self):
        chart = bars([Decimal(1000), Decimal("0.001")], [Decimal(0), Decimal("0.002")])
        thin = [bar for bar in chart.bars if float(bar.x) > 1]
        assert [(bar.tone, float(bar.height) > 5) for bar in thin] == [("2", True)]

    def test_nothing_has_no_bar_and_says_so(self):
        chart = bars([0, 0])
        assert (chart.bars, chart.is_empty) == ([], True)
        assert "Nothing in this period." in render_to_string("components/_chart.html", {"chart": chart})

    def test_no_series_is_an_empty_chart(self):
        assert bar_chart(name="c", title="Spend", points=points(3), series=[], unit=Unit.COUNT).is_empty

    def test_a_series_that_lacks_a_value_is_a_mistake(self):
        with pytest.raises(ValueError, match="one value for each point"):
            bar_chart(name="c", title="", points=points(2), series=[Series("", [1])], unit=Unit.COUNT)

    def test_summary_names_sum_and_peak(self):
        assert bars([Decimal(1), Decimal(2)]).summary == "$3.00 in all; the most, $2.00: Day 1."

    def test_table_has_every_figure_and_their_sum(self):
        chart = bars([Decimal(1), None], [Decimal(2), Decimal(5)])
        assert chart.head == ["S0", "S1", "Total"]
        assert [list(row.cells) for row in chart.rows] == [["$1.00", "$2.00", "$3.00"], [UNKNOWN, "$5.00", "$5.00"]]

    def test_notes_stand_in_table_and_tooltip(self):
        series = [Series("Spend", [Decimal(1)])]
        chart = bar_chart(name="c", title="", points=points(1, note="2 unpriced"), series=series, unit=Unit.DOLLARS)
        assert chart.head == ["Spend", "Note"]
        assert chart.rows[0].cells == ["$1.00", "2 unpriced"]
        assert chart.hits[0].title == "Day 0\nSpend: $1.00\n2 unpriced"


class TestStack:
    def test_largest_first_and_what_is_beyond_is_added_up(self):
        series = stack({name: [number, number] for number, name in enumerate("abcdefgh")})
        assert [one.name for one in series] == ["h", "g", "f", "e", "d", "c", "2 others"]
        assert series[-1].values == [1, 1]
        assert series[-1].is_other


class TestLines:
    def test_an_unknown_value_is_a_gap(self):
        chart = line_chart(
            name="c",
            title="p50",
            points=points(4),
            series=[Series("p50", [100, 200, None, 300])],
            unit=Unit.MILLISECONDS,
        )
        assert [line.points.count(",") for line in chart.lines] == [2, 2]
        assert [list(row.cells) for row in chart.rows] == [["0.10 s"], ["0.20 s"], [UNKNOWN], ["0.30 s"]]


class TestLabels:
    @pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 30, 31, 90, 366])
    def test_are_few_and_at_equal_distances(self, count):
        labels = bars([1] * count, unit=Unit.COUNT).labels
        assert 1 <= len(labels) <= 8
        places = [float(label.x.rstrip("%")) for label in labels]
        assert all(b - a >= 11 for a, b in itertools.pairwise(places))


class TestTemplate:
    def test_hostile_names_are_text(self):
        chart = bar_chart(
            name="c",
            title="Spend",
            points=[Point("1", "1", url="/x/?model=" + HOSTILE, note=HOSTILE)],
            series=[Series(HOSTILE, [1]), Series("other", [2])],
            unit=Unit.COUNT,
        )
        html = render_to_string("components/_chart.html", {"chart": chart})
        lines = top_list(
            name="l", title="Models", rows=[Top(HOSTILE, 1, url="/?a=" + HOSTILE, note=HOSTILE)], unit=Unit.COUNT
        )
        html += render_to_string("components/_toplist.html", {"list": lines})
        assert "<script" not in html
        assert 'style="' not in html

    def test_positions_are_written_with_a_point_in_every_language(self):
        with translation.override("de"):
            html = render_to_string("components/_chart.html", {"chart": bars([Decimal("1.5"), Decimal(2)])})
        drawn = re.findall(r' (?:x|y|x1|x2|y1|y2|width|height)="([^"]*)"', html)
        assert len(drawn) > 20
        assert all(re.fullmatch(r"[\d.]+%?", value) for value in drawn)


class TestTopList:
    def test_bars_are_measured_by_the_longest_and_shares_by_the_sum(self):
        rows = [Top("a", Decimal(6)), Top("b", Decimal(2)), Top("c", None, figure="unpriced")]
        lines = top_list(name="l", title="", rows=rows, unit=Unit.DOLLARS).lines
        assert [(line.figure, line.share, line.width) for line in lines] == [
            ("$6.00", "75%", "100%"),
            ("$2.00", "25%", "33.333%"),
            ("unpriced", UNKNOWN, "0%"),
        ]

    def test_what_is_left_out_is_said(self):
        made = top_list(name="l", title="", rows=[Top(str(n), 10) for n in range(5)], unit=Unit.COUNT, most=3)
        assert (len(made.lines), made.more) == (3, "and 2 more: 20")
