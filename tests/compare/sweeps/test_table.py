"""Tables of inputs: what spreadsheets write, and what nobody should get through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.compare.sweeps.plan import MAX_COLUMNS, MAX_INPUTS
from playground.compare.sweeps.table import BadTable, read_table, write_table


@pytest.mark.parametrize(
    "text",
    [
        "port,language\nBrest,French\nCork,English\n",
        "\ufeffport;language\r\nBrest;French\r\n\r\nCork;English",
        "port\tlanguage\nBrest\tFrench\nCork\tEnglish\t\n",
        "{{port}},{{ language }}\nBrest,French\n,\nCork,English",
    ],
)
def test_the_same_table_in_many_ways(text):
    assert read_table(text) == ({"port": "Brest", "language": "French"}, {"port": "Cork", "language": "English"})


def test_values_hold_what_they_like():
    text = 'note\n"two\nlines, and a ""quote"""\n=HYPERLINK("x")\n{{note}}\n'
    assert [row["note"] for row in read_table(text)] == ['two\nlines, and a "quote"', '=HYPERLINK("x")', "{{note}}"]


def test_short_rows_are_filled_up():
    assert read_table("a,b,c\n1\n") == ({"a": "1", "b": "", "c": ""},)


def test_no_table_is_no_inputs():
    assert read_table("") == read_table(" \n ") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port\n", "no rows"),
        ("a,a\n1,2", "same name"),
        ("1st\nx", "cannot name"),
        ("<script>\nx", "cannot name"),
        ("a\n1,2,3", "Row 1"),
        ("a\n" + "x\n" * (MAX_INPUTS + 1), "more than"),
        (",".join(f"c{n}" for n in range(MAX_COLUMNS + 1)) + "\n1", "columns"),
        ("a\n\0", "NUL|can be read"),
        ("a\n" + "x" * 200_000, "can be read"),
        ("x" * 1_000_001, "1,000,000"),
        ('a\n"never ends', "can be read"),
    ],
)
def test_what_is_no_table_is_refused_in_words(text, says):
    with pytest.raises(BadTable, match=says):
        read_table(text)


_value = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r"), max_size=20)


@given(
    st.lists(st.tuples(_value, _value).filter(lambda row: any(value.strip() for value in row)), min_size=1, max_size=5)
)
def test_what_is_written_is_read_again(rows):
    table = tuple({"a": one, "b": other} for one, other in rows)
    assert read_table(write_table(table)) == table
