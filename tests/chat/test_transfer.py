"""A conversation goes out as a file and comes back whole; a file that claims anything else is refused, with the place named."""

from __future__ import annotations

import base64
import copy
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment, Conversation, Draft, Message
from playground.chat.services.answers import continue_answer, retry_answer
from playground.chat.services.editing import edit_message
from playground.chat.services.importing import import_conversation
from playground.chat.transfer import export_markdown, export_tree
from playground.chat.tree import Tree
from playground.images.models import Blob
from playground.runs.models import Run, RunStatus
from tests.chat.making import Chat, end_answer, make_image


@pytest.fixture
def rich(alice, model) -> Chat:
    """Alternatives, an edit, a continued answer, an image."""
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[make_image(alice).uuid], parameters={"seed": 7})
    cut = chat.end("One, ", RunStatus.STOPPED)
    end_answer(continue_answer(owner=alice, message=cut), "two.")
    end_answer(retry_answer(owner=alice, message=cut), "Other.")
    end_answer(edit_message(owner=alice, message=chat.question, text="Look closer").answer, "Closer.")
    return chat


def shape(conversation: Conversation) -> list:
    """The tree without ids: role, text, images and the place of parent and continued answer of each message."""
    messages = list(conversation.messages.order_by("id"))
    place = {message.pk: at for at, message in enumerate(messages)}
    return [
        (
            message.role,
            message.text,
            message.is_edited,
            message.created_at,
            place.get(message.parent_id),
            place.get(message.continues_id),
            list(message.attachments.values_list("name", "detail", "blob__sha256")),
        )
        for message in messages
    ]


def test_the_whole_tree_comes_back(rich, bob):
    exported = json.dumps(export_tree(rich.conversation)).encode()
    copy_ = import_conversation(owner=bob, body=exported)
    assert shape(copy_) == shape(rich.conversation)
    assert copy_.owner == bob
    assert (copy_.title, copy_.model_name, copy_.parameters) == ("Look", "fake/fake-vision", {"seed": 7})
    assert copy_.leaf.text == "Closer."
    assert copy_.uuid != rich.conversation.uuid
    assert Attachment.objects.filter(owner=bob, message__conversation=copy_).count() == 2
    assert not Draft.objects.filter(owner=bob).exists()
    assert not Run.objects.filter(owner=bob).exists()


def test_an_imported_conversation_goes_on(rich, bob, model):
    made = import_conversation(owner=bob, body=json.dumps(export_tree(rich.conversation)).encode())
    chat = Chat.begin(bob, model, "x")
    chat.posted = type(chat.posted)(made, chat.question, None)
    chat.say("And now?")
    assert chat.shown == ["Look closer", "Closer.", "And now?", ""]


def test_an_export_holds_no_secrets_and_no_row_ids(rich, alice, model):
    model.provider.api_key = "sk-canary"
    model.provider.save()
    text = json.dumps(export_tree(rich.conversation))
    for secret in ("canary", model.provider.base_url, alice.username, "owner", "lease", "request_id"):
        assert secret not in text
    assert '"status": "stopped"' in text


def test_deleted_messages_are_not_exported(chat):
    from playground.chat.services.deleting import delete_message

    delete_message(message=chat.answer)
    assert [message["text"] for message in export_tree(chat.conversation)["messages"]] == [
        "How high is the tide in Brest?"
    ]


def test_markdown_is_the_shown_path(rich):
    assert export_markdown(rich.conversation) == (
        "# Look\n\n## You\n\n![red.png](image)\n\nLook closer\n\n## fake/fake-vision\n\nCloser.\n"
    )


def test_downloads_are_named_files(alice_client, chat):
    for ending, kind in (("json", "application/json"), ("md", "text/markdown; charset=utf-8")):
        response = alice_client.get(f"/c/{chat.conversation.uuid}/export.{ending}")
        assert response["Content-Type"] == kind
        assert response["Content-Disposition"] == f'attachment; filename="how-high-is-the-tide-in-brest.{ending}"'
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("way", ["file", "body"])
def test_an_upload_leads_to_the_new_conversation(alice_client, chat, way):
    exported = alice_client.get(f"/c/{chat.conversation.uuid}/export.json").content
    if way == "file":
        response = alice_client.post("/c/import/", {"file": SimpleUploadedFile("chat.json", exported)})
    else:
        response = alice_client.post("/c/import/", exported, content_type="application/json")
    assert response.status_code == 302
    assert alice_client.get(response["Location"]).context["page"].messages[1].text == "About **six** metres."


def test_long_paths_come_back(alice):
    rows = [{"id": str(n), "parent": str(n - 1) if n else None, "role": "user", "text": str(n)} for n in range(3000)]
    body = {"format": "playground.conversation", "version": 1, "conversation": {"title": "Long"}, "messages": rows}
    made = import_conversation(owner=alice, body=json.dumps(body).encode())
    assert len(Tree.of(made).path(made.leaf_id)) == 3000


# --- hostile files ---

PNG = io.BytesIO()
Image.new("RGB", (4, 4), "red").save(PNG, "PNG")
GOOD_IMAGE = "data:image/png;base64," + base64.b64encode(PNG.getvalue()).decode()
SVG = "data:image/svg+xml;base64," + base64.b64encode(b"<svg onload='alert(1)'/>").decode()
HTML_GIF = "data:image/gif;base64," + base64.b64encode(b"GIF89a<script>alert(1)</script>").decode()

GOOD = {
    "format": "playground.conversation",
    "version": 1,
    "conversation": {"title": "T", "model": "fake/fake-vision", "parameters": {}, "shown": "b"},
    "messages": [
        {"id": "a", "parent": None, "role": "user", "text": "Hi", "images": [{"name": "r.png", "url": GOOD_IMAGE}]},
        {"id": "b", "parent": "a", "role": "assistant", "text": "Hello", "created_at": "2026-01-01T00:00:00Z"},
    ],
}


def changed(path: str, value) -> bytes:
    """GOOD with one place changed."""
    body = copy.deepcopy(GOOD)
    at = body
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        at = at[step]
    at[last] = value
    return json.dumps(body).encode()


def deep(levels: int) -> bytes:
    return b'{"format":' + b"[" * levels + b"]" * levels + b"}"


BAD = {
    "empty": (b"", "JSON"),
    "not JSON": (b"hello", "JSON"),
    "not UTF-8": (b"\xff\xfe{}", "UTF-8"),
    "a list": (b"[]", "object"),
    "too deep": (deep(100_000), "deep"),
    "NaN": (b'{"format": NaN}', "NaN"),
    "huge number": (b'{"version": 1' + b"0" * 5000 + b"}", "digits"),
    "same key twice": (b'{"version": 1, "version": 1}', "twice"),
    "half a surrogate": (changed("messages.0.text", "\ud800"), "surrogate"),
    "NUL": (changed("conversation.title", "a\x00"), "NUL"),
    "another format": (changed("format", "chatgpt"), "not a conversation exported"),
    "a later version": (changed("version", 2), "version"),
    "version true": (changed("version", True), "version"),
    "messages an object": (changed("messages", {}), "messages"),
    "too many messages": (changed("messages", [{"id": str(n)} for n in range(10_001)]), "messages"),
    "a message that is a text": (changed("messages.0", "x"), r"messages\[0\]"),
    "no id": (changed("messages.1.id", None), r"messages\[1\]\.id"),
    "the same id twice": (changed("messages.1.id", "a"), r"messages\[1\]\.id"),
    "an orphan": (changed("messages.1.parent", "zz"), r"messages\[1\]\.parent"),
    "its own parent": (changed("messages.1.parent", "b"), r"messages\[1\]\.parent"),
    "a circle": (changed("messages.0.parent", "b"), r"messages\[0\]\.parent"),
    "a parent that is a number": (changed("messages.1.parent", 1), r"messages\[1\]\.parent"),
    "a system role": (changed("messages.0.role", "system"), r"messages\[0\]\.role"),
    "a role that is a list": (changed("messages.0.role", ["user"]), r"messages\[0\]\.role"),
    "a text that is a number": (changed("messages.0.text", 5), r"messages\[0\]\.text"),
    "continues another place": (changed("messages.1.continues", "a"), r"messages\[1\]\.continues"),
    "shown elsewhere": (changed("conversation.shown", "nobody"), "conversation.shown"),
    "a title too long": (changed("conversation.title", "x" * 201), "conversation.title"),
    "no such day": (changed("messages.1.created_at", "2026-02-30T00:00:00Z"), "created_at"),
    "a day before time": (changed("messages.1.created_at", "0001-01-01T00:00:00+14:00"), "created_at"),
    "too many parameters": (changed("conversation.parameters", {str(n): 1 for n in range(65)}), "parameters"),
    "an SVG": (changed("messages.0.images.0.url", SVG), r"messages\[0\]\.images\[0\].*SVG"),
    "HTML as GIF": (changed("messages.0.images.0.url", HTML_GIF), r"messages\[0\]\.images\[0\]"),
    "not Base64": (changed("messages.0.images.0.url", "data:image/png;base64,!!"), r"images\[0\]\.url"),
    "not encoded": (changed("messages.0.images.0.url", "data:image/png,x"), r"images\[0\]\.url"),
    "a file URL": (changed("messages.0.images.0.url", "file:///etc/passwd"), r"images\[0\]\.url"),
    "an odd detail": (changed("messages.0.images.0.detail", "ultra"), r"images\[0\]\.detail"),
    "images on an answer": (changed("messages.1.images", [{"url": GOOD_IMAGE}]), r"messages\[1\]\.images"),
    "too many images": (changed("messages.0.images", [{"url": GOOD_IMAGE}] * 65), r"messages\[0\]\.images"),
}


def test_the_good_file_is_good(alice):
    """The control: without the one change, each of the bad files would be taken."""
    assert import_conversation(owner=alice, body=json.dumps(GOOD).encode()).messages.count() == 2


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_place_and_leaves_nothing(alice, name):
    body, place = BAD[name]
    with pytest.raises(InvalidInput, match=place):
        import_conversation(owner=alice, body=body)
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()
    assert not Draft.objects.exists()
    assert not Blob.objects.exists()


def test_a_bad_file_is_422_on_the_page(alice_client, alice):
    response = alice_client.post("/c/import/", {"file": SimpleUploadedFile("x.json", BAD["an orphan"][0])})
    assert response.status_code == 422
    assert "messages[1].parent" in response.content.decode()
    assert alice_client.post("/c/import/").status_code == 422


def test_ids_and_owner_of_a_file_mean_nothing(alice, chat, bob):
    body = copy.deepcopy(GOOD)
    body["messages"][0]["id"] = str(chat.question.uuid)
    body["messages"][1] |= {"parent": str(chat.question.uuid), "id": str(chat.answer.uuid), "owner": 1, "run": {}}
    body["conversation"] |= {"shown": str(chat.answer.uuid), "owner": alice.pk, "uuid": str(chat.conversation.uuid)}
    made = import_conversation(owner=bob, body=json.dumps(body).encode())
    assert made.owner == bob
    assert chat.conversation.messages.count() == 2
    assert not set(made.messages.values_list("uuid", flat=True)) & {chat.question.uuid, chat.answer.uuid}


def test_times_in_the_future_become_now(alice):
    from django.utils import timezone

    made = import_conversation(owner=alice, body=changed("messages.1.created_at", "2999-01-01T00:00:00Z"))
    assert made.messages.order_by("id").last().created_at <= timezone.now()
