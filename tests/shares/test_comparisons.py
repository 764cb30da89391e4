"""A comparison by link: columns side by side, what differs between them, and as one of one's own."""

from __future__ import annotations

import pytest

from playground.chat.models import Conversation
from playground.chat.services.messages import post_message
from playground.chat.services.preparing import find_model
from playground.compare.models import Comparison, Verdict
from playground.compare.services.comparisons import create_comparison
from playground.compare.settings import ColumnSettings
from playground.shares.models import Share
from tests.chat.making import end_answer, make_image, make_model
from tests.shares.conftest import shared_part, url_of

PARTS = ["system_prompt", "images", "receipts"]
PROMPTS = ("be brief, 4711", "be long, 4712")


@pytest.fixture
def comparison(alice) -> Comparison:
    """Two columns that differ in temperature and system prompt, with one question and its two answers."""
    model = make_model("fake-vision", max_images=4)
    settings = [
        ColumnSettings(model.public_name, {"temperature": number, "seed": 7, "system_prompt": prompt})
        for number, prompt in zip((0.25, 0.75), PROMPTS, strict=True)
    ]
    made = create_comparison(owner=alice, settings=settings, title="Brief or long")
    for number, column in enumerate(made.columns.order_by("position"), 1):
        conversation = column.conversation
        posted = post_message(
            owner=alice,
            conversation=conversation,
            text="Which is it?",
            attachment_uuids=[make_image(alice, conversation).uuid],
            model=find_model(alice, model.public_name),
            parameters=conversation.parameters,
        )
        end_answer(posted.answer, f"Answer **{number}**")
    return made


def test_what_it_shows(make, comparison, visitor_client):
    link = make("comparison", comparison.uuid, parts=PARTS)
    page = visitor_client.get(url_of(link)).text
    for shown in ("Column 1: fake/fake-vision", "Answer <strong>2</strong>", "0.25", "0.75", *PROMPTS, "50 out"):
        assert shown in page, shown
    assert [one[0] for one in link.snapshot["columns"][0]["differences"]] == ["system_prompt", "temperature"]
    assert link.images.count() == 1  # the same image in both
    assert str(comparison.uuid) not in str(link.snapshot)


def test_without_prompts_and_figures(make, comparison, visitor_client):
    page = visitor_client.get(url_of(make("comparison", comparison.uuid, parts=[]))).text
    assert "0.25" in page  # what differs is what a comparison is about
    for hidden in (*PROMPTS, "system_prompt", "50 out", "seed"):
        assert hidden not in page, hidden


def test_a_blind_comparison_is_not_told(comparison, alice_client):
    Conversation.objects.filter(column__comparison=comparison).update(is_masked=True)
    page = alice_client.get("/shares/new/", {"comparison": str(comparison.uuid)}).text
    assert "This comparison is blind" in page
    assert "fake-vision" not in page
    answer = comparison.columns.first().conversation.leaf
    page = alice_client.get("/shares/new/", {"message": str(answer.uuid)}).text
    assert "This comparison is blind" in page


def test_a_column_that_was_removed_stays_out(make, comparison, visitor_client):
    comparison.columns.filter(position=1).update(is_removed=True)
    page = visitor_client.get(url_of(make("comparison", comparison.uuid, parts=PARTS))).text
    assert "Answer <strong>1</strong>" in page
    assert "Answer <strong>2</strong>" not in page


def test_the_preview_is_the_page(comparison, alice_client, visitor_client):
    form = {"comparison": str(comparison.uuid), "title": "Which", "parts": PARTS}
    preview = alice_client.post("/shares/new/", {**form, "preview": "yes"}, headers={"HX-Request": "true"}).text
    seen = preview.partition('name="seen" value="')[2].partition('"')[0]
    alice_client.post("/shares/new/", {**form, "seen": seen, "audience": "public"})
    page = visitor_client.get(url_of(Share.objects.get())).text
    assert shared_part(preview) == shared_part(page)


def test_nobody_else_shares_it(comparison, bob_client):
    assert bob_client.get("/shares/new/", {"comparison": str(comparison.uuid)}).status_code == 404


def test_taken_it_is_a_comparison_of_ones_own(make, comparison, bob, bob_client):
    link = make("comparison", comparison.uuid, parts=PARTS, title="Taken")
    answer = bob_client.post(f"{url_of(link)}open/", {"request_id": "one"})
    made = Comparison.objects.get(owner=bob)
    assert answer["Location"] == f"/compare/{made.uuid}/"
    assert made.title == "Taken"
    columns = list(made.columns.order_by("position").select_related("conversation__leaf"))
    assert [one.conversation.parameters for one in columns] == [
        one.conversation.parameters for one in comparison.columns.order_by("position")
    ]
    assert [one.conversation.leaf.text for one in columns] == ["Answer **1**", "Answer **2**"]
    assert {one.conversation.owner for one in columns} == {bob}
    assert bob_client.get(answer["Location"]).status_code == 200


def test_the_verdict_is_shown(make, comparison, visitor_client):
    best = comparison.columns.get(position=1).conversation.leaf
    verdict = Verdict.objects.create(comparison=comparison, turn=1, winner=best)
    page = visitor_client.get(url_of(make("comparison", comparison.uuid, parts=[]))).text
    assert page.count("best answer") == 1
    assert page.index("best answer") > page.index("Column 2:")
    both = [{"message": str(one.conversation.leaf.uuid)} for one in comparison.columns.all()]
    Verdict.objects.filter(pk=verdict.pk).update(winner=None, is_tie=True, contenders=both)
    page = visitor_client.get(url_of(make("comparison", comparison.uuid, parts=[]))).text
    assert page.count(">tie</span>") == 2
