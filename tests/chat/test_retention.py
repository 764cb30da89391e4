"""What is too old goes, as it was shown, in small steps; the rest stays."""

from __future__ import annotations

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from playground.accounts.models import AuditEntry
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.services import retention
from playground.chat.services.retention import cutoff, delete_aged, look
from playground.runs.models import Run
from playground.server.upkeep import upkeep
from playground.usage.models import LedgerEntry
from tests.chat.making import Chat, make_image, make_long_conversation

DAY = datetime.timedelta(days=1)


def grow_old(conversation: Conversation, days: int) -> Conversation:
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now() - days * DAY)
    return conversation


def conversation_of(owner, model, days: int) -> Conversation:
    chat = Chat.begin(owner, model, f"{days} days old")
    chat.end("An answer")
    return grow_old(chat.conversation, days)


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("retention", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def old_and_new(alice, bob, model):
    """Two old ones of alice's, one of them with an image, one of bob's, and a new one."""
    image = make_image(alice)
    with_image = Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid])
    with_image.end("A red square")
    grow_old(with_image.conversation, 100)
    return [
        with_image.conversation,
        conversation_of(alice, model, 200),
        conversation_of(bob, model, 150),
        conversation_of(alice, model, 5),
    ]


def test_what_would_go_is_told_in_figures(old_and_new):
    found = look(cutoff(90))
    assert (found.conversations, found.messages, found.images, found.people) == (3, 6, 1, 2)
    assert found.oldest is not None
    assert found.newest is not None
    assert (timezone.now() - found.oldest).days == 200
    assert (timezone.now() - found.newest).days == 100


def test_what_is_too_old_goes_with_all_of_it_and_the_ledger_stays(old_and_new):
    entries = LedgerEntry.objects.count()
    removed = delete_aged(cutoff(90))
    assert (removed.conversations, removed.messages, removed.is_all) == (3, 6, True)
    assert list(Conversation.objects.all()) == [old_and_new[3]]
    assert (Message.objects.count(), Run.objects.count(), Attachment.objects.count()) == (2, 1, 0)
    assert LedgerEntry.objects.count() == entries == 4


def test_an_answer_that_is_being_written_keeps_its_conversation(alice, model):
    live = Chat.begin(alice, model, "Still going")
    grow_old(live.conversation, 400)
    assert look(cutoff(90)).conversations == 0
    delete_aged(cutoff(90))
    assert Conversation.objects.count() == 1


def test_what_was_written_to_meanwhile_stays(old_and_new, monkeypatch):
    before = cutoff(90)
    batches = list(retention._batches(before))
    Conversation.objects.filter(pk=old_and_new[1].pk).update(updated_at=timezone.now())
    for batch in batches:
        retention._delete(batch, before)
    assert set(Conversation.objects.all()) == {old_and_new[1], old_and_new[3]}


@pytest.mark.parametrize("length", [1, 6, 7, 40])
def test_a_long_conversation_goes_in_steps(length, alice, model, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(retention, "MESSAGES_AT_ONCE", 6)
    monkeypatch.setattr(retention, "LEAST_PAUSE_S", 0)
    grow_old(make_long_conversation(alice, model, length), 100)
    short = conversation_of(alice, model, 100)
    assert delete_aged(cutoff(90)).messages == length + 2
    assert not Conversation.objects.filter(pk=short.pk).exists()
    assert (Conversation.objects.count(), Message.objects.count(), Run.objects.count()) == (0, 0, 0)


def test_no_transaction_holds_more_than_its_share(alice, model, monkeypatch):
    monkeypatch.setattr(retention, "MESSAGES_AT_ONCE", 6)
    for _ in range(5):
        conversation_of(alice, model, 100)
    assert [len(batch) for batch in retention._batches(cutoff(90))] == [3, 2]


def test_time_that_is_up_leaves_the_rest_for_later(old_and_new, monkeypatch):
    monkeypatch.setattr(retention, "CONVERSATIONS_AT_ONCE", 1)
    removed = delete_aged(cutoff(90), within_s=0)
    assert (removed.conversations, removed.is_all) == (1, False)
    assert look(cutoff(90)).conversations == 2


class TestCommand:
    def test_a_dry_run_deletes_nothing(self, old_and_new):
        said = command("--dry-run", "--days", "90")
        assert said.startswith("Would delete 3 conversations of 2 people with 6 messages and 1 images")
        assert Conversation.objects.count() == 4
        assert not AuditEntry.objects.exists()

    def test_it_deletes_and_the_audit_log_has_it(self, old_and_new):
        assert command("--days", "90").startswith("Deleted 3 conversations and 6 messages")
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.actor_name) == ("retention.delete", "")
        assert entry.after == "3 conversations\n6 messages"

    def test_without_a_rule_it_asks_for_days(self, db):
        with pytest.raises(CommandError):
            command("--dry-run")


class TestUpkeep:
    def test_it_keeps_to_the_rule(self, old_and_new, settings):
        settings.RETENTION_DAYS = 120
        upkeep()
        assert Conversation.objects.count() == 2
        assert AuditEntry.objects.get().note == "PLAYGROUND_RETENTION_DAYS=120"

    def test_without_a_rule_nothing_is_too_old(self, old_and_new):
        upkeep()
        assert Conversation.objects.count() == 4
        assert not AuditEntry.objects.exists()

    def test_people_are_told_of_the_rule(self, alice_client, settings):
        assert "after their last message" not in alice_client.get("/settings/").content.decode()
        settings.RETENTION_DAYS = 90
        assert "deleted 90 days after their last message" in alice_client.get("/settings/").content.decode()
