"""Runs in the ledger, as the end of a run writes them."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

from django.db import transaction

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.usage.ledger import record
from playground.usage.models import LedgerEntry
from playground.usage.rollups import add_up
from playground.usage.spending import Spending

NOON = datetime.datetime(2026, 3, 15, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def spending(owner: User, model: Model | None, **fields: Any) -> Spending:
    """1,000 tokens in and 100 out at noon of March 15; a model without a row has no price."""
    return Spending(
        **{
            "run": uuid.uuid4(),
            "ran_at": NOON,
            "owner": owner.pk,
            "owner_name": owner.username,
            "source": "chat",
            "model": model.pk if model else None,
            "model_name": model.public_name if model else "fake/gone",
            "status": "completed",
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            "duration_ms": 1500,
            **fields,
        }
    )


def spend(owner: User, model: Model | None, count: int = 1, **fields: Any) -> list[uuid.UUID]:
    """`count` such runs, each a second after the one before. Their ids, the oldest first."""
    start = fields.pop("ran_at", NOON)
    made = [
        spending(owner, model, ran_at=start + number * datetime.timedelta(seconds=1), **fields)
        for number in range(count)
    ]
    with transaction.atomic():
        record(made)
    return [one.run for one in made]


def correct(run: uuid.UUID, amount: Decimal, **fields: Any) -> LedgerEntry:
    """As a re-pricing does it: the difference is an entry of its own."""
    wrong = LedgerEntry.objects.get(run=run, kind="run")
    copied = (
        "run",
        "ran_at",
        "day",
        "owner_id",
        "owner_name",
        "source",
        "provider",
        "model_name",
        "key",
        "preset",
        "status",
    )
    same = {name: getattr(wrong, name) for name in copied}
    right = LedgerEntry(
        kind="correction", corrects=wrong, amount=amount, is_estimated=wrong.is_estimated, **same, **fields
    )
    with transaction.atomic():
        right.save()
        add_up([right])
    return right
