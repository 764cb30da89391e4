"""A month of mixed traffic through the real engine, every fault of the fake server included, against that server's own invoice."""

from __future__ import annotations

import asyncio
import datetime
import random
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.db.models import Q, Sum

from playground.catalog.models import Model, Price, Provider
from playground.lib.tokens import ChatText, chat_tokens
from playground.runs import services, sources
from playground.runs.events import TextDelta
from playground.runs.models import Run, RunPiece, RunStatus
from playground.runs.outcomes import interrupt_abandoned
from playground.usage.models import DailyUsage, LedgerEntry, Repricing
from playground.usage.repricing import carry_out, last_entry
from tests.fake_openai import SCENARIOS, Reply, scenario
from tests.fake_openai.frames import pieces_of, usage_of
from tests.usage.books import assert_every_ended_run_has_one_entry, assert_sums_are_exact
from tests.usage.invoice import Bill, Billed, Line

FIRST = datetime.date(2026, 3, 1)
DAYS = 31
A_DAY = 7  # ordinary runs
FAULTY_DAYS = (4, 11, 18, 25)  # days on which the server plays its faults: in parallel, since some take their time
# Never over, or larger than anybody reads: what was generated and what arrived are two things.
FLOODS = {"endless", "endless-slow"}
# Their replies are not HTTP as we accept it, or grow when they are unpacked: who sends that keeps no books.
NO_BOOKS = {"header-flood", "header-line", "gzip-bomb"}
# How far the estimate of one run may be off its bill, below and above: by a tokenizer that we have, and by counting bytes. Measured;
# what is below comes of the marks around thoughts, which are no text to us. Decision 0010 states it.
STATED_ERROR = {
    "fake/changing": (Decimal("-0.11"), Decimal("0.60")),
    "fake/steady": (Decimal("-0.11"), Decimal("0.60")),
}
ANSWERS = (
    "High water at Brest is at twelve past four in the morning, and the range is almost six metres.",
    "The moon pulls, the sun helps at new and full moon, and the coast decides the rest. " * 8,
    "```python\ndef height(t: float) -> float:\n    return 2.9 * (1 - cos(pi * t / 6.2))\n```\nIn code, that is.",
)
# Per 1,000,000 tokens, from the day on: of the model whose price changes twice, and of the other one.
CHANGING = (
    (1, Decimal(2), Decimal("0.5"), Decimal(8)),
    (10, Decimal(3), Decimal("0.75"), Decimal(12)),
    (20, Decimal(1), None, Decimal(4)),
)
STEADY = ((1, Decimal("0.15"), Decimal("0.015"), Decimal("0.6")),)


class Questions:
    """A face whose runs ask what their request id says."""

    def text(self, run):
        return f"{run.request_id}. When is high water at Brest, and why does it come later every day?"

    def messages(self, run):
        return [{"role": "user", "content": self.text(run)}]

    def prompt_tokens(self, run):
        return chat_tokens([ChatText("user", self.text(run))], run.model.tokenizer if run.model else "").tokens

    def prefix(self, run):
        return ""

    def digest(self, run, text):
        return None

    def finished(self, run, digest):
        pass

    def proceed(self, run):
        pass


@dataclass
class Month:
    """The runs so far, and what the server has written down about each."""

    fake: object
    owners: list
    models: dict[str, Model]
    chance: random.Random = field(default_factory=lambda: random.Random(31))
    bills: dict[UUID, list[Bill]] = field(default_factory=dict)
    runs: list[UUID] = field(default_factory=list)
    played: dict[UUID, str] = field(default_factory=dict)  # names of scenarios
    extra: dict[UUID, Line] = field(default_factory=dict)  # of runs whose process was killed

    async def ask(self, model: str, *replies: Reply, name: str = "", plain: bool = False) -> Run:
        run = await sync_to_async(services.create_run)(
            owner=self.chance.choice(self.owners),
            source="month",
            model=self.models[model],
            request_id=f"run {len(self.runs):04d}",
            request={
                "model": self.models[model].name,
                **({"stream": True, "stream_options": {"include_usage": True}} if not plain else {}),
            },
            receipt={},
        )
        bills: list[Bill] = []
        self.bills[run.uuid] = bills
        self.runs.append(run.uuid)
        self.played[run.uuid] = name
        asked = f"{run.request_id}."
        if replies:
            self.fake.play(*(Billed(reply, bills) for reply in replies), when=lambda request: asked in request.prompt)
        services.start_run(run)
        await asyncio.sleep(0)
        return run

    async def end(self, run: Run) -> None:
        async with asyncio.timeout(120):
            async for _batch in services.follow(run.uuid):
                pass

    def line(self, run: UUID) -> Line | None:
        """What the invoice has for it: of several tries the last is the one that counts."""
        if run in self.extra:
            return self.extra[run]
        return next((line for bill in reversed(self.bills[run]) if (line := bill.line())), None)


def usage(prompt, completion, cached):
    details = {"prompt_tokens_details": {"cached_tokens": cached}}
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion, **details}


@pytest.fixture
def month(fake, alice, bob, engine, settings):
    settings.UPSTREAM_CONNECT_SECONDS = 2
    settings.UPSTREAM_FIRST_TOKEN_SECONDS = 1.5
    settings.UPSTREAM_SILENCE_SECONDS = 1.5
    settings.RUN_TOTAL_SECONDS = 4
    sources.register("month", Questions())
    provider = Provider.objects.create(slug="fake", name="Fake", base_url=fake.base_url, requires_key=False)
    keyless = Provider.objects.create(slug="keyless", name="Keyless", base_url=fake.base_url, requires_key=True)
    made = {
        "changing": Model.objects.create(provider=provider, name="changing", title="C", tokenizer="o200k_base"),
        "steady": Model.objects.create(provider=provider, name="steady", title="S"),
        "unpriced": Model.objects.create(provider=provider, name="unpriced", title="U"),
        "unsendable": Model.objects.create(provider=keyless, name="unsendable", title="K"),
    }
    for name, prices in (("changing", CHANGING), ("steady", STEADY)):
        for day, *figures in prices:
            fields = dict(zip(("input", "cached_input", "output"), figures, strict=True))
            Price.objects.create(model=made[name], starts_on=FIRST.replace(day=day), **fields)
    return Month(fake, [alice, bob], made)


async def ordinary_day(month: Month, day: int) -> None:
    chance = month.chance
    runs = []
    for _number in range(A_DAY):
        model = chance.choice(["changing", "changing", "steady", "unpriced"])
        cached = chance.randrange(0, 4000)
        counted = usage(cached + chance.randrange(1, 9000), chance.randrange(1, 3000), cached)
        words = chance.choice(ANSWERS)
        reply = chance.choice([Reply.text(words), Reply.text(words, usage=counted), Reply.text(words, usage=None)])
        runs.append(await month.ask(model, reply, plain=chance.random() < 0.2))
    runs.append(await month.ask("unsendable"))
    for run in runs:
        await month.end(run)
    await stopped_day(month, chance.choice([-1, 0, 5]))
    await killed(month, chance.choice(["", ANSWERS[0][:40]]))


async def stopped_day(month: Month, after: int) -> None:
    """Somebody stops an answer before its status line, before its first word, or in its middle."""
    reply = Reply.text(ANSWERS[1]).hold_after(after)
    run = await month.ask("changing", reply)
    await asyncio.to_thread(reply.wait_held)
    if after > 0:
        await saw(run, "".join(pieces_of(ANSWERS[1])[:after]))
    await sync_to_async(services.stop_run)(run)
    await month.end(run)
    await asyncio.to_thread(month.fake._wait, lambda: reply._request.disconnected, 10, "the client to leave")


async def saw(run: Run, text: str) -> None:
    """Until all of it has arrived."""
    seen = ""
    async for batch in services.follow(run.uuid):
        seen += "".join(event.text for event in batch.events if isinstance(event, TextDelta))
        if seen == text:
            return


async def killed(month: Month, text: str) -> None:
    """As it lies in the database after kill -9: sent, some text saved, nobody there. The reaper finds it."""

    def leave() -> Run:
        run = services.create_run(
            owner=month.owners[0],
            source="month",
            model=month.models["changing"],
            request_id=f"run {len(month.runs):04d}",
            request={"model": "changing", "stream": True},
            receipt={},
        )
        now = run.created_at
        Run.objects.filter(pk=run.pk).update(status=RunStatus.STREAMING, started_at=now, lease_owner="dead")
        if text:
            RunPiece.objects.create(run=run, number=0, text=text)
        assert interrupt_abandoned(Q(lease_owner="dead")) == 1
        return run

    run = await sync_to_async(leave)()
    counted = usage_of(Questions().text(run), len(pieces_of(text)))
    month.extra[run.uuid] = Line(counted["prompt_tokens"], 0, counted["completion_tokens"], is_reported=False)
    month.runs.append(run.uuid)
    month.played[run.uuid] = "killed"


async def faulty_day(month: Month, names: list[str]) -> None:
    """Each fault once, and as often as it is tried again; side by side."""
    runs = []
    for name in names:
        model = month.chance.choice(["changing", "steady"])
        runs.append(await month.ask(model, *(scenario(name) for _try in range(3)), name=name))
    for run in runs:
        await month.end(run)


def cost(line: Line, model: str, day: datetime.date) -> Decimal | None:
    """By the price list above, worked out on its own."""
    prices = {"fake/changing": CHANGING, "fake/steady": STEADY}.get(model)
    if prices is None:
        return None
    _day, fresh, cached, output = [price for price in prices if price[0] <= day.day][-1]
    cached = fresh if cached is None else cached
    dollars = (line.prompt - line.cached) * fresh + line.cached * cached + line.completion * output
    return dollars / 1_000_000


async def test_a_month_adds_up_to_the_invoice(month):
    names = sorted(SCENARIOS)
    month.chance.shuffle(names)
    for day in range(1, DAYS + 1):
        noon = datetime.datetime.combine(FIRST.replace(day=day), datetime.time(9), datetime.UTC)
        with time_machine.travel(noon):
            await ordinary_day(month, day)
            if day in FAULTY_DAYS:
                share = names[FAULTY_DAYS.index(day) :: len(FAULTY_DAYS)]
                await faulty_day(month, share)
    await sync_to_async(check_books)(month)
    await sync_to_async(check_invoice)(month)
    await sync_to_async(check_repricing)(month)


def check_books(month: Month) -> None:
    """One entry a run, whatever became of it, and sums that say the same as the runs."""
    assert_every_ended_run_has_one_entry()
    assert_sums_are_exact()
    entries = {entry.run: entry for entry in LedgerEntry.objects.all()}
    assert set(entries) == set(month.runs)
    for run in Run.objects.all():
        entry = entries[run.uuid]
        same = ("status", "prompt_tokens", "cached_tokens", "completion_tokens", "is_estimated", "resolved_model")
        assert [getattr(entry, name) for name in same] == [getattr(run, name) for name in same]
        assert entry.day == run.created_at.date()
    sums = DailyUsage.objects.aggregate(*(Sum(name) for name in ("runs", "unpriced_runs", "estimated_runs", "amount")))
    assert sums["runs__sum"] == len(month.runs)
    assert sums["unpriced_runs__sum"] == sum(entry.amount is None for entry in entries.values()) > 0
    assert sums["estimated_runs__sum"] == sum(entry.is_estimated for entry in entries.values()) > 0
    assert sums["amount__sum"] == sum(entry.amount for entry in entries.values() if entry.amount is not None)
    assert {entry.status for entry in entries.values()} == {*("completed", "stopped", "failed", "interrupted")}


def check_invoice(month: Month) -> None:
    reported = billed = Decimal(0)
    estimated: dict[str, list[tuple[str, Decimal, Decimal]]] = {"fake/changing": [], "fake/steady": []}
    for entry in LedgerEntry.objects.all():
        line, name = month.line(entry.run), month.played[entry.run]
        if name in NO_BOOKS:
            continue
        if line is None:
            assert entry.amount == 0, (name, entry.prompt_tokens, entry.completion_tokens)
            continue
        expected = cost(line, entry.model_name, entry.day)
        if expected is None:
            assert entry.amount is None, name
        elif line.is_reported:
            assert not entry.is_estimated, name
            assert entry.amount == expected, name
            reported, billed = reported + entry.amount, billed + expected
        else:
            assert entry.is_estimated, name
            estimated[entry.model_name].append((name, entry.amount, expected))
    assert reported == billed > 0
    for model, (least, most) in STATED_ERROR.items():
        runs = [one for one in estimated[model] if one[0] not in FLOODS]
        assert len(runs) > 20
        for name, ours, theirs in runs:
            assert least <= (ours - theirs) / theirs <= most, (model, name, ours, theirs)


def check_repricing(month: Month) -> None:
    """Somebody enters what the unpriced model cost: the corrections are its part of the invoice, and nothing else moves."""
    before = DailyUsage.objects.aggregate(sum=Sum("amount"))["sum"]
    row = Repricing.objects.create(
        provider="fake",
        model_name="fake/unpriced",
        first_day=FIRST,
        last_day=FIRST.replace(day=DAYS),
        up_to=last_entry(),
        input=Decimal("0.5"),
        cached_input=Decimal("0.05"),
        output=Decimal(2),
        reason="The provider's list was late.",
        made_by_name="admin",
    )
    carry_out(row)
    exact = Decimal(0)
    for entry in LedgerEntry.objects.filter(kind="run", model_name="fake/unpriced"):
        prompt, cached, completion = entry.prompt_tokens or 0, entry.cached_tokens or 0, entry.completion_tokens or 0
        exact += ((prompt - cached) * Decimal("0.5") + cached * Decimal("0.05") + completion * 2) / 1_000_000
    assert DailyUsage.objects.aggregate(sum=Sum("amount"))["sum"] - before == row.difference == exact
    assert DailyUsage.objects.filter(model_name="fake/unpriced").aggregate(sum=Sum("unpriced_runs"))["sum"] == 0
    assert_sums_are_exact()
