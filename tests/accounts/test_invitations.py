"""Links that make an account, once."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from playground.accounts.invitations import InvitationGone, accept, find, invite
from playground.accounts.models import AuditEntry, Invitation, User
from playground.accounts.people import suspend
from playground.accounts.roles import Role
from tests.accounts.people import make_admin

FORM = {"username": "carol", "role": "user", "days": "7"}
PASSWORD = "carol has a long one"


def make_link(client: Client, **fields) -> str:
    """The path and token of the link that the admin is shown."""
    answer = client.post("/admin/accounts/invitation/add/", {**FORM, **fields})
    assert answer.status_code == 200
    found = re.search(r">(http://testserver)(/invitation/\?token=[\w-]+)<", unescape(answer.content.decode()))
    assert found, answer.content.decode()
    return found[2]


def token_of(link: str) -> str:
    return link.partition("token=")[2]


def accept_link(link: str, client: Client | None = None, password: str = PASSWORD):
    return (client or Client()).post("/invitation/", {"token": token_of(link), "password": password})


def test_a_link_makes_the_account_with_role_and_groups(admin_client, settings):
    settings.IS_SIGNUP_OPEN = False
    group = Group.objects.create(name="Research")
    link = make_link(admin_client, role="reviewer", groups=[group.pk])
    visitor = Client()
    page = visitor.get(link)
    assert page.status_code == 200
    assert "carol" in page.content.decode()
    assert User.objects.filter(username="carol").count() == 0  # looking is not accepting
    answer = accept_link(link, visitor)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert visitor.get("/settings/").status_code == 200
    carol = User.objects.get(username="carol")
    assert (carol.role, list(carol.groups.all())) == (Role.REVIEWER, [group])
    assert Client().post("/accounts/login/", {"login": "carol", "password": PASSWORD}).status_code == 302


def test_it_works_once(admin_client):
    link = make_link(admin_client)
    assert accept_link(link).status_code == 302
    for answer in (Client().get(link), accept_link(link)):
        assert answer.status_code == 404
        assert "used, revoked or is too old" in answer.content.decode()


def test_of_two_at_once_one_gets_the_account(admin):
    _made, token = invite(by=admin, username="carol", role="user", days=1)
    first, second = find(token), find(token)
    accept(first, password=PASSWORD)
    with pytest.raises(InvitationGone):
        accept(second, password=PASSWORD)
    assert User.objects.filter(username="carol").count() == 1


def test_its_token_is_long_and_not_kept(admin):
    invitation, token = invite(by=admin, username="carol", role="user", days=1)
    assert len(token) >= 43  # 256 bits in base64
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert token not in str(row)
    assert token not in str(list(AuditEntry.objects.values()))


def test_it_expires(admin, time_machine):
    _made, token = invite(by=admin, username="carol", role="user", days=3)
    time_machine.move_to(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3, seconds=1))
    assert Client().get(f"/invitation/?token={token}").status_code == 404


def test_it_can_be_revoked(admin_client):
    link = make_link(admin_client)
    chosen = [Invitation.objects.get().pk]
    admin_client.post("/admin/accounts/invitation/", {"action": "revoke_links", "_selected_action": chosen})
    assert accept_link(link).status_code == 404
    assert not User.objects.filter(username="carol").exists()


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice"])
def test_a_link_for_a_name_that_exists_is_refused_in_words(name, alice, admin_client):
    answer = admin_client.post("/admin/accounts/invitation/add/", {**FORM, "username": name})
    assert "Somebody has an account of this name already." in answer.content.decode()
    assert not Invitation.objects.exists()


def test_a_name_that_was_taken_meanwhile_is_told_and_the_link_works_on(admin_client, django_user_model):
    link = make_link(admin_client)
    taken = django_user_model.objects.create_user(username="Carol", password="x")
    answer = accept_link(link)
    assert answer.status_code == 422
    assert "by now" in answer.content.decode()
    taken.delete()
    assert accept_link(link).status_code == 302


def test_another_link_for_the_same_name_ends_the_first(admin_client):
    first, second = make_link(admin_client), make_link(admin_client)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


@pytest.mark.parametrize(
    ("role", "password"), [("user", "short"), ("admin", "fourteen chars"), ("user", "password1234")]
)
def test_weak_passwords_are_refused(role, password, admin_client):
    link = make_link(admin_client, role=role)
    assert accept_link(link, password=password).status_code == 422
    assert not User.objects.filter(username="carol").exists()


def test_links_of_an_admin_who_is_suspended_end(admin):
    other = make_admin()
    _made, token = invite(by=other, username="mallory", role="admin", days=30)
    suspend(other)
    assert Client().get(f"/invitation/?token={token}").status_code == 404


def test_whoever_is_signed_in_is_asked_to_sign_out_first(admin_client, alice_client):
    link = make_link(admin_client)
    assert "You are signed in as alice" in alice_client.get(link).content.decode()
    assert accept_link(link, alice_client).status_code == 422
    assert not User.objects.filter(username="carol").exists()


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\x00", "é", "' OR 1=1"])
def test_odd_tokens_are_no_invitations(token, db):
    assert Client().get("/invitation/", {"token": token}).status_code in {400, 404}
    assert Client().post("/invitation/", {"token": token, "password": PASSWORD}).status_code in {404, 422}


@pytest.mark.parametrize("who", ["visitor_client", "alice_client", "reviewer_client"])
def test_only_admins_invite(who, request):
    answer = request.getfixturevalue(who).post("/admin/accounts/invitation/add/", FORM)
    assert answer.status_code in {302, 403}
    assert not Invitation.objects.exists()


def test_in_local_mode_nobody_is_invited(admin_client, settings):
    settings.IS_LOCAL = True
    answer = admin_client.get("/admin/accounts/invitation/add/", headers={"host": "localhost"})
    assert answer.status_code == 403


def test_hostile_names_are_refused(admin_client):
    for name in ("<script>", "a b", "x" * 151, "", "a\u202eb"):
        answer = admin_client.post("/admin/accounts/invitation/add/", {**FORM, "username": name})
        assert answer.status_code == 200
    assert not Invitation.objects.exists()


def test_the_list_takes_the_same_few_queries_however_long_it_is(admin, admin_client, django_assert_max_num_queries):
    def make(count: int, start: int) -> None:
        Invitation.objects.bulk_create(
            Invitation(
                token_hash=f"{start + number:064d}",
                username=f"user{start + number}",
                invited_by=admin,
                expires_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
            )
            for number in range(count)
        )

    make(10, 0)
    admin_client.get("/admin/accounts/invitation/")
    with django_assert_max_num_queries(8):
        admin_client.get("/admin/accounts/invitation/")
    make(1000, 10)
    with django_assert_max_num_queries(8):
        admin_client.get("/admin/accounts/invitation/")
