"""The audit log: every action of an admin leaves a row, no row holds a secret, and none ever changes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.db import Error, connection, transaction
from django.test import Client
from django.utils import timezone

from playground.accounts.invitations import invite
from playground.accounts.models import AuditEntry, User
from playground.accounts.models.audit import Immutable
from playground.catalog.models import Model, Provider
from playground.chat.models import Conversation
from playground.lib.admin import AuditedAdmin
from playground.lib.auditing import Act, clean, is_secret, record
from playground.oversight.models import Report
from tests.chat.making import Chat, make_model

SECRET = "sk-verysecret0123456789abcdef"
PASSWORD = "a new and long password 7"


@dataclass
class World:
    admin: User
    alice: User
    client: Client
    model: Model

    @property
    def provider(self) -> Provider:
        return self.model.provider

    def provider_form(self, **fields: Any) -> dict[str, Any]:
        form = {
            "name": "Fake", "slug": "fake", "base_url": "http://127.0.0.1:9/v1", "is_enabled": "on", "position": "100",
            "continue_style": "ask",
        }  # fmt: skip
        return {**form, **fields}


@pytest.fixture
def world(admin, alice, admin_client, settings) -> World:
    settings.CONTENT_REVIEW_IS_ON = True
    return World(admin, alice, admin_client, make_model("fake"))


def post(world: World, path: str, **fields: Any):
    return world.client.post(f"/admin/{path}", fields)


def act_on(world: World, path: str, action: str, *rows: Any):
    return post(world, path, action=action, _selected_action=[row.pk for row in rows], post="yes")


def password_form() -> dict[str, str]:
    return {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}


def make_group(name: str = "Research") -> Group:
    return Group.objects.create(name=name)


def suspended(world: World) -> User:
    User.objects.filter(pk=world.alice.pk).update(is_active=False)
    return world.alice


def conversation(world: World) -> Conversation:
    return Chat.begin(world.alice, world.model, "Hello").conversation


def report(world: World) -> Report:
    chat = Chat.begin(world.alice, world.model, "Hello")
    return Report.objects.create(message=chat.end("Rude words"), reporter=world.alice, note="It is rude")


def old_conversation(world: World) -> None:
    Conversation.objects.create(owner=world.alice, updated_at=timezone.now() - datetime.timedelta(days=400))


def delete_old(world: World):
    old_conversation(world)
    before = (timezone.now() - datetime.timedelta(days=365)).isoformat(timespec="microseconds")
    return post(world, "oversight/conversationfigures/retention/", before=before, confirm="on")


def change(world: World, path: str, **fields: Any):
    return post(world, f"{path}/change/", **fields)


ACTIONS = {
    "user.add": lambda w: post(w, "accounts/user/add/", username="carol", **password_form()),
    "user.change": lambda w: change(w, f"accounts/user/{w.alice.pk}", username="alice", role="reviewer"),
    "user.change (password)": lambda w: post(w, f"accounts/user/{w.alice.pk}/password/", **password_form()),
    "user.change (groups)": lambda w: change(
        w, f"accounts/user/{w.alice.pk}", username="alice", role="user", groups=[make_group().pk]
    ),
    "user.delete": lambda w: post(w, f"accounts/user/{w.alice.pk}/delete/", post="yes"),
    "user.delete (several)": lambda w: act_on(w, "accounts/user/", "delete_selected", w.alice),
    "user.suspend": lambda w: post(w, f"accounts/user/{w.alice.pk}/suspend/", confirm="suspend"),
    "user.suspend (several)": lambda w: act_on(w, "accounts/user/", "suspend_people", w.alice),
    "user.unsuspend": lambda w: post(w, f"accounts/user/{suspended(w).pk}/suspend/", confirm="unsuspend"),
    "invitation.add": lambda w: post(w, "accounts/invitation/add/", username="carol", role="user", days="7"),
    "invitation.revoke": lambda w: act_on(
        w, "accounts/invitation/", "revoke_links", invite(by=w.admin, username="carol", role="user", days=1)[0]
    ),
    "peoplegroup.add": lambda w: post(w, "accounts/peoplegroup/add/", name="Research"),
    "peoplegroup.change": lambda w: change(w, f"accounts/peoplegroup/{make_group().pk}", name="Development"),
    "peoplegroup.delete": lambda w: post(w, f"accounts/peoplegroup/{make_group().pk}/delete/", post="yes"),
    "provider.add": lambda w: post(
        w, "catalog/provider/add/", **w.provider_form(name="New", slug="new", new_api_key=SECRET, requires_key="on")
    ),
    "provider.change": lambda w: change(
        w, f"catalog/provider/{w.provider.pk}", **w.provider_form(name="Renamed", new_api_key=SECRET)
    ),
    "provider.delete": lambda w: post(w, f"catalog/provider/{w.provider.pk}/delete/", post="yes"),
    "provider.list_from_server": lambda w: act_on(w, "catalog/provider/", "list_from_server", w.provider),
    "provider.key": lambda w: w.client.post(f"/models/{w.provider.slug}/key/", {"api_key": SECRET, "base_url": w.provider.base_url}),
    "model.delete": lambda w: post(w, f"catalog/model/{w.model.pk}/delete/", post="yes"),
    "conversation.open": lambda w: change(
        w, f"oversight/conversationfigures/{conversation(w).pk}", reason="Complaint number 4711"
    ),
    "report.change": lambda w: change(w, f"oversight/report/{report(w).pk}", state="resolved", answer="Talked to them"),
    "retention.delete": delete_old,
}  # fmt: skip


@pytest.mark.parametrize("name", list(ACTIONS))
def test_every_action_of_an_admin_leaves_a_row_without_secrets(name, world):
    answer = ACTIONS[name](world)
    assert answer.status_code in {200, 302}, answer.content.decode()[:2000]
    entry = AuditEntry.objects.get(action=name.partition(" ")[0])
    assert (entry.actor_name, entry.address) == ("admin", "127.0.0.1")
    everything = str(list(AuditEntry.objects.values()))
    for secret in (SECRET, SECRET[-8:], PASSWORD, "argon2", "md5$", "token="):
        assert secret not in everything


def test_there_are_more_than_twenty_of_them():
    assert len(ACTIONS) > 20


def test_every_page_of_the_admin_is_audited():
    strangers = [model for model, page in django_admin.site._registry.items() if not isinstance(page, AuditedAdmin)]
    assert strangers == []


def test_it_tells_what_changed(world):
    change(world, f"accounts/user/{world.alice.pk}", username="alicia", role="reviewer")
    entry = AuditEntry.objects.get()
    assert entry.before == "username: alice\nrole: user"
    assert entry.after == "username: alicia\nrole: reviewer"
    assert (entry.target_kind, entry.target_id, entry.target_name) == ("accounts.user", str(world.alice.pk), "alicia")
    assert entry.request_id == "" or len(entry.request_id) <= 64


def test_rows_below_a_row_are_told_too(world):
    price = world.model.prices.get()
    form = {
        "provider": world.provider.pk, "name": "fake", "title": "Fake", "position": "100", "is_enabled": "on",
        "capabilities": "[]", "image_tokens": "{}", "form_schema": "{}", "card": "{}", "tokenizer": "o200k_base",
        "max_images": "0",
        "prices-TOTAL_FORMS": "1", "prices-INITIAL_FORMS": "1", "prices-0-id": price.pk, "prices-0-model": world.model.pk,
        "prices-0-starts_on": "2025-01-01", "prices-0-input": "3", "prices-0-cached_input": "0.5", "prices-0-output": "8",
    }  # fmt: skip
    answer = change(world, f"catalog/model/{world.model.pk}", **form)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    entry = AuditEntry.objects.get()
    assert "price: input: 2" in entry.before
    assert "price: input: 3" in entry.after


def test_what_is_refused_leaves_no_row(world):
    change(world, f"accounts/user/{world.admin.pk}", username="admin", role="user")  # the last one
    post(world, f"accounts/user/{world.admin.pk}/suspend/", confirm="suspend")
    assert not AuditEntry.objects.exists()


def test_no_row_ever_changes(admin):
    record(None, Act("server.test"))
    entry = AuditEntry.objects.get()
    with pytest.raises(Immutable):
        entry.save()
    with pytest.raises(Immutable):
        entry.delete()
    with pytest.raises(Immutable):
        AuditEntry.objects.update(note="x")
    with pytest.raises(Immutable):
        AuditEntry.objects.all().delete()
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditentry SET note = 'x'")
    assert AuditEntry.objects.get().note == ""


def test_a_row_outlives_whom_it_is_about(world):
    post(world, f"accounts/user/{world.alice.pk}/suspend/", confirm="suspend")
    world.alice.delete()
    world.admin.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor_name, entry.target_name) == ("admin", "alice")


def test_admins_read_and_search_it_and_nobody_writes_it(world):
    post(world, f"accounts/user/{world.alice.pk}/suspend/", confirm="suspend", reason="Left")
    entry = AuditEntry.objects.get()
    assert "user.suspend" in world.client.get("/admin/accounts/auditentry/?q=left").content.decode()
    assert "user.suspend" not in world.client.get("/admin/accounts/auditentry/?q=nothing").content.decode()
    page = world.client.get(f"/admin/accounts/auditentry/{entry.pk}/change/").content.decode()
    assert "Left" in page
    assert world.client.post(f"/admin/accounts/auditentry/{entry.pk}/change/", {"note": "x"}).status_code == 403
    assert world.client.get("/admin/accounts/auditentry/add/").status_code == 403
    assert world.client.post(f"/admin/accounts/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


def test_hostile_names_are_text(world):
    hostile = '<img src=x onerror=alert(1)>"\x1b[31m\u2028'
    record(None, Act("server.test", target_name=hostile, note=hostile))
    page = world.client.get("/admin/accounts/auditentry/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img" in page
    assert "\x1b" not in AuditEntry.objects.get().note


def test_its_list_takes_the_same_few_queries_however_long_it_is(admin_client, django_assert_max_num_queries):
    AuditEntry.objects.bulk_create(AuditEntry(action="user.change") for _ in range(10))
    admin_client.get("/admin/accounts/auditentry/")
    with django_assert_max_num_queries(8):
        admin_client.get("/admin/accounts/auditentry/")
    AuditEntry.objects.bulk_create(AuditEntry(action="user.change") for _ in range(1000))
    with django_assert_max_num_queries(8):
        assert admin_client.get("/admin/accounts/auditentry/").status_code == 200


@pytest.mark.parametrize(
    "name", ["password", "new_api_key", "api_key", "new_headers", "token", "password2", "client_secret"]
)
def test_fields_of_these_names_are_secret(name):
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["context_tokens", "max_output_tokens", "image_tokens", "tokenizer", "username", "monkey"]
)
def test_fields_of_these_names_are_not(name):
    assert not is_secret(name)


@pytest.mark.parametrize(
    "text", [f"my key is {SECRET}", f"Authorization: Bearer {SECRET[3:]}", f"http://me:{SECRET[3:]}@host/v1"]
)
def test_what_looks_like_a_secret_is_cut_out(text):
    assert SECRET[3:] not in clean(text)
