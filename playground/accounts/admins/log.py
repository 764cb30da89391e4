"""The audit log in the admin: to read and to search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from playground.accounts.admins.rights import AdminsOnly
from playground.accounts.models import AuditEntry

MOST_LISTED_CHARS = 60
FIELDS: list[Any] = ["at", "who", "action", "target_name", "target", "before", "after", "note", "address", "request_id"]


class AuditEntryAdmin(AdminsOnly):
    list_display = ["at", "who", "action", "on", "reason", "address"]
    list_display_links = ["at"]
    list_filter = [("at", admin.DateFieldListFilter), "target_kind"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["actor_name", "action", "target_name", "before", "after", "note", "address", "request_id"]
    fields = FIELDS

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_name or str(_("the server"))

    @admin.display(description=_("on"), ordering="target_name")
    def on(self, entry: AuditEntry) -> str:
        return Truncator(entry.target_name).chars(MOST_LISTED_CHARS)

    @admin.display(description=_("reason"))
    def reason(self, entry: AuditEntry) -> str:
        return Truncator(entry.note).chars(MOST_LISTED_CHARS)

    @admin.display(description=_("kind"))
    def target(self, entry: AuditEntry) -> str:
        return f"{entry.target_kind} {entry.target_id}".strip()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return FIELDS
