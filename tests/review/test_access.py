"""Who may review what everybody used."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from playground.runs.models import Run
from playground.usage.models import LedgerEntry
from tests.chat.making import Chat
from tests.review.making import body_of, spend

NAMES = [
    "usage_review", "usage_review_breakdown", "usage_review_runs", "usage_review_export", "usage_review_run",
    "usage_review_statement",
]  # fmt: skip


@pytest.fixture
def address(alice, model):
    run = spend(alice, model).run
    return lambda name: reverse(name, args=[run] if name == "usage_review_run" else []) + "?by=user&format="


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
class TestEveryAddress:
    def test_visitors_are_sent_to_sign_in(self, name, address, visitor_client):
        answer = visitor_client.get(address(name))
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")

    def test_people_may_not_not_even_for_what_is_theirs(self, name, address, alice_client):
        assert alice_client.get(address(name)).status_code == 403

    def test_reviewers_may(self, name, address, reviewer_client):
        assert reviewer_client.get(address(name)).status_code == 200

    def test_admins_may(self, name, address, admin_client):
        assert admin_client.get(address(name)).status_code == 200

    def test_who_is_suspended_may_not(self, name, address, reviewer, reviewer_client):
        reviewer.is_active = False
        reviewer.save()
        assert reviewer_client.get(address(name)).status_code == 302

    def test_nothing_is_changed_by_other_methods(self, name, address, admin_client):
        for method in ("put", "patch", "delete"):
            assert getattr(admin_client, method)(address(name)).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["visitor_client", "alice_client"])
def test_an_invoice_is_not_read_for_everybody(who, request):
    file = SimpleUploadedFile("invoice.csv", b"model,cost\ngpt,1\n")
    answer = request.getfixturevalue(who).post(reverse("usage_review_statement"), {"provider": "fake", "file": file})
    assert answer.status_code == (302 if who == "visitor_client" else 403)


@pytest.mark.django_db(transaction=True)  # a file is read by steps that give their connection back
def test_no_page_and_no_file_shows_what_was_written(alice, model, admin_client):
    chat = Chat.begin(alice, model, "canary in the question")
    run = Run.objects.get()
    run.request = {"stop": ["canary in the request"]}
    run.save()
    chat.end("canary in the answer")
    entry = LedgerEntry.objects.get()
    answers = [admin_client.get(reverse(name)).content.decode() for name in ("usage_review", "usage_review_runs")]
    answers.append(admin_client.get(reverse("usage_review_run", args=[entry.run])).content.decode())
    answers += [body_of(admin_client.get(reverse("usage_review_export"), {"format": kind})) for kind in ("csv", "json")]
    assert all("fake/priced" in answer for answer in answers)
    assert not any("canary" in answer for answer in answers)


@pytest.mark.django_db
def test_the_link_is_for_those_who_may(alice_client, reviewer_client, admin_client):
    review = f'href="{reverse("usage_review")}"'
    assert review not in alice_client.get("/").content.decode()
    assert review in reviewer_client.get("/").content.decode()
    assert review in admin_client.get("/").content.decode()
    assert review in admin_client.get("/admin/").content.decode()
