"""Cells that spreadsheets may not take for formulas, numbers that stay numbers, lines as RFC 4180 has them."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.lib.csv import BOM, cell, csv_response, guard, lines

FORMULAS = [
    '=HYPERLINK("http://x","y")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "\tplain",
    "\rplain",
    "\nplain",
    "\0plain",
    " =1+1",
    "\N{NO-BREAK SPACE}=1+1",
    "\N{ZERO WIDTH SPACE}=1+1",
    "\N{ZERO WIDTH NO-BREAK SPACE}=1+1",
    "\N{IDEOGRAPHIC SPACE}@x",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "\N{FULLWIDTH PLUS SIGN}1+1",
    "\N{FULLWIDTH HYPHEN-MINUS}1+1",
    "\N{FULLWIDTH COMMERCIAL AT}SUM(A1)",
    " \N{FULLWIDTH EQUALS SIGN}cmd|' /C calc'!A0",
    "=cmd|' /C calc'!A0",
    "-5",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_could_be_a_formula_has_an_apostrophe_before_it(text):
    assert guard(text) == cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "openai/gpt-4.1", "a=b", "5-3", "'=1", "sk-ab…12", "  spaced", "ß"])
def test_other_text_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (-5, "-5"),
        (0, "0"),
        (Decimal("-0.000000001"), "-0.000000001"),
        (Decimal("1E+3"), "1000"),
        (-0.5, "-0.5"),
        (True, "true"),
        (datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC), "2026-03-01T12:00:00Z"),
        (datetime.date(2026, 3, 1), "2026-03-01"),
    ],
)
def test_numbers_stay_numbers(value, shown):
    assert cell(value) == shown


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4), max_size=5))
def test_every_reader_gets_back_what_was_written(rows):
    read = list(csv.reader(io.StringIO(lines(rows), newline="")))
    assert read == [[guard(text) for text in row] for row in rows]


@pytest.mark.django_db
async def test_a_file_is_asked_for_piece_by_piece():
    asked = []

    def batches():
        for number in range(3):
            asked.append(number)
            yield [[number, "ü"]]

    response = csv_response('us"age\r\n.csv', ["n", "text"], batches())
    parts = aiter(response)
    assert await anext(parts) == f"{BOM}n,text\r\n".encode()
    assert asked == []
    assert await anext(parts) == "0,ü\r\n".encode()
    assert asked == [0]
    assert [part async for part in parts] == ["1,ü\r\n".encode(), "2,ü\r\n".encode()]
    assert response["Content-Disposition"] == 'attachment; filename="us-age--.csv"'
