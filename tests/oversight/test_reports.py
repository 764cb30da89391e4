"""Reporting an answer lets admins read it with its question, and nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.accounts.models import AuditEntry
from playground.chat.models import Message
from playground.chat.services.deleting import delete_message
from playground.oversight.models import Report, ReportState
from playground.oversight.services import MOST_OPEN_REPORTS
from tests.accounts.people import client_of
from tests.chat.making import Chat
from tests.oversight.conftest import SECRET_WORDS

NOTE = "This is <b>not</b> right"


@pytest.fixture
def last_answer(chat) -> Message:
    return chat.answer


def report(client: Client, message: Message, **fields):
    return client.post(f"/messages/{message.uuid}/report/", {"note": NOTE, **fields})


def admin_page(client: Client) -> str:
    return client.get(f"/admin/oversight/report/{Report.objects.get().pk}/change/").content.decode()


def test_admins_read_the_answer_its_question_and_the_note(last_answer, alice_client, admin_client):
    assert report(alice_client, last_answer).status_code == 302
    page = admin_page(admin_client)
    assert "Something else entirely" in page
    assert "Of course." in page
    assert "This is &lt;b&gt;not&lt;/b&gt; right" in page
    assert SECRET_WORDS not in page  # it stands earlier in the same conversation
    listed = admin_client.get("/admin/oversight/report/").content.decode()
    assert "Of course." not in listed


def test_the_same_answer_is_reported_once(last_answer, alice_client):
    report(alice_client, last_answer)
    report(alice_client, last_answer)
    assert Report.objects.count() == 1


def test_a_report_needs_a_note(last_answer, alice_client):
    assert report(alice_client, last_answer, note=" ").status_code == 422
    assert not Report.objects.exists()


def test_only_finished_answers_can_be_reported(chat, alice_client):
    assert report(alice_client, chat.question).status_code == 422
    live = Chat.begin(chat.owner, chat.model, "Still going")
    assert report(alice_client, live.answer).status_code == 422
    assert not Report.objects.exists()


def test_not_any_number_of_them(last_answer, alice, alice_client):
    Report.objects.bulk_create(Report(reporter=alice, note="x") for _ in range(MOST_OPEN_REPORTS))
    assert report(alice_client, last_answer).status_code == 422


def test_others_cannot_report_it(last_answer, bob_client, visitor_client, admin_client):
    for client, status in ((bob_client, 404), (admin_client, 404), (visitor_client, 302)):
        assert report(client, last_answer).status_code == status
    assert not Report.objects.exists()


def test_whoever_takes_it_back_is_not_read_any_more(last_answer, alice_client, admin_client):
    report(alice_client, last_answer)
    assert "Withdraw" in alice_client.get(f"/messages/{last_answer.uuid}/report/").content.decode()
    assert report(alice_client, last_answer, withdraw="yes").status_code == 302
    page = admin_page(admin_client)
    assert "Of course." not in page
    assert "Something else entirely" not in page
    report(alice_client, last_answer)  # and may report it again
    assert Report.objects.filter(state=ReportState.OPEN).count() == 1


@pytest.mark.parametrize("how", ["message", "conversation", "for good"])
def test_what_its_owner_deletes_is_not_read_any_more(how, chat, last_answer, alice_client, admin_client):
    report(alice_client, last_answer)
    if how == "message":
        delete_message(message=last_answer)
    elif how == "conversation":
        alice_client.post(f"/c/{chat.conversation.uuid}/delete/")
    else:
        chat.conversation.delete()
    assert "Of course." not in admin_page(admin_client)


def test_it_is_resolved_and_the_reporter_reads_what_came_of_it(last_answer, alice_client, admin_client):
    report(alice_client, last_answer)
    row = Report.objects.get()
    change = {"state": "resolved", "answer": "We have told the provider.", "note": "forged"}
    assert admin_client.post(f"/admin/oversight/report/{row.pk}/change/", change).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.note) == (ReportState.RESOLVED, NOTE)
    assert row.resolved_at is not None
    page = alice_client.get(f"/messages/{last_answer.uuid}/report/").content.decode()
    assert "We have told the provider." in page
    entry = AuditEntry.objects.get()
    assert entry.action == "report.change"
    assert "Of course." not in str(AuditEntry.objects.values().get())


def test_an_admin_does_not_withdraw_it(last_answer, alice_client, admin_client):
    report(alice_client, last_answer)
    row = Report.objects.get()
    assert admin_client.post(f"/admin/oversight/report/{row.pk}/change/", {"state": "withdrawn"}).status_code == 200
    row.refresh_from_db()
    assert row.state == ReportState.OPEN


@pytest.mark.parametrize("who", ["visitor_client", "alice_client", "reviewer_client"])
def test_only_admins_read_reports(who, last_answer, alice_client, request):
    report(alice_client, last_answer)
    client = request.getfixturevalue(who)
    for path in ("", f"{Report.objects.get().pk}/change/"):
        assert client.get(f"/admin/oversight/report/{path}").status_code in {302, 403}


def test_the_menu_of_an_answer_leads_there(last_answer, alice_client):
    page = alice_client.get(f"/c/{last_answer.conversation.uuid}/").content.decode()
    assert f"/messages/{last_answer.uuid}/report/" in page
    assert f"/messages/{last_answer.parent.uuid}/report/" not in page


def test_the_list_takes_the_same_few_queries_however_long_it_is(alice, admin, django_assert_max_num_queries):
    client = client_of(admin)
    Report.objects.bulk_create(Report(reporter=alice, note="x") for _ in range(10))
    client.get("/admin/oversight/report/")
    with django_assert_max_num_queries(8):
        client.get("/admin/oversight/report/")
    Report.objects.bulk_create(Report(reporter=alice, note="x") for _ in range(1000))
    with django_assert_max_num_queries(8):
        assert client.get("/admin/oversight/report/").status_code == 200
