"""The list of conversations at the side, by the person's own date."""

from __future__ import annotations

import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.models import Conversation
from playground.chat.page import Sidebar, SidebarEntry, SidebarGroup
from playground.runs.models import Run

FIRST_ENTRIES = 100
MOST_ENTRIES = 5000


def build_sidebar(user: User, *, limit: int = FIRST_ENTRIES) -> Sidebar:
    """The newest `limit` conversations in groups, pinned ones first. One query."""
    limit = min(max(limit, 1), MOST_ENTRIES)
    # The database looks these up once, by the index on what is active, not once a row.
    live = Run.objects.visible_to(user).active().filter(message__isnull=False).values("message__conversation_id")
    found = Conversation.objects.visible_to(user).listed().annotate(is_live=Q(pk__in=live))
    rows = list(found.values_list("is_live", "uuid", "title", "is_pinned", "updated_at")[: limit + 1])
    today = timezone.localdate()
    groups: dict[str, list[SidebarEntry]] = {}
    for is_live, uuid, title, is_pinned, updated_at in rows[:limit]:
        label = _("Pinned") if is_pinned else _group(timezone.localtime(updated_at).date(), today)
        entry = SidebarEntry(uuid=uuid, title=title, is_pinned=is_pinned, is_live=is_live, updated_at=updated_at)
        groups.setdefault(label, []).append(entry)
    more = f"{reverse('sidebar')}?limit={limit * 4}" if len(rows) > limit and limit < MOST_ENTRIES else ""
    return Sidebar([SidebarGroup(label, entries) for label, entries in groups.items()], more)


def _group(day: datetime.date, today: datetime.date) -> str:
    age = (today - day).days
    if age <= 0:
        return _("Today")
    if age == 1:
        return _("Yesterday")
    return _("Previous 7 days") if age <= 7 else _("Earlier")
