"""Links in the admin: figures, and an end for any of them; nothing of what they say."""

from __future__ import annotations

from playground.accounts.models import AuditEntry
from playground.shares.models import Share
from tests.shares.conftest import url_of

LIST = "/admin/shares/share/"


def test_an_admin_sees_that_there_is_a_link_and_not_what_it_shows(make, chat, admin_client):
    link = make("conversation", chat.conversation.uuid, title="A secret title", shown_as="Secret name")
    for url in (LIST, f"{LIST}{link.pk}/change/"):
        page = admin_client.get(url)
        assert page.status_code == 200
        for hidden in ("A secret title", "Secret name", link.token, "What is *this*"):
            assert hidden not in page.text, hidden


def test_an_admin_revokes_one_and_the_log_has_it(make, chat, admin_client, visitor_client):
    link = make("conversation", chat.conversation.uuid)
    form = {"action": "revoke", "_selected_action": [link.pk]}
    assert admin_client.post(LIST, form).status_code == 302
    assert Share.objects.get().revoked_at is not None
    assert visitor_client.get(url_of(link)).status_code == 404
    assert AuditEntry.objects.filter(action="share.revoke").count() == 1


def test_nobody_changes_one_there(make, chat, admin_client):
    link = make("conversation", chat.conversation.uuid)
    assert admin_client.post(f"{LIST}{link.pk}/change/", {"audience": "public"}).status_code == 403
    assert admin_client.post(f"{LIST}{link.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get(f"{LIST}add/").status_code == 403
