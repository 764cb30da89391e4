"""US dollars: exact Decimals in Python, integers in the database."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from django import forms
from django.db import models
from django.db.models.expressions import Combinable

# Fine enough for a single token of any price list, and the sums of a big company still fit.
DECIMALS = 9
_PER_DOLLAR = 10**DECIMALS
_DIGITS = 40  # of what is multiplied or divided on the way: nothing is rounded before the end


class MoneyField(models.BigIntegerField):  # type: ignore[type-arg]  # generic in the stubs alone
    """US dollars as a Decimal, kept as an integer of 1e-9 dollars: sums are exact on every database. Up to 9.2 billion dollars.

    SQLite keeps a Django DecimalField as a binary fraction, and adds those up.
    """

    description = "US dollars"
    # What django-stubs reads: the types of what may be set and of what is got.
    _pyi_private_set_type: Decimal | int | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else to_integer(Decimal(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_integer(int(value))

    def to_python(self, value: Any) -> Any:
        return None if value is None else Decimal(value)

    def formfield(self, **kwargs: Any) -> Any:
        limits = {"max_digits": 13, "decimal_places": 6, "min_value": Decimal(0)}
        return models.Field.formfield(self, **{"form_class": forms.DecimalField, **limits, **kwargs})


def to_integer(amount: Decimal) -> int:
    """`amount` dollars in units of 1e-9 dollars; what is finer is rounded half to even."""
    with localcontext(prec=_DIGITS):
        return int((amount * _PER_DOLLAR).to_integral_value(ROUND_HALF_EVEN))


def rounded(amount: Decimal) -> Decimal:
    """`amount` as it is when it comes back from the database."""
    return from_integer(to_integer(amount))


def from_integer(amount: int) -> Decimal:
    """Dollars of `amount` units of 1e-9 dollars."""
    with localcontext(prec=_DIGITS):
        dollars: Decimal = Decimal(amount) / _PER_DOLLAR
    return dollars
