"""Who may do what, and the admin who remains."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from playground.accounts.models import User
from playground.accounts.people import LastAdmin, give_role, part, suspend
from playground.accounts.roles import Role, may_manage_people, may_review_usage, may_see_content, role_of
from tests.accounts.people import make_admin

RIGHTS = (may_review_usage, may_manage_people, may_see_content)


def rights(person) -> tuple[bool, ...]:
    return tuple(may(person) for may in RIGHTS)


def test_each_role_may_do_its_own(alice, reviewer, admin, settings):
    settings.CONTENT_REVIEW_IS_ON = True
    assert rights(AnonymousUser()) == (False, False, False)
    assert (role_of(alice), rights(alice)) == (Role.USER, (False, False, False))
    assert (role_of(reviewer), rights(reviewer)) == (Role.REVIEWER, (True, False, False))
    assert (role_of(admin), rights(admin)) == (Role.ADMIN, (True, True, True))


def test_content_is_private_unless_the_operator_says_otherwise(admin):
    assert not may_see_content(admin)


def test_the_suspended_may_do_nothing(reviewer, admin, settings):
    settings.CONTENT_REVIEW_IS_ON = True
    for person in (reviewer, admin):
        person.is_active = False
        assert rights(person) == (False, False, False)


def test_a_reviewer_sees_none_of_the_admins_tables(reviewer_client, alice):
    assert reviewer_client.get("/admin/").status_code == 200
    for path in ("accounts/user/", f"accounts/user/{alice.pk}/change/", f"accounts/user/{alice.pk}/suspend/",
                 "accounts/invitation/", "accounts/invitation/add/", "accounts/auditentry/", "accounts/peoplegroup/",
                 "catalog/provider/", "oversight/conversationfigures/", "oversight/conversationfigures/retention/",
                 "oversight/report/"):  # fmt: skip
        assert reviewer_client.get(f"/admin/{path}").status_code == 403, path


@pytest.mark.parametrize("role", Role.values)
def test_the_admin_gives_roles(role, admin_client, alice):
    answer = admin_client.post(f"/admin/accounts/user/{alice.pk}/change/", {"username": "alice", "role": role})
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert alice.role == role


def test_the_form_takes_no_flags(admin_client, alice):
    form = {"username": "alice", "role": "user", "is_superuser": "on", "is_staff": "on", "user_permissions": "1"}
    admin_client.post(f"/admin/accounts/user/{alice.pk}/change/", form)
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.user_permissions.count()) == (False, False, 0)


class TestTheLastAdmin:
    def test_is_not_demoted(self, admin, admin_client):
        answer = admin_client.post(f"/admin/accounts/user/{admin.pk}/change/", {"username": "admin", "role": "user"})
        assert answer.status_code == 200
        assert "This is the last admin" in answer.content.decode()
        admin.refresh_from_db()
        assert admin.role == Role.ADMIN

    def test_is_not_suspended(self, admin):
        with pytest.raises(LastAdmin):
            suspend(admin)
        admin.refresh_from_db()
        assert admin.is_active

    def test_is_not_deleted(self, admin, admin_client, alice):
        answer = admin_client.post(f"/admin/accounts/user/{admin.pk}/delete/", {"post": "yes"})
        assert "This is the last admin" in answer.content.decode()
        chosen = {"action": "delete_selected", "_selected_action": [admin.pk, alice.pk], "post": "yes"}
        assert "This is the last admin" in admin_client.post("/admin/accounts/user/", chosen).content.decode()
        assert User.objects.filter(pk__in=[admin.pk, alice.pk]).count() == 2

    def test_is_the_one_who_can_sign_in(self, admin):
        other = make_admin()
        other.set_unusable_password()
        other.save()
        with pytest.raises(LastAdmin):
            suspend(admin)

    def test_may_go_once_there_is_another(self, admin):
        make_admin()
        give_role(admin, Role.USER)
        assert admin.role == Role.USER

    def test_all_of_them_are_not_deleted_together(self, admin):
        other = make_admin()
        with pytest.raises(LastAdmin):
            part([admin.pk, other.pk])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_two_admins_who_suspend_each_other_at_once_leave_one(attempt, admin):
    """Each in a thread with a connection of its own, as two requests."""
    other = make_admin()
    at_once = threading.Barrier(2)

    def go(person: User) -> None:
        try:
            at_once.wait(30)
            suspend(person)
        except LastAdmin:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(person,)) for person in (admin, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
