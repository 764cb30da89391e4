"""Who gets what at every address; see matrix.py."""

from __future__ import annotations

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from tests.safety.matrix import ROWS, SOCKETS, Cell, Row
from tests.safety.routes import Route, http_routes, socket_routes
from tests.safety.things import CANARY, FIGURES_CANARY, snapshot

ROUTES = {route.name: route for route in http_routes()}
# The admin's few nameless addresses lead to its named ones.
OWN = sorted(name for name in ROUTES if not name.startswith(("admin:", "admin/")))
ADMIN = sorted(name for name in ROUTES if name.startswith("admin:"))
ROLES = ("nobody", "owner", "other", "admin")


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(OWN) == set(ROWS)


def test_every_socket_has_a_row():
    assert set(socket_routes()) == set(SOCKETS)


def test_no_view_is_exempt_from_the_csrf_check():
    assert [name for name, route in ROUTES.items() if getattr(route.view, "csrf_exempt", False)] == []


def test_what_people_write_is_not_in_the_admin():
    registered = {model._meta.label for model in django_admin.site._registry}
    private = {"chat.Conversation", "chat.Message", "chat.Draft", "chat.Attachment", "chat.Blob", "runs.RunPiece"}
    assert not registered & private


def is_open(name: str) -> bool:
    """Whether the view answers people who are not signed in."""
    return not getattr(ROUTES[name].view, "login_required", True)


def ask(client, method: str, row: Row, name: str, things, cell: Cell | None):  # noqa: PLR0917 - a table’s columns
    url = reverse(name, kwargs=things.kwargs(row.names))
    if method == "get":
        return client.get(url, row.needs(things))
    return client.post(url, cell.data(things) if cell else {})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in OWN if name in ROWS])
def test_status_and_rows(name, method, role, clients, things):
    row = ROWS[name]
    cell: Cell | None = getattr(row, method)
    before = snapshot()
    answer = ask(clients[role], method, row, name, things, cell)
    after = snapshot()
    expected = getattr(cell, role) if cell else (302 if role == "nobody" and not is_open(name) else 405)
    assert answer.status_code == expected, f"{method} {name} as {role}"
    if role == "nobody" and expected == 302 and not name.startswith("account_"):
        assert answer["Location"].startswith("/accounts/login/")
    if cell is None or role != "owner":
        # Others may change what is theirs, never what is alice's; where the address names her thing, nothing at all.
        if cell is None or row.names or role == "nobody":
            assert after == before, f"{method} {name} as {role} changed rows"
    elif cell.changes is not None:
        assert (after != before) is cell.changes
    if role != "owner" and not answer.streaming:
        assert CANARY.encode() not in answer.content
        if not (role == "admin" and name.startswith("usage_review")):
            assert FIGURES_CANARY.encode() not in answer.content


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, row in ROWS.items()
        if row.names
        in {"conversation", "deleted_conversation", "question", "answer", "sent_image", "drafted_image", "run", "share"}
    ),
)
def test_not_yours_and_absent_are_the_same_bytes(name, bob_client, things):
    row = ROWS[name]
    method = "get" if row.get else "post"
    cell = row.get or row.post
    theirs = ask(bob_client, method, row, name, things, cell)
    nowhere = reverse(name, kwargs={"uuid": "00000000-0000-4000-8000-000000000000"})
    absent = getattr(bob_client, method)(nowhere, row.needs(things) if row.get else cell.data(things))
    assert (theirs.status_code, theirs.content) == (404, absent.content)


# --- the admin: one rule for all of its addresses ---


def admin_url(route: Route, user) -> str:
    known = {
        "object_id": str(user.pk),
        "id": str(user.pk),
        "app_label": "accounts",
        "content_type_id": "1",
        "url": "nowhere/",
    }
    return reverse(route.name, kwargs={name: known[name] for name in route.parameters})


@pytest.mark.parametrize("name", ADMIN)
@pytest.mark.parametrize("method", ["get", "post"])
def test_admin_address_is_closed_to_all_but_admins(name, method, clients, things, alice):
    url = admin_url(ROUTES[name], alice)
    before = snapshot()
    answers = {role: getattr(clients[role], method)(url) for role in ROLES}
    assert answers["nobody"].status_code in {302, 404}
    for role in ("owner", "other"):
        assert answers[role].status_code in {302, 403, 404} or name == "admin:logout", role
    assert answers["admin"].status_code < 500
    assert snapshot() == before
    assert all(CANARY.encode() not in answer.content for answer in answers.values())


def test_staff_cannot_make_themselves_superuser(bob, bob_client, alice):
    """Rights on users are given by name; a plain staff member has none."""
    get_user_model().objects.filter(pk=bob.pk).update(is_staff=True)
    url = reverse("admin:accounts_user_change", args=[bob.pk])
    assert bob_client.post(url, {"is_superuser": "on"}).status_code == 403
    bob.refresh_from_db()
    assert not bob.is_superuser


# --- mass assignment ---


@pytest.mark.parametrize("name", ["settings", "account_change_password"])
def test_form_takes_its_own_fields_only(name, alice, alice_client):
    alice_client.post(
        reverse(name),
        {
            "theme": "dark", "send_key": "enter", "is_staff": "on", "is_superuser": "1", "is_active": "", "username": "root",
            "id": "999", "uuid": "00000000-0000-4000-8000-000000000000", "password": "x", "groups": "1",
        },
    )  # fmt: skip
    was = (alice.username, alice.uuid, alice.password)
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.is_active) == (False, False, True)
    assert (alice.username, alice.uuid, alice.password) == was
