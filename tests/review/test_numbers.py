import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.review.numbers import NotANumber, read_dollars, read_number, read_tokens


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"), ("1,234", "1234"), ("1,234,567.89", "1234567.89"), ("1.234.567,89", "1234567.89"), ("$0.02", "0.02"),
        ("USD 3", "3"), ("3 USD", "3"), ("-1.5", "-1.5"), ("(1.50)", "-1.5"), ("$-2", "-2"), ("1.2e-05", "0.000012"),
        (".5", "0.5"), ("1 234.5", "1234.5"), ("1\u00a0234", "1234"), ("0,02", "0.02"), ("\N{MINUS SIGN}4", "-4"),
    ],
)  # fmt: skip
def test_numbers_that_are_read(text, value):
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"), [("1.234", "1234"), ("1,234", "1.234"), ("0,02", "0.02"), ("1.234,5", "1234.5"), ("12", "12")]
)
def test_where_the_comma_begins_decimals(text, value):
    assert read_number(text, has_decimal_comma=True) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "=1+1",
        "NaN",
        "Infinity",
        "1e999",
        "0x10",
        "1_000",
        "1.2.3",
        "1-",
        "²",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "9" * 41,
        "1e",
        "$",
        "()",
    ],
)
def test_what_is_no_number(text):
    with pytest.raises(NotANumber):
        read_number(text)


@pytest.mark.parametrize("text", ["-1", "0.5", "1e16"])
def test_what_is_no_count(text):
    with pytest.raises(NotANumber):
        read_tokens(text)


@pytest.mark.parametrize("text", ["1e13", "1e-31"])
def test_what_is_no_amount(text):
    with pytest.raises(NotANumber):
        read_dollars(text)


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_a_number_or_is_none(text, has_decimal_comma):
    with contextlib.suppress(NotANumber):
        assert read_number(text, has_decimal_comma=has_decimal_comma).is_finite()


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_what_python_writes_is_read(value):
    assert read_number(f"{value:,}") == value
