"""Comparisons as things: renamed, duplicated, deleted and brought back, listed, purged."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from playground.chat.models import Conversation, Face, Message
from playground.chat.services.deleting import purge
from playground.chat.services.retention import delete_aged
from playground.compare import keeping
from playground.compare.listing import PAGE_ROWS, list_all
from playground.compare.models import Column, Comparison, Sweep, Verdict
from playground.compare.services.columns import columns_of
from playground.compare.services.posting import post_to_all
from playground.compare.turns import turns_of
from playground.runs.models import Run
from playground.usage.models import LedgerEntry
from playground.usage.places import places_of
from tests.chat.making import end_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(comparison):
    for one in post_to_all(owner=comparison.owner, comparison=comparison, text="Why?"):
        end_answer(one.answer, "Because.")
    return comparison


def make_sweep(owner, **fields):
    conversation = Conversation.objects.create(owner=owner, face=Face.SWEEP, updated_at=timezone.now())
    return Sweep.objects.create(owner=owner, conversation=conversation, updated_at=timezone.now(), **fields)


def test_what_is_deleted_is_gone_with_its_answers_and_comes_back_with_them(htmx_client, asked):
    message = Message.objects.filter(run__isnull=False).first()
    page = htmx_client.post(reverse("comparison_delete", args=[asked.uuid]))
    assert "Undo" in page.content.decode()
    assert htmx_client.get(reverse("comparison", args=[asked.uuid])).status_code == 404
    assert htmx_client.get(reverse("message", args=[message.uuid])).status_code == 404
    assert htmx_client.post(reverse("comparison_restore", args=[asked.uuid])).status_code == 200
    assert htmx_client.get(reverse("comparison", args=[asked.uuid])).status_code == 200
    assert htmx_client.get(reverse("message", args=[message.uuid])).status_code == 200


def test_answers_that_are_being_written_are_stopped(comparison, django_capture_on_commit_callbacks):
    post_to_all(owner=comparison.owner, comparison=comparison, text="Why?")
    with django_capture_on_commit_callbacks(execute=True):
        keeping.delete(comparison=comparison)
    assert not Run.objects.filter(stop_requested_at=None).active().exists()


def test_the_purge_takes_all_that_belongs_to_it(asked, make_comparison):
    other = make_comparison()
    keeping.delete(comparison=asked)
    purge(older_than=datetime.timedelta(0))
    assert list(Comparison.objects.values_list("pk", flat=True)) == [other.pk]
    assert Column.objects.count() == 2
    assert not Message.objects.exists()
    assert not Run.objects.exists()
    assert Conversation.objects.count() == 3  # the other one's columns and composer


def test_retention_takes_a_comparison_as_a_whole_and_none_that_is_in_use(asked, make_comparison):
    used = make_comparison()
    Conversation.objects.update(updated_at=timezone.now() - datetime.timedelta(days=40))
    post_to_all(owner=used.owner, comparison=used, text="Still in use.")
    for run in Run.objects.active():
        end_answer(run.message, "Yes.")
    delete_aged(timezone.now() - datetime.timedelta(days=30))
    assert list(Comparison.objects.values_list("pk", flat=True)) == [used.pk]
    assert [column.conversation.messages.count() for column in columns_of(used)] == [2, 2]
    assert Conversation.objects.filter(face=Face.COMPARE).count() == 3


@pytest.mark.parametrize("with_history", [True, False])
def test_a_duplicate_has_the_settings_and_the_history_when_asked_for(asked, with_history):
    asked.pinned_fields, asked.is_blind = ["temperature"], True
    asked.save()
    copy = keeping.duplicate(owner=asked.owner, comparison=asked, with_history=with_history)
    assert (copy.pinned_fields, copy.is_blind, copy.title) == (["temperature"], True, "Copy of Why?")
    columns = columns_of(copy)
    assert [one.conversation.parameters for one in columns] == [
        one.conversation.parameters for one in columns_of(asked)
    ]
    texts = [[one.text for one in column.conversation.messages.order_by("pk")] for column in columns]
    assert texts == [["Why?", "Because."] if with_history else []] * 2
    assert [len(turn.answers) for turn in turns_of(columns)] == ([2] if with_history else [])


def test_an_unfinished_answer_is_left_out_of_a_duplicate(comparison):
    post_to_all(owner=comparison.owner, comparison=comparison, text="Why?")
    copy = keeping.duplicate(owner=comparison.owner, comparison=comparison, with_history=True)
    assert [[one.text for one in column.conversation.messages.all()] for column in columns_of(copy)] == [["Why?"]] * 2


def test_a_new_title_needs_a_visible_character(htmx_client, asked):
    url = reverse("comparison_rename", args=[asked.uuid])
    assert htmx_client.post(url, {"title": "  "}).status_code == 422
    assert "<script>" not in htmx_client.post(url, {"title": "<script>alert(1)</script>"}).content.decode()
    asked.refresh_from_db()
    assert asked.title == "<script>alert(1)</script>"


# --- the list ---


def test_comparisons_and_sweeps_stand_together_latest_first(alice, asked):
    make_sweep(alice, title="Heat", base={"model": "fake/x"})
    lines = list_all(alice).lines
    assert [(line.kind, line.title) for line in lines] == [("sweep", "Heat"), ("comparison", "Why?")]
    assert [line.title for line in list_all(alice, query="hea").lines] == ["Heat"]
    assert lines[1].columns == 2


def test_the_list_comes_in_pages_and_costs_the_same_for_any_number(htmx_client, alice, asked):
    url = reverse("comparisons")
    counts = []
    now = timezone.now()
    for count in (10, 10, 1000):  # the first request of a test has more to ask
        for number in range(count - Comparison.objects.count()):
            when = now - datetime.timedelta(minutes=number + 1)
            composer = Conversation.objects.create(owner=alice, face=Face.COMPARE, updated_at=when)
            Comparison.objects.create(owner=alice, composer=composer, title=f"{number}", updated_at=when)
        with CaptureQueriesContext(connection) as queries:
            page = htmx_client.get(url)
        counts.append(len(queries))
        assert page.content.decode().count("data-kind=") == min(count, PAGE_ROWS)
    assert counts[1] == counts[2] <= 8
    first = list_all(alice)
    second = list_all(alice, before=first.older)
    assert not {line.uuid for line in first.lines} & {line.uuid for line in second.lines}


@pytest.mark.parametrize("before", ["nonsense", "2026-13-40", "2026-01-01", "9" * 500])
def test_a_page_that_does_not_exist_is_the_first(htmx_client, asked, before):
    assert "Why?" in htmx_client.get(reverse("comparisons"), {"before": before}).content.decode()


def test_nobody_sees_or_changes_what_is_somebody_elses(client, bob, asked):
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert "Why?" not in client.get(reverse("comparisons")).content.decode()
    for name in ("rename", "duplicate", "delete", "restore", "blind", "verdict"):
        assert client.post(reverse(f"comparison_{name}", args=[asked.uuid]), {"title": "x"}).status_code == 404
    for kind in ("csv", "json", "md"):
        assert client.get(reverse(f"comparison_export_{kind}", args=[asked.uuid])).status_code == 404
    asked.refresh_from_db()
    assert (asked.title, asked.deleted_at) == ("Why?", None)
    assert not Verdict.objects.exists()


def test_runs_lead_back_to_where_their_answers_stand(alice, bob, asked):
    entries = list(LedgerEntry.objects.all())
    places = places_of(alice, entries)
    assert len(places) == len(entries) == 2
    assert all(place.startswith(f"/compare/{asked.uuid}/#message-") for place in places.values())
    assert places_of(bob, entries) == {}
    keeping.delete(comparison=asked)
    assert places_of(alice, entries) == {}


def test_the_search_finds_titles_of_mine(htmx_client, client, alice, bob, asked):
    make_sweep(alice, title="Why so hot? <b>")
    page = htmx_client.get(reverse("search"), {"q": "why"}).content.decode()
    assert f'href="{reverse("comparison", args=[asked.uuid])}"' in page
    assert "<mark>Why</mark> so hot? &lt;b&gt;" in page
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert "<mark>" not in client.get(reverse("search"), {"q": "why"}).content.decode()
    assert "search__empty" in htmx_client.get(reverse("search"), {"q": "' %"}).content.decode()
