"""What a link shows: what its owner chose, as it was, and nothing besides."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.chat.images.services import sweep_orphans
from playground.chat.models import Conversation, Message
from playground.chat.services.deleting import delete_conversation
from playground.images import store
from playground.images.models import Blob
from playground.shares.errors import LooksDifferent, TooLarge
from playground.shares.models import Share
from playground.shares.services import delete_share, move_share
from playground.shares.snapshots import values
from playground.shares.sources import find_source
from tests.payloads import SCRIPTS
from tests.shares.conftest import SYSTEM_PROMPT, make_link, shared_part, url_of

ACTIVE = re.compile("on|(data-)?hx-(?!(morph-skip|ignore)$)")
EVERYTHING = ["system_prompt", "images", "receipts", "thinking"]


def words(share: Share) -> str:
    return json.dumps(share.snapshot)


def test_by_itself_it_holds_texts_roles_models_and_images(make, chat):
    link = make("conversation", chat.conversation.uuid)
    assert [one["role"] for one in link.snapshot["messages"]] == ["user", "assistant"] * 2
    assert link.snapshot["texts"][1] == "It is **red**."
    assert link.snapshot["messages"][1]["author"] == chat.model.public_name
    assert link.snapshot["messages"][1]["run"] == {"status": "completed", "finish_reason": "stop"}
    assert link.images.count() == 1


def test_nothing_of_an_account_or_a_row_is_in_it(make, chat, alice):
    alice.email = "alice@example.org"
    alice.save()
    found = words(make("conversation", chat.conversation.uuid, parts=EVERYTHING))
    ids = [str(chat.conversation.uuid), *map(str, Message.objects.values_list("uuid", flat=True))]
    ids += [str(message.run.uuid) for message in Message.objects.filter(run__isnull=False)]
    for secret in (*ids, "alice", "127.0.0.1:9", "red.png", "chatcmpl-1"):
        assert secret not in found, secret


@pytest.mark.parametrize("parts", [[], ["receipts"], ["images", "thinking"]])
def test_without_the_system_prompt_it_is_nowhere(parts, make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid, parts=parts)
    assert SYSTEM_PROMPT not in words(link)
    assert SYSTEM_PROMPT not in visitor_client.get(url_of(link)).text


def test_with_everything(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid, parts=EVERYTHING, shown_as="The Red Team")
    page = visitor_client.get(url_of(link)).text
    for shown in (SYSTEM_PROMPT, "The Red Team", "temperature", "0.3", "100 in", "50 out", "$0.0006", "Receipt"):
        assert shown in page, shown


def test_without_receipts_there_are_no_figures(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid)
    page = visitor_client.get(url_of(link)).text
    for hidden in ("temperature", "100 in", "$0.00", "Receipt"):
        assert hidden not in page, hidden


def test_other_branches_later_messages_and_the_deleted_stay_out(make, chat, visitor_client, alice_client):
    alice_client.post(f"/messages/{chat.answer.uuid}/retry/", {"request_id": "again", "model": chat.model.public_name})
    from tests.chat.making import end_answer

    again = Message.objects.get(run__status="queued")
    end_answer(again, "The second attempt.")
    link = make("conversation", chat.conversation.uuid)
    chat.say("A later question")
    page = visitor_client.get(url_of(link)).text
    assert "The second attempt." in page
    assert "done" not in page
    assert "A later question" not in page


def test_what_is_being_written_stays_out(make, chat, visitor_client):
    chat.say("A question in the air")
    page = visitor_client.get(url_of(make("conversation", chat.conversation.uuid))).text
    assert "A question in the air" in page
    assert "Answering" not in page


@pytest.mark.parametrize("parts", [["question"], []])
def test_one_answer_with_its_question_or_without(parts, make, chat, visitor_client):
    link = make("message", chat.answer.uuid, parts=parts)
    page = visitor_client.get(url_of(link)).text
    assert "done" in page
    assert ("And then?" in page) is ("question" in parts)
    assert "It is" not in page


def test_a_question_is_no_answer(chat, alice):
    from django.core.exceptions import ObjectDoesNotExist

    with pytest.raises(ObjectDoesNotExist):
        find_source(alice, {"message": str(chat.question.uuid)})


def test_it_stays_when_the_original_changes_and_goes(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid)
    Message.objects.update(text="Rewritten", html="Rewritten")
    delete_conversation(conversation=chat.conversation)
    before = visitor_client.get(url_of(link))
    assert "It is <strong>red</strong>." in before.text
    Conversation.objects.all().delete()
    sweep_orphans()
    assert visitor_client.get(url_of(link)).status_code == 200
    assert visitor_client.get(f"{url_of(link)}images/1/").status_code == 200


def test_deleting_the_link_lets_the_image_go(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid)
    blob = Blob.objects.get()
    Conversation.objects.all().delete()
    delete_share(share=link)
    assert not Blob.objects.exists()
    assert not store.image_path(blob.sha256, blob.media_type).exists()


def test_an_image_that_is_used_elsewhere_stays(make, chat):
    delete_share(share=make("conversation", chat.conversation.uuid))
    assert Blob.objects.exists()


def test_moving_shows_what_is_there_now_under_the_same_address(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid)
    chat.say("A later question")
    chat.end("A later answer.")
    assert "A later answer." not in visitor_client.get(url_of(link)).text
    mark = find_source(chat.owner, {"conversation": str(chat.conversation.uuid)}).take([]).mark
    move_share(share=link, parts=[], title="Another title", shown_as="", seen=mark)
    page = visitor_client.get(url_of(link)).text
    assert "A later answer." in page
    assert "Another title" in page
    assert visitor_client.get(f"{url_of(link)}images/1/").status_code == 404


def test_what_was_not_seen_is_not_shared(chat, alice):
    from playground.shares.services import Terms, create_share

    source = find_source(alice, {"conversation": str(chat.conversation.uuid)})
    seen = source.take([]).mark
    chat.say("A later question")
    source = find_source(alice, {"conversation": str(chat.conversation.uuid)})
    with pytest.raises(LooksDifferent):
        create_share(
            owner=alice, source=source, parts=[], title="T", shown_as="", terms=Terms("public"), seen=seen, request_id="r"
        )  # fmt: skip
    assert not Share.objects.exists()


def test_the_same_request_twice_is_one_link(make, chat):
    one = make("conversation", chat.conversation.uuid, request_id="once")
    assert make("conversation", chat.conversation.uuid, request_id="once") == one
    assert Share.objects.count() == 1


def test_too_much_is_refused_with_a_sentence(chat, alice_client, alice, monkeypatch):
    monkeypatch.setattr(values, "MAX_MESSAGES", 3)
    with pytest.raises(TooLarge):
        make_link(alice, "conversation", chat.conversation.uuid)
    page = alice_client.get(f"/shares/new/?conversation={chat.conversation.uuid}")
    assert page.status_code == 200
    assert "3 messages at most" in page.text


@pytest.mark.parametrize("kind", ["conversation", "message"])
def test_the_preview_is_the_page(kind, chat, alice_client, visitor_client):
    value = str(chat.conversation.uuid if kind == "conversation" else chat.answer.uuid)
    form = {kind: value, "title": "A <b>title</b>", "shown_as": "Me", "parts": [*EVERYTHING, "question"]}
    if kind == "conversation":
        form["parts"] = EVERYTHING
    preview = alice_client.post("/shares/new/", {**form, "preview": "yes"}, headers={"HX-Request": "true"}).text
    seen = preview.partition('name="seen" value="')[2].partition('"')[0]
    made = alice_client.post("/shares/new/", {**form, "seen": seen, "audience": "public"})
    assert made.status_code == 302
    page = visitor_client.get(url_of(Share.objects.get())).text
    assert shared_part(preview) == shared_part(page)


@pytest.mark.parametrize("payload", [text for _name, text in SCRIPTS[::4]])
def test_hostile_text_is_harmless(payload, make, chat, visitor_client):
    chat.say(payload, parameters={"system_prompt": payload})
    chat.end(payload)
    link = make(
        "conversation", chat.conversation.uuid, title=f"{payload}"[:200], shown_as=payload[:60], parts=EVERYTHING
    )
    page = visitor_client.get(url_of(link)).text
    tags = Tags()
    tags.feed(page)
    for tag, attributes in tags.found:
        assert tag not in {"iframe", "object", "embed", "video", "audio", "base", "style"}, tag
        assert not [one for one in attributes if one == "style" or ACTIVE.match(one)], tag
        if tag == "script":
            assert attributes.get("src", "").startswith("/static/") or attributes.get("nonce")
        if tag == "img":
            assert (attributes.get("src") or "/s/").startswith("/s/")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_opening_a_link_takes_few_queries_however_long(make, chat, visitor_client, alice):
    from tests.chat.making import make_long_conversation

    counts = []
    for length in (10, 200):
        link = make("conversation", make_long_conversation(alice, chat.model, length).uuid, parts=EVERYTHING)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert visitor_client.get(url_of(link)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
