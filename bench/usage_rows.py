"""A year of ledger entries as a company makes them: the same ones every time, written as fast as the database takes them."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

LAST_DAY = datetime.date(2026, 10, 31)
DAYS = 365
PEOPLE = 500
GROUPS = 8
PRESETS = 40
UNPRICED = "house/experimental"
# US dollars per million tokens: in, cached, out; milliseconds to the first token; how often it is chosen.
MODELS: dict[str, tuple[str, str, str, int, float]] = {
    "openai/gpt-4.1": ("2", "0.5", "8", 520, 20),
    "openai/gpt-4.1-mini": ("0.4", "0.1", "1.6", 380, 24),
    "openai/gpt-4.1-nano": ("0.1", "0.025", "0.4", 290, 12),
    "azure/gpt-4.1": ("2", "0.5", "8", 610, 8),
    "azure/gpt-4.1-mini": ("0.4", "0.1", "1.6", 450, 7),
    "openrouter/large": ("3", "0.3", "15", 900, 8),
    "openrouter/medium": ("0.8", "0.2", "4", 700, 6),
    "openrouter/small": ("0.2", "0.05", "0.6", 480, 4),
    "house/llama-70b": ("0", "0", "0", 240, 5),
    "house/llama-8b": ("0", "0", "0", 110, 4),
    "house/coder": ("0.05", "0.05", "0.1", 160, 1.5),
    UNPRICED: ("", "", "", 300, 0.5),
}
STATUSES = {"completed": 92.0, "stopped": 4.0, "failed": 3.0, "interrupted": 1.0}
FAMILIES = ({"chat": 1.0}, {"chat": 0.85, "compare": 0.15}, {"api": 0.95, "chat": 0.05})
FAMILY_WEIGHTS = (70, 20, 10)
COLUMNS = (
    "uuid", "kind", "run", "ran_at", "day", "created_at", "owner_id", "owner_name", "source", "provider", "model_name",
    "resolved_model", "key", "preset", "status", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens",
    "audio_tokens", "image_tokens", "usage", "is_estimated", "price_id", "input_price", "cached_price", "output_price", "amount",
    "first_token_ms", "duration_ms", "corrects_id", "reason", "made_by_name",
)  # fmt: skip
CHUNK = 10_000  # rows a statement: the product lets none take longer than its limit


@dataclass(frozen=True)
class Habits:
    """What one person uses, and how much of it."""

    owner: int
    name: str
    weight: float
    models: Sequence[str]
    sources: Sequence[str]
    source_weights: Sequence[float]
    keys: Sequence[str]
    presets: Sequence[str]


def make_people() -> list[Habits]:
    """Accounts in groups. A tenth of the people are programs and their makers, and send ten times as much."""
    from django.contrib.auth.models import Group

    from playground.accounts.models import User

    random = Random(1)
    users = User.objects.bulk_create(
        User(username=f"person-{number:03}", password="!") for number in range(PEOPLE)
    )  # nobody signs in as them
    groups = Group.objects.bulk_create(Group(name=f"Team {number + 1}") for number in range(GROUPS))
    membership = User.groups.through
    membership.objects.bulk_create(
        membership(user_id=user.pk, group_id=random.choice(groups).pk) for user in users if random.random() < 0.9
    )
    return [_habits(user.pk, user.username, random) for user in users]


def _habits(owner: int, name: str, random: Random) -> Habits:
    (family,) = random.choices(FAMILIES, FAMILY_WEIGHTS)
    is_program = "api" in family
    favourites = {_choose_model(random) for _ in range(random.randint(2, 4))}
    return Habits(
        owner=owner,
        name=name,
        weight=random.lognormvariate(0, 1) * (10 if is_program else 1),
        models=sorted(favourites),
        sources=list(family),
        source_weights=list(family.values()),
        keys=[f"sk-{random.randrange(16**6):06x}…{random.randrange(16**4):04x}" for _ in range(random.randint(1, 3))],
        presets=[f"preset-{random.randrange(PRESETS)}@{random.randint(1, 4)}" for _ in range(2)],
    )


def _choose_model(random: Random) -> str:
    return random.choices(list(MODELS), [model[4] for model in MODELS.values()])[0]


def entries(people: Sequence[Habits], count: int) -> Iterator[tuple[Any, ...]]:
    """`count` rows in the order of time, as COLUMNS: more each month, few on weekends."""
    random = Random(2)
    first = LAST_DAY - datetime.timedelta(days=DAYS - 1)
    days = [first + datetime.timedelta(days=number) for number in range(DAYS)]
    busy = [(0.6 + 0.8 * number / DAYS) * (0.25 if day.weekday() >= 5 else 1) for number, day in enumerate(days)]
    weights = [person.weight for person in people]
    written = 0
    for number, day in enumerate(days):
        due = round(count * sum(busy[: number + 1]) / sum(busy)) - written
        written += due
        moments = sorted(min(max(random.gauss(13, 3.5), 0), 23.99) for _ in range(due))
        midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
        for person, hour in zip(random.choices(people, weights, k=due), moments, strict=True):
            yield _entry(person, midnight + datetime.timedelta(hours=hour), random)


def _entry(person: Habits, ran_at: datetime.datetime, random: Random) -> tuple[Any, ...]:
    model = person.models[min(int(random.expovariate(1.5)), len(person.models) - 1)]  # the first one most of the time
    (source,) = random.choices(person.sources, person.source_weights)
    (status,) = random.choices(list(STATUSES), list(STATUSES.values()))
    input_price, cached_price, output_price, first_ms, _ = MODELS[model]
    is_refused = status == "failed" and random.random() < 0.7
    prompt = None if is_refused else min(int(random.lognormvariate(6.8, 1.2)), 900_000)
    cached = prompt and (int(prompt * random.random()) if random.random() < 0.3 else 0)
    completion = None if is_refused else int(random.lognormvariate(5.6, 1.0) * (1 if status == "completed" else 0.4))
    is_estimated = not is_refused and random.random() < (0.01 if status == "completed" else 0.6)
    first_token_ms = None if status == "failed" else int(first_ms * random.lognormvariate(0, 0.5))
    usage = None
    if prompt is not None and not is_estimated:
        usage = json.dumps({
            "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + (completion or 0),
            "prompt_tokens_details": {"cached_tokens": cached}, "completion_tokens_details": {"reasoning_tokens": 0},
        })  # fmt: skip
    amount: Decimal | None = Decimal(0)
    if prompt is not None:
        amount = None
        if model != UNPRICED:
            fresh = (prompt - (cached or 0)) * Decimal(input_price) + (cached or 0) * Decimal(cached_price)
            amount = (fresh + (completion or 0) * Decimal(output_price)) / 1_000_000
    return (
        _uuid(random), "run", _uuid(random), ran_at, ran_at.date(), ran_at, person.owner, person.name, source,
        model.partition("/")[0], model, model.partition("/")[2] + "-2026-04-14",
        random.choice(person.keys) if source == "api" else "",
        random.choice(person.presets) if random.random() < 0.3 else "",
        status, prompt, cached, completion, None, None, None, usage, is_estimated, None,
        _decimal(input_price), _decimal(cached_price), _decimal(output_price), amount,
        first_token_ms, first_token_ms and first_token_ms + int(12 * (completion or 0)), None, "", "",
    )  # fmt: skip


def _uuid(random: Random) -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def write(rows: Iterator[tuple[Any, ...]]) -> None:
    """COPY into PostgreSQL, `executemany` into SQLite; both without the ORM's objects."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        marks = ", ".join(["?"] * len(COLUMNS))
        while some := list(islice(rows, CHUNK)):
            if connection.vendor == "postgresql":
                with cursor.cursor.copy(f"COPY usage_ledgerentry ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                    for row in some:
                        copy.write_row(_money_as_integer(row))
                continue
            cursor.connection.executemany(
                f"INSERT INTO usage_ledgerentry ({', '.join(COLUMNS)}) VALUES ({marks})", map(_for_sqlite, some)
            )


def _money_as_integer(row: tuple[Any, ...]) -> tuple[Any, ...]:
    from playground.lib.money import to_integer

    place = COLUMNS.index("amount")
    amount = None if row[place] is None else to_integer(row[place])
    return (*row[:place], amount, *row[place + 1 :])


def _for_sqlite(row: tuple[Any, ...]) -> list[Any]:
    """As Django writes these types there."""
    known = {
        uuid.UUID: lambda value: value.hex,
        datetime.datetime: lambda value: value.replace(tzinfo=None).isoformat(" "),
        datetime.date: str,
        Decimal: str,
    }
    return [known.get(type(value), lambda value: value)(value) for value in _money_as_integer(row)]
