"""Runs that have ended, written to the ledger as the engine's writer does it, and files that are streamed."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.usage.ledger import record
from playground.usage.models import LedgerEntry
from playground.usage.rollups import add_up
from playground.usage.spending import Spending

NOON = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
MARCH = "from=2026-03-01&to=2026-03-31"


def spending(owner: User, model: Model | None, **fields: Any) -> Spending:
    """1,000 tokens in, 100 out: $0.0028 with the prices of tests.chat.making."""
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
            "first_token_ms": 400,
            "duration_ms": 1400,
            **fields,
        }
    )


def enter(spendings: Sequence[Spending]) -> None:
    """In a transaction, as the one that ends the runs."""
    with transaction.atomic():
        record(spendings)


def spend(owner: User, model: Model | None, **fields: Any) -> LedgerEntry:
    one = spending(owner, model, **fields)
    enter([one])
    return LedgerEntry.objects.get(run=one.run)


def correct(entry: LedgerEntry, amount: Any, *, reason: str = "The price was wrong.", by: str = "admin") -> LedgerEntry:
    """As a re-pricing does it: the difference is an entry of its own."""
    copied = (
        "run", "ran_at", "day", "owner_id", "owner_name", "source", "provider", "model_name", "resolved_model", "key", "preset",
        "status", "is_estimated",
    )  # fmt: skip
    right = LedgerEntry(
        kind="correction",
        corrects=entry,
        amount=amount,
        reason=reason,
        made_by_name=by,
        **{name: getattr(entry, name) for name in copied},
    )
    right.save()
    add_up([right])
    return right


def days(number: int) -> datetime.datetime:
    """So many days after NOON."""
    return NOON + datetime.timedelta(days=number)


def body_of(response: Any) -> str:
    """All of a streamed answer, byte order mark left out."""

    async def read() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(read)().decode("utf-8-sig")
