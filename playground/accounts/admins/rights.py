"""Whose pages these are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from playground.accounts.roles import may_manage_people
from playground.lib.admin import AuditedAdmin


class AdminsOnly(AuditedAdmin):
    """For admins, to read: nothing is added, changed or deleted by a form unless a class says so."""

    actions: Sequence[str] | None = None

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
