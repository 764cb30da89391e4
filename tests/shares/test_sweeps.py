"""A sweep by link: its grid, figures and answers as they were, and as a plan of one's own."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.chat.images.services import sweep_orphans
from playground.chat.models import Attachment, Conversation, Message
from playground.compare.models import Cell, CellState, Sweep
from playground.compare.sweeps.acting import delete_sweep
from playground.compare.sweeps.plan import Axis, Check
from playground.compare.sweeps.settling import settle
from playground.compare.sweeps.starting import start_sweep
from playground.runs.models import Run
from playground.shares.errors import TooLarge
from playground.shares.models import Share, Taking
from playground.shares.services import move_share
from playground.shares.snapshots import values
from playground.shares.sources import find_source
from tests.chat.making import make_image, make_model
from tests.compare.sweeps.conftest import make_plan
from tests.compare.sweeps.test_pages import answer_all
from tests.payloads import SCRIPTS
from tests.shares.conftest import make_link, shared_part, url_of
from tests.shares.test_snapshots import ACTIVE, Tags

EVERYTHING = ["system_prompt", "images", "receipts", "thinking"]
PROMPT = "the system prompt 4711"
PROMPTS = ("be brief, 4712", "be long, 4713")


@pytest.fixture
def model(db):
    return make_model("fake-vision", max_images=4)


@pytest.fixture
def sweep(alice, model) -> Sweep:
    """Two temperatures by two inputs, each twice, with an image and a check; all answered."""
    plan = make_plan(
        model,
        title="Tides",
        text="Tide in {{port}}?",
        parameters={"system_prompt": PROMPT, "top_p": 0.75},
        axes=(Axis("temperature", (0.25, 0.5)),),
        inputs=({"port": "Brest"}, {"port": "Cork"}),
        checks=(Check("contains", "High"),),
        repeats=2,
    )
    made = start_sweep(owner=alice, plan=plan, attachment_uuids=[make_image(alice).uuid])
    answer_all(made, "High **water**.")
    return Sweep.objects.get(pk=made.pk)


@pytest.fixture
def varied(alice, model) -> Sweep:
    """Two system prompts, answered."""
    made = start_sweep(owner=alice, plan=make_plan(model, axes=(Axis("system_prompt", PROMPTS),)))
    answer_all(made)
    return Sweep.objects.get(pk=made.pk)


def words(share: Share) -> str:
    return json.dumps(share.snapshot)


def test_what_it_shows(make, sweep, visitor_client):
    link = make("sweep", sweep.uuid, parts=EVERYTHING)
    page = visitor_client.get(url_of(link)).text
    for shown in (
        *("Temperature 0.25", "Brest", "Cork", "High <strong>water</strong>.", "High water.", "Tide in {{port}}?"),
        *("Contains: High", "4 of 4", "2 repeats", "8 of 8 runs", "2 of 2", "Repeat 2: Done", PROMPT, "0.75"),
        *("20 tok", "100% identical", "unpriced", "fp_1", "Colour by"),
    ):
        assert shown in page, shown
    assert page.count("High <strong>water</strong>.") == 8
    assert link.images.count() == 1


def test_it_holds_what_is_listed_and_nothing_else(make, sweep):
    snapshot = make("sweep", sweep.uuid, parts=EVERYTHING).snapshot
    assert set(snapshot) == {
        *("version", "kind", "texts", "messages", "plan", "squares", "model", "settings", "system_prompt")
    }
    assert set(snapshot["plan"]) == {"axes", "inputs", "checks", "repeats", "preset"}
    for square in snapshot["squares"]:
        assert set(square) == {"figures", "answers"}
        for answer in square["answers"]:
            assert set(answer) == {"repeat", "state", "message", "checks"}


def test_nothing_of_an_account_or_a_row_is_in_it(make, sweep, alice):
    alice.email = "alice@example.org"
    alice.save()
    Cell.objects.filter(sweep=sweep, number=0).update(problem="invented problem", state=CellState.FAILED)
    Run.objects.filter(source="sweep").update(error={"message": "invented error", "kind": "x", "advice": ""})
    while settle(sweep):
        pass
    found = words(make("sweep", sweep.uuid, parts=EVERYTHING))
    ids = [str(sweep.uuid), str(sweep.conversation.uuid), *map(str, Message.objects.values_list("uuid", flat=True))]
    ids += map(str, Run.objects.values_list("uuid", flat=True))
    for secret in (*ids, "alice", "127.0.0.1:9", "red.png", "invented"):
        assert secret not in found, secret


@pytest.mark.parametrize("parts", [[], ["receipts"], ["images", "thinking"]])
def test_without_the_system_prompt_it_is_nowhere(parts, make, sweep, varied, visitor_client):
    for one in (sweep, varied):
        link = make("sweep", one.uuid, parts=parts)
        page = visitor_client.get(url_of(link)).text
        for hidden in (PROMPT, *PROMPTS):
            assert hidden not in words(link)
            assert hidden not in page
    assert "System prompt 2" in page


def test_without_receipts_there_are_no_figures_of_runs(make, sweep, visitor_client):
    link = make("sweep", sweep.uuid, parts=[])
    page = visitor_client.get(url_of(link)).text
    for hidden in ("0.75", "top_p", "20 tok", "unpriced", "fp_1", "Receipt", "First token"):
        assert hidden not in page, hidden
    for shown in ("Temperature 0.25", "100% identical", "4 of 4", "15 chars"):  # of what is varied, and of the answers
        assert shown in page, shown
    assert not link.images.exists()


def test_system_prompts_that_are_varied_are_shown_when_they_are_put_in(make, varied, visitor_client):
    page = visitor_client.get(url_of(make("sweep", varied.uuid, parts=["system_prompt"]))).text
    for shown in PROMPTS:
        assert shown in page


def test_what_has_not_ended_stays_out(make, sweep, visitor_client):
    cells = Cell.objects.filter(sweep=sweep)
    running = cells.get(number=0)
    Message.objects.filter(pk=running.answer_id).update(text="Half of an answer", html="Half of an answer")
    Run.objects.filter(message=running.answer_id).update(status="running")
    cells.filter(number=0).update(state=CellState.RUNNING)
    cells.filter(square__number=1).update(state=CellState.WAITING, answer=None)
    link = make("sweep", sweep.uuid, parts=EVERYTHING)
    page = visitor_client.get(url_of(link)).text
    assert "Half of an answer" not in page
    assert "Half of an answer" not in words(link)
    assert "Not run" in page
    assert "5 of 8 runs" in page


def test_an_answer_that_failed_says_only_that(make, sweep, visitor_client):
    Cell.objects.filter(sweep=sweep).update(state=CellState.FAILED, answer=None, problem="invented problem")
    while settle(sweep):
        pass
    page = visitor_client.get(url_of(make("sweep", sweep.uuid, parts=EVERYTHING))).text
    assert "The answer failed here." in page
    assert "invented problem" not in page


def test_it_stays_when_the_sweep_changes_and_goes(make, sweep, visitor_client):
    link = make("sweep", sweep.uuid)
    Message.objects.update(text="Rewritten", html="Rewritten")
    delete_sweep(sweep=sweep)
    assert visitor_client.get(url_of(link)).text.count("High <strong>water</strong>.") == 8
    Conversation.objects.filter(pk=sweep.conversation_id).delete()
    sweep_orphans()
    assert not Sweep.objects.filter(pk=sweep.pk).exists()
    page = visitor_client.get(url_of(link))
    assert page.text.count("High <strong>water</strong>.") == 8
    assert visitor_client.get(f"{url_of(link)}images/1/").status_code == 200


def test_updating_it_shows_what_is_there_now(make, sweep, alice, alice_client, visitor_client):
    link = make("sweep", sweep.uuid)
    Message.objects.filter(role="assistant").update(text="Rewritten", html="Rewritten")
    assert alice_client.get(f"/shares/{link.uuid}/update/").status_code == 200
    mark = find_source(alice, {"sweep": str(sweep.uuid)}).take([]).mark
    move_share(share=link, parts=[], title="T", shown_as="", seen=mark)
    page = visitor_client.get(url_of(link)).text
    assert "Rewritten" in page
    assert "water" not in page
    delete_sweep(sweep=sweep)
    assert alice_client.get(f"/shares/{link.uuid}/update/").status_code == 302


def test_the_preview_is_the_page(sweep, alice_client, visitor_client):
    form = {"sweep": str(sweep.uuid), "title": "Which", "parts": EVERYTHING}
    preview = alice_client.post("/shares/new/", {**form, "preview": "yes"}, headers={"HX-Request": "true"}).text
    seen = preview.partition('name="seen" value="')[2].partition('"')[0]
    alice_client.post("/shares/new/", {**form, "seen": seen, "audience": "public"})
    page = visitor_client.get(url_of(Share.objects.get())).text
    assert shared_part(preview) == shared_part(page)


def test_it_is_offered_on_its_page_and_listed(make, sweep, alice_client):
    address = f"/shares/new/?sweep={sweep.uuid}"
    assert address in alice_client.get(f"/compare/sweeps/{sweep.uuid}/").text
    assert "What visitors will see" in alice_client.get(address).text
    make("sweep", sweep.uuid, title="Tides of mine")
    assert "Tides of mine" in alice_client.get("/shares/").text


def test_nobody_else_shares_it(sweep, bob_client, alice_client):
    assert bob_client.get("/shares/new/", {"sweep": str(sweep.uuid)}).status_code == 404
    form = {"sweep": str(sweep.uuid), "title": "T", "audience": "public", "seen": "x"}
    assert bob_client.post("/shares/new/", form).status_code == 404
    delete_sweep(sweep=sweep)
    assert alice_client.get("/shares/new/", {"sweep": str(sweep.uuid)}).status_code == 404


@pytest.mark.parametrize("limit", ["MAX_MESSAGES", "MAX_CHARACTERS", "MAX_HTML"])
def test_too_much_is_refused_with_a_sentence(limit, sweep, alice, alice_client, monkeypatch):
    monkeypatch.setattr(values, limit, 8)
    with pytest.raises(TooLarge):
        make_link(alice, "sweep", sweep.uuid)
    page = alice_client.get("/shares/new/", {"sweep": str(sweep.uuid)})
    assert page.status_code == 200
    assert "Open one of them as a chat" in page.text


@pytest.mark.parametrize("payload", [text for _name, text in SCRIPTS[::6]])
def test_hostile_text_is_harmless(payload, make, alice, model, visitor_client):
    plan = make_plan(
        model,
        title=payload[:200],
        text=payload,
        axes=(Axis("system_prompt", (payload, f"{payload} again")),),
        inputs=({"port": payload}, {"port": "Cork"}),
        checks=(Check("contains", payload),),
    )
    sweep = start_sweep(owner=alice, plan=plan)
    answer_all(sweep, payload)
    Run.objects.filter(source="sweep").update(finish_reason=payload[:40], system_fingerprint=payload[:60])
    while settle(sweep):
        pass
    link = make("sweep", sweep.uuid, title=payload[:200], shown_as=payload[:60], parts=EVERYTHING)
    tags = Tags()
    tags.feed(visitor_client.get(url_of(link)).text)
    for tag, attributes in tags.found:
        assert tag not in {"iframe", "object", "embed", "video", "audio", "base", "style"}, tag
        assert not [one for one in attributes if one == "style" or ACTIVE.match(one)], tag
        if tag == "script":
            assert attributes.get("src", "").startswith("/static/") or attributes.get("nonce")
        if tag == "img":
            assert (attributes.get("src") or "/s/").startswith("/s/")


def test_opening_and_taking_a_snapshot_takes_few_queries_however_large(alice, model, visitor_client):
    taken, opened = [], []
    for size in (2, 40):
        temperatures = tuple(number / 100 for number in range(size))
        sweep = start_sweep(owner=alice, plan=make_plan(model, axes=(Axis("temperature", temperatures),), repeats=3))
        answer_all(sweep)
        link = make_link(alice, "sweep", sweep.uuid, parts=EVERYTHING)  # renders what was never shown
        source = find_source(alice, {"sweep": str(sweep.uuid)})
        with CaptureQueriesContext(connection) as queries:
            source.take(EVERYTHING)
        taken.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            assert visitor_client.get(url_of(link)).status_code == 200
        opened.append(len(queries))
    assert taken[0] == taken[1] <= 11
    assert opened[0] == opened[1] <= 4


def take(client, link: Share, request_id: str = "take-1"):
    return client.post(f"{url_of(link)}open/", {"request_id": request_id})


def test_taken_it_is_a_plan_of_ones_own(make, sweep, bob, bob_client):
    link = make("sweep", sweep.uuid, parts=EVERYTHING, title="Taken")
    assert "becomes the plan of a sweep" in bob_client.get(f"{url_of(link)}open/").text
    answer = take(bob_client, link)
    page = bob_client.get(answer["Location"])
    assert page.status_code == 200
    for shown in ("Taken", "Tide in {{port}}?", "Brest", "0.25 0.5", "High", PROMPT, 'value="0.75"'):
        assert shown in page.text, shown
    assert Attachment.objects.get(owner=bob).draft is not None
    assert not Sweep.objects.filter(owner=bob).exists()
    assert not Run.objects.filter(owner=bob).exists()


def test_the_plan_can_be_started(make, sweep, bob, bob_client):
    take(bob_client, make("sweep", sweep.uuid, parts=EVERYTHING))
    image = Attachment.objects.get(owner=bob)
    form = {
        "text": "Tide in {{port}}?",
        "model": sweep.base["model"],
        "axis1": "temperature",
        "axis1_values": "0.25 0.5",
        "inputs": "port\nBrest\nCork\n",
        "attachments": str(image.uuid),
    }
    answer = bob_client.post("/compare/sweeps/", form)
    assert answer["Location"] == f"/compare/sweeps/{Sweep.objects.get(owner=bob).uuid}/"
    image.refresh_from_db()
    assert image.message is not None


def test_what_was_left_out_does_not_come_along(make, varied, sweep, bob, bob_client):
    page = bob_client.get(take(bob_client, make("sweep", varied.uuid, parts=[]))["Location"]).text
    for hidden in PROMPTS:
        assert hidden not in page
    page = bob_client.get(take(bob_client, make("sweep", sweep.uuid, parts=[]), "take-2")["Location"]).text
    assert PROMPT not in page
    assert not Attachment.objects.filter(owner=bob).exists()


def test_the_same_request_twice_is_one_plan(make, sweep, bob, bob_client):
    link = make("sweep", sweep.uuid)
    places = {take(bob_client, link)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Taking.objects.filter(user=bob).count() == 1
    assert Attachment.objects.filter(owner=bob).count() == 1
    assert take(bob_client, link, "take-2")["Location"] not in places
    assert Attachment.objects.filter(owner=bob).count() == 1  # those that wait for the next sweep stay as they are


def test_the_plan_is_ones_own_and_outlives_the_link(make, sweep, bob_client, alice_client, visitor_client):
    link = make("sweep", sweep.uuid)
    token = link.token
    place = take(bob_client, link)["Location"]
    assert token not in place
    link.delete()
    assert bob_client.get(place).status_code == 200
    assert alice_client.get(place).status_code == 404
    assert visitor_client.get(place)["Location"].startswith("/accounts/login/")


def test_what_was_taken_of_something_else_is_no_plan(make, chat, bob, bob_client):
    take(bob_client, make("conversation", chat.conversation.uuid))
    taking = Taking.objects.get(user=bob)
    assert bob_client.get(f"/shares/plans/{taking.uuid}/").status_code == 404
