"""The pages of sweeps: the form, the grid, its news, the files, and how few queries they take."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from playground.chat.models import Conversation, Message, Role
from playground.chat.services.deleting import purge
from playground.compare.models import Cell, CellState, Column, Square, Sweep
from playground.compare.sweeps.acting import delete_sweep
from playground.compare.sweeps.plan import Axis, Check
from playground.compare.sweeps.settling import settle
from playground.compare.sweeps.starting import start_sweep
from playground.presets.models import Preset
from playground.runs.models import Run, RunStatus
from tests.compare.sweeps.conftest import make_plan
from tests.review.making import body_of

HOSTILE = "<script>alert(1)</script> **bold** =HYPERLINK(1)"


@pytest.fixture
def htmx_client(alice) -> Client:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def answer_all(sweep: Sweep, text: str = "Because.", fingerprints: bool = True) -> None:
    """As if every cell had run: straight to the tables."""
    cells = list(Cell.objects.filter(sweep=sweep).select_related("square"))
    runs = Run.objects.bulk_create(
        Run(
            owner=sweep.owner,
            request_id=f"sweep-{sweep.pk}-{cell.number}",
            source="sweep",
            model_name=sweep.base["model"],
            status=RunStatus.COMPLETED,
            request={"stream": True},
            receipt={"values": {"temperature": 0.5}, "set": {"temperature": "user"}},
            finish_reason="stop",
            system_fingerprint="fp_1",
            prompt_tokens=10,
            completion_tokens=20,
            first_token_ms=100 + cell.number,
            duration_ms=1100,
        )
        for cell in cells
    )
    answers = Message.objects.bulk_create(
        Message(
            conversation=sweep.conversation, parent_id=cell.square.question_id, role=Role.ASSISTANT, text=text, run=run
        )
        for cell, run in zip(cells, runs, strict=True)
    )
    for cell, answer in zip(cells, answers, strict=True):
        cell.answer, cell.state, cell.attempts = answer, CellState.DONE, 1
        cell.results = [True] * len(sweep.checks)
    Cell.objects.bulk_update(cells, ["answer", "state", "attempts", "results"], batch_size=100)
    while settle(sweep):
        pass
    Sweep.objects.filter(pk=sweep.pk).update(state="done", is_driven=False)


def test_the_form_comes_with_what_a_chat_has(alice_client, alice, model):
    chat = Conversation.objects.create(
        owner=alice, updated_at="2026-01-01T00:00Z", model_name=model.public_name, parameters={"temperature": 0.3}
    )
    chat.leaf = Message.objects.create(conversation=chat, role=Role.USER, text="How high is the tide?")
    chat.save()
    page = alice_client.get(reverse("sweep_new"), {"conversation": chat.uuid}).content.decode()
    assert "How high is the tide?" in page
    assert 'value="0.3"' in page


def test_a_form_becomes_a_sweep(alice_client, model):
    fields = {
        "text": "Tide in {{port}}?",
        "model": model.public_name,
        "axis1": "temperature",
        "axis1_from": "0",
        "axis1_to": "1",
        "axis1_step": "0.5",
        "axis2": "system_prompt",
        "axis2_values": "Be brief.\n---\nBe kind.",
        "repeats": "2",
        "concurrency": "3",
        "cap": "$1.50",
        "inputs": "port\nBrest\nCork\n",
        "check_kind": ["contains", "regex"],
        "check_value": ["{{port}}", ""],
    }
    answer = alice_client.post(reverse("sweeps"), fields)
    sweep = Sweep.objects.get()
    assert answer.headers["Location"] == reverse("sweep", args=[sweep.uuid])
    assert [axis["values"] for axis in sweep.axes] == [[0, 0.5, 1], ["Be brief.", "Be kind."]]
    assert (sweep.repeats, sweep.concurrency, str(sweep.cap)) == (2, 3, "1.5")
    assert sweep.checks == [{"kind": "contains", "value": "{{port}}"}]
    assert sweep.cells.count() == 24
    assert reverse("sweep_new") + f"?from={sweep.uuid}" in alice_client.get(answer.headers["Location"]).content.decode()
    copy = alice_client.get(reverse("sweep_new"), {"from": sweep.uuid}).content.decode()
    assert "Be brief.\n---\nBe kind." in copy
    assert "Brest" in copy


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": ""}, "Write a message"),
        ({"axis1": "temperature", "axis1_values": "hot"}, "Enter a number"),
        ({"axis1": "temperature"}, "at least one value"),
        ({"axis1": "top_p", "axis1_values": "1", "axis2": "top_p", "axis2_values": "1"}, "same one"),
        ({"axis1": "nobody-knows", "axis1_values": "1"}, "cannot be swept"),
        ({"repeats": "1000"}, "Repeats"),
        ({"concurrency": "0"}, "At once"),
        ({"cap": "-1"}, "The cap"),
        ({"cap": "NaN"}, "The cap"),
        ({"inputs": "a\n1,2"}, "Row 1"),
        ({"check_kind": "regex", "check_value": "("}, "regular expression"),
        ({"check_kind": "magic", "check_value": "x"}, "does not exist"),
        ({"model": "nobody/knows"}, "not in the catalogue"),
        ({"axis1": "seed", "axis1_from": "1", "axis1_to": "90", "axis1_step": "1", "repeats": "50"}, "at most 2,000"),
        ({"text": "\0"}, "cannot be read|NUL"),
    ],
)
def test_nonsense_is_refused_in_words_and_starts_nothing(htmx_client, model, fields, says):
    answer = htmx_client.post(reverse("sweeps"), {"text": "Why?", "model": model.public_name, **fields})
    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        assert re.search(says, answer.content.decode())
    assert not Sweep.objects.exists()


def test_the_estimate_says_runs_and_price_and_what_is_missing(htmx_client, model):
    fields = {"text": "Why?", "model": model.public_name, "axis1": "temperature", "axis1_values": "0 1", "repeats": "5"}
    said = htmx_client.post(reverse("sweep_estimate"), fields).content.decode()
    assert "10 runs" in said
    assert "at most $0.08" in said
    assert "Write a message" in htmx_client.post(reverse("sweep_estimate"), {**fields, "text": ""}).content.decode()


def test_answers_are_hostile_on_every_page(alice_client, alice, model):
    plan = make_plan(
        model,
        text=HOSTILE,
        title=HOSTILE,
        axes=(Axis("system_prompt", (HOSTILE,)),),
        inputs=({"a": HOSTILE},),
        checks=(Check("contains", HOSTILE),),
    )
    sweep = start_sweep(owner=alice, plan=plan)
    answer_all(sweep, HOSTILE)
    for url in (
        reverse("sweep", args=[sweep.uuid]),
        reverse("sweep_square", args=[sweep.uuid, 0]),
        reverse("sweep_news", args=[sweep.uuid]),
        reverse("sweep_new") + f"?from={sweep.uuid}",
        reverse("sweeps"),
    ):
        assert "<script>alert" not in alice_client.get(url).content.decode()


def test_news_hold_what_changed_after_a_revision(alice_client, alice, model):
    sweep = start_sweep(owner=alice, plan=make_plan(model))
    while settle(sweep):
        pass
    seen = Sweep.objects.get(pk=sweep.pk).revision
    url = reverse("sweep_news", args=[sweep.uuid])
    assert 'id="square-' not in alice_client.get(url, {"after": seen}).content.decode()
    Square.objects.filter(sweep=sweep, number=1).update(is_stale=True)
    settle(Sweep.objects.get(pk=sweep.pk))
    news = alice_client.get(url, {"after": seen}).content.decode()
    assert 'id="square-1"' in news
    assert 'id="square-0"' not in news


def test_the_page_of_five_hundred_runs_takes_few_queries(alice_client, alice, model, django_assert_max_num_queries):
    temperatures = tuple(number / 10 for number in range(10))
    plan = make_plan(
        model,
        axes=(Axis("temperature", temperatures), Axis("top_p", tuple(value + 0.05 for value in temperatures))),
        repeats=5,
    )
    sweep = start_sweep(owner=alice, plan=plan)
    answer_all(sweep)
    assert sweep.cells.count() == 500
    with django_assert_max_num_queries(20):
        page = alice_client.get(reverse("sweep", args=[sweep.uuid])).content.decode()
    assert page.count('class="square"') == 100


def test_the_list_takes_the_same_queries_for_one_and_for_many(alice_client, alice, model, django_assert_num_queries):
    start_sweep(owner=alice, plan=make_plan(model))
    url = reverse("sweeps")
    alice_client.get(url)
    with CaptureQueriesContext(connection) as few:
        alice_client.get(url)
    for _number in range(40):
        start_sweep(owner=alice, plan=make_plan(model))
    with django_assert_num_queries(len(few)):
        alice_client.get(url)


def test_a_large_grid_is_shown_in_pages_of_rows(alice_client, alice, model):
    inputs = tuple({"n": f"row-{number:03}"} for number in range(450))
    sweep = start_sweep(owner=alice, plan=make_plan(model, axes=(), inputs=inputs))
    url = reverse("sweep", args=[sweep.uuid])
    assert "row-399" in alice_client.get(url).content.decode()
    assert "row-400" in alice_client.get(url, {"page": 2}).content.decode()
    assert "row-400" not in alice_client.get(url).content.decode()


@pytest.mark.django_db(transaction=True)
def test_files_hold_every_cell_and_no_formula(alice_client, alice, model):
    plan = make_plan(model, repeats=2, inputs=({"port": "=1+1"},), checks=(Check("contains", "x"),))
    sweep = start_sweep(owner=alice, plan=plan)
    answer_all(sweep, "=HYPERLINK(1)\n````\nfence")
    files = {}
    for kind in ("csv", "json", "md"):
        answer = alice_client.get(reverse("sweep_export", args=[sweep.uuid, kind]))
        assert "attachment" in answer["Content-Disposition"]
        files[kind] = body_of(answer).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(files["csv"])))
    assert len(rows) == 6
    assert {row["temperature"] for row in rows} == {"0.0", "0.5", "1.0"}
    assert all(row["answer"].startswith("'=") and row["input port"] == "'=1+1" for row in rows)
    assert rows[0]["check 1: contains"] == "true"
    found = json.loads(files["json"])
    assert len(found["cells"]) == 6
    assert found["cells"][0]["receipt"]["set"] == {"temperature": "user"}
    assert files["md"].count("\n## ") == 6
    assert "`````\n=HYPERLINK" in files["md"]


def test_a_cell_goes_on_as_a_chat_a_column_and_a_preset(alice_client, alice, model):
    sweep = start_sweep(owner=alice, plan=make_plan(model))
    answer_all(sweep, "Because of the moon.")
    alice_client.post(reverse("sweep_cell_chat", args=[sweep.uuid, 1]))
    chat = Conversation.objects.get(owner=alice, face="chat")
    assert [message.text for message in chat.messages.all()] == ["Why?", "Because of the moon."]
    assert (chat.model_name, chat.parameters) == (model.public_name, {"temperature": 0.5})
    alice_client.post(reverse("sweep_cell_column", args=[sweep.uuid, 1]))
    column = Column.objects.select_related("conversation").get(comparison__owner=alice)
    assert column.conversation.messages.count() == 2
    alice_client.post(reverse("sweep_cell_preset", args=[sweep.uuid, 1]))
    content = Preset.objects.get(owner=alice).latest.content
    assert (content.model, content.parameters) == (model.public_name, {"temperature": 0.5})


def test_without_an_answer_there_is_nothing_to_take_along(htmx_client, sweep):
    answer = htmx_client.post(reverse("sweep_cell_chat", args=[sweep.uuid, 0]))
    assert answer.status_code == 422
    assert "no answer yet" in answer.content.decode()


def test_deleted_it_is_gone_until_it_is_brought_back(alice_client, sweep):
    page = reverse("sweep", args=[sweep.uuid])
    answer = alice_client.post(reverse("sweep_delete", args=[sweep.uuid]), follow=True)
    assert "is deleted" in answer.content.decode()
    assert alice_client.get(page).status_code == 404
    alice_client.post(reverse("sweep_restore", args=[sweep.uuid]))
    assert alice_client.get(page).status_code == 200


def test_it_stands_in_no_list_of_chats(alice_client, sweep):
    page = alice_client.get(reverse("new_chat")).content.decode()
    assert sweep.title not in page
    assert sweep.title not in alice_client.get(reverse("search"), {"q": "Why"}).content.decode()


def test_what_is_spent_says_that_some_runs_have_no_price(alice_client, alice, model):
    sweep = start_sweep(owner=alice, plan=make_plan(model))
    answer_all(sweep)  # nothing of it is in the ledger
    last = Sweep.objects.get(pk=sweep.pk).revision
    for url in (reverse("sweep", args=[sweep.uuid]), reverse("sweep_news", args=[sweep.uuid]) + f"?after={last}"):
        assert "and unpriced runs" in alice_client.get(url).content.decode()


def test_the_purge_takes_a_deleted_sweep_with_all_it_has(alice, model):
    sweep, kept = (start_sweep(owner=alice, plan=make_plan(model)) for _number in range(2))
    answer_all(sweep)
    answer_all(kept)
    delete_sweep(sweep=sweep)
    purge(older_than=datetime.timedelta(days=-1))
    assert list(Sweep.objects.all()) == [kept]
    assert Cell.objects.count() == Square.objects.count() == Run.objects.count() == 3
