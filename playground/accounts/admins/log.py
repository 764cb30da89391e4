"""The audit log in the admin: to read and to search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import AuditEntry
from playground.accounts.roles import may_manage_people
from playground.lib.admin import AuditedAdmin

FIELDS: list[Any] = [
    "at",
    "who",
    "action",
    "target_kind",
    "target_id",
    "target_name",
    "before",
    "after",
    "note",
    "address",
]
FIELDS += ["request_id"]


class AuditEntryAdmin(AuditedAdmin):
    actions = None
    list_display = ["at", "who", "action", "target_name", "note", "address"]
    list_display_links = ["at"]
    list_filter = [("at", admin.DateFieldListFilter), "target_kind"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["actor_name", "action", "target_name", "before", "after", "note", "address", "request_id"]
    search_help_text = _("By who, what, on what, what changed, reason, address or request")
    fields = FIELDS

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_name or str(_("the server"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return FIELDS

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_manage_people(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage_people(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
