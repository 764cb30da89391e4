"""Numbers as spreadsheets and invoices write them, in English and in other languages."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

MOST_CHARS = 40
MOST_TOKENS = 10**15
MOST_DOLLARS = Decimal(10**12)
MOST_DECIMALS = 30
_SHAPE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", re.IGNORECASE | re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+", re.ASCII)
_AROUND = re.compile(r"^(usd|us\$|\$)|(usd|us\$|\$)$", re.IGNORECASE)


class NotANumber(ValueError):
    """What stands there is no number that we read."""


def read_number(text: str, *, has_decimal_comma: bool = False) -> Decimal:
    """ "1,234.5", "$0.02", "1.2e-05", "(3.10)" for what was credited; with `has_decimal_comma` also "1.234,5" and "0,02".

    NotANumber for everything else, what is not finite included.
    """
    bare = re.sub(r"[\s'\u00a0\u202f]", "", text[: MOST_CHARS + 1])
    if not bare or len(text) > MOST_CHARS:
        raise NotANumber
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    sign = "-" if bare.startswith(("-", "\N{MINUS SIGN}")) else ""
    bare = sign + _AROUND.sub("", bare.lstrip("+-\N{MINUS SIGN}"))
    bare = _with_point(bare, has_decimal_comma)
    if not _SHAPE.fullmatch(bare):
        raise NotANumber
    try:
        return Decimal(bare)
    except InvalidOperation:
        raise NotANumber from None


def _with_point(bare: str, has_decimal_comma: bool) -> str:
    """With a point for the decimals, and nothing between thousands."""
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:  # the later one begins the decimals
        return bare.replace(",", "") if point > comma else bare.replace(".", "").replace(",", ".")
    sign, begins_decimals = ("," if comma >= 0 else "."), (comma >= 0) is has_decimal_comma
    # One group of three after the sign that begins decimals here is decimals; two are thousands all the same.
    if _THOUSANDS.fullmatch(bare.replace(sign, ",")) and (not begins_decimals or bare.count(sign) > 1):
        return bare.replace(sign, "")
    return bare.replace(sign, ".")


def read_tokens(text: str, *, has_decimal_comma: bool = False) -> int:
    """A count: whole, not negative, below a quadrillion. "12.0" is one."""
    value = read_number(text, has_decimal_comma=has_decimal_comma)
    if value != value.to_integral_value() or not 0 <= value <= MOST_TOKENS:
        raise NotANumber
    return int(value)


def read_dollars(text: str, *, has_decimal_comma: bool = False) -> Decimal:
    """An amount below a trillion, either way."""
    value = read_number(text, has_decimal_comma=has_decimal_comma)
    exponent = value.as_tuple().exponent
    if abs(value) > MOST_DOLLARS or not isinstance(exponent, int) or -exponent > MOST_DECIMALS:
        raise NotANumber
    return value
