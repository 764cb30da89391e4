"""Keeping the audit log: the far end of `playground.lib.auditing`."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from playground.accounts.models import AuditEntry, User
from playground.lib.asgi import REQUEST_ID
from playground.lib.auditing import Act, clean

MOST_NOTE_CHARS = 2000
MOST_STATE_CHARS = 8000


def write(request: HttpRequest | None, act: Act) -> None:
    """One row, in the caller's transaction."""
    person = act.actor or getattr(request, "user", None)
    actor = person if isinstance(person, User) else None
    AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        action=act.action[:80],
        target_kind=act.target_kind[:80],
        target_id=act.target_id[:60],
        target_name=act.name,
        before=act.before[:MOST_STATE_CHARS],
        after=act.after[:MOST_STATE_CHARS],
        note=clean(act.note, MOST_NOTE_CHARS),
        address=_address(request) if request else "",
        request_id=getattr(request, "scope", {}).get(REQUEST_ID, "")[:64],
    )


def _address(request: HttpRequest) -> str:
    """Of the client: behind proxies as many of X-Forwarded-For's last entries are believed as PLAYGROUND_PROXIES says."""
    try:
        return str(get_adapter().get_client_ip(request))[:45]
    except PermissionDenied:
        return ""
