"""A priced model, and short ways to budgets and to runs that spend from them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from playground.usage.models import Budget, Scope
from playground.usage.windows import Period
from tests.chat.making import make_model

# Of a run whose prompt is "Hello": 8 tokens at $2 and an answer of 1,000 tokens at $8 a million.
WORST = Decimal("0.008016")


@pytest.fixture
def model(db):
    return make_model("priced")  # 2 in, 0.5 cached, 8 out


@pytest.fixture
def make_budget(db):
    """A budget; of everybody together and of all time unless told."""

    def make(amount=WORST, **fields) -> Budget:
        return Budget.objects.create(
            **{"scope": Scope.ALL, "period": Period.TOTAL, "amount": Decimal(amount), **fields}
        )

    return make
