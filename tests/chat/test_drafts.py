"""One draft a conversation, whatever the number of tabs: none overwrites or clears what it has not seen."""

from __future__ import annotations

import pytest

from playground.chat.errors import Conflict
from playground.chat.models import Draft
from playground.chat.services.drafts import read_draft, save_draft
from playground.chat.services.versions import version_of
from tests.chat.making import Chat, make_image


def test_a_tab_goes_on_from_its_own_version(alice):
    version = ""
    for text in ("Half", "Half a", "", "Half a thought"):
        version = save_draft(owner=alice, conversation=None, text=text, version=version)
        assert (read_draft(owner=alice, conversation=None), version) == (text, version_of(text))


@pytest.mark.parametrize("text", ["From two", ""])
def test_a_text_that_the_tab_never_saw_is_not_replaced(alice, text):
    save_draft(owner=alice, conversation=None, text="From one", version="")
    with pytest.raises(Conflict) as refused:
        save_draft(owner=alice, conversation=None, text=text, version="")
    assert refused.value.theirs == read_draft(owner=alice, conversation=None) == "From one"
    # Who has seen it may.
    save_draft(owner=alice, conversation=None, text=text, version=version_of("From one"))
    assert read_draft(owner=alice, conversation=None) == text


def test_the_same_text_and_an_empty_draft_are_nobodys_rivals(alice):
    save_draft(owner=alice, conversation=None, text="The same", version="")
    save_draft(owner=alice, conversation=None, text="The same", version="")
    save_draft(owner=alice, conversation=None, text="", version=version_of("The same"))
    save_draft(owner=alice, conversation=None, text="After it", version=version_of("long gone"))
    assert read_draft(owner=alice, conversation=None) == "After it"


def test_an_emptied_draft_keeps_its_images(alice):
    image = make_image(alice)
    version = save_draft(owner=alice, conversation=None, text="Look", version="")
    save_draft(owner=alice, conversation=None, text="", version=version)
    image.refresh_from_db()
    assert (image.draft.text, read_draft(owner=alice, conversation=None)) == ("", "")


def test_the_version_is_of_the_text_with_unix_line_ends(alice):
    assert save_draft(owner=alice, conversation=None, text="a\r\nb") == version_of("a\nb")


@pytest.mark.parametrize(
    ("stored", "version", "is_left"),
    [
        ("Hello", "", False),  # the very text that is sent
        ("Hel", version_of("Hel"), False),  # what the page had saved of it before
        ("Hel", None, False),  # no page
        ("From another tab", "", True),
        ("From another tab", version_of("Hel"), True),
    ],
)
def test_sending_clears_what_the_tab_sent_or_saw_and_nothing_else(alice, chat, stored, version, is_left):
    for conversation in (None, chat.conversation):
        save_draft(owner=alice, conversation=conversation, text=stored)
    Chat.begin(alice, chat.model, "Hello", draft_version=version)
    chat.say("Hello", draft_version=version)
    for conversation in (None, chat.conversation):
        assert read_draft(owner=alice, conversation=conversation) == (stored if is_left else "")


def test_reading_is_told_what_is_new(htmx_client, chat):
    data = {"conversation": str(chat.conversation.uuid)}
    kept = htmx_client.post("/draft/", {**data, "text": "<b>Half</b>", "version": ""})
    assert kept.status_code == 204
    fresh = htmx_client.get("/draft/", {**data, "version": ""})
    assert (fresh.status_code, fresh.text, fresh["Content-Type"]) == (200, "<b>Half</b>", "text/plain; charset=utf-8")
    assert fresh["Draft-Version"] == kept["Draft-Version"] == version_of("<b>Half</b>")
    same = htmx_client.get("/draft/", {**data, "version": fresh["Draft-Version"]})
    assert (same.status_code, same.content) == (204, b"")
    assert htmx_client.get("/draft/", {"version": ""}).status_code == 204  # the new chat's is another one


def test_a_message_that_must_be_mended_does_not_replace_another_tabs_draft(htmx_client, alice, chat):
    url = f"/c/{chat.conversation.uuid}/messages/"
    wrong = {"text": "Mine", "model": "fake/none", "draft_version": ""}
    mended = htmx_client.post(url, wrong)
    assert (mended.status_code, mended["Draft-Version"]) == (422, version_of("Mine"))
    save_draft(owner=alice, conversation=chat.conversation, text="Theirs")
    refused = htmx_client.post(url, wrong)
    assert refused.status_code == 422
    assert "Mine</textarea>" in refused.text
    assert "Draft-Version" not in refused
    assert Draft.objects.get().text == "Theirs"


def test_without_scripts_the_page_sends_the_version_it_began_with(alice_client, alice, chat):
    save_draft(owner=alice, conversation=chat.conversation, text="Half")
    page = alice_client.get(f"/c/{chat.conversation.uuid}/").text
    assert f'<input type="hidden" name="draft_version" value="{version_of("Half")}">' in page
