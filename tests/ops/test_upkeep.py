"""Once a day the server removes what nobody can reach any more."""

from __future__ import annotations

import datetime

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from playground.chat.models import Conversation
from playground.server.upkeep import upkeep


def test_upkeep_removes_what_was_deleted_long_ago_and_keeps_the_rest(alice):
    now = timezone.now()
    for days in (None, 1, 31):
        deleted_at = now - datetime.timedelta(days=days) if days else None
        Conversation.objects.create(owner=alice, title=str(days), updated_at=now, deleted_at=deleted_at)
    old, fresh = SessionStore(), SessionStore()
    old.create()
    fresh.create()
    Session.objects.filter(pk=old.session_key).update(expire_date=now - datetime.timedelta(days=1))
    upkeep()
    assert set(Conversation.objects.values_list("title", flat=True)) == {"None", "1"}
    assert set(Session.objects.values_list("pk", flat=True)) == {fresh.session_key}
