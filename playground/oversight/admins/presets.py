"""Presets in the admin: whose they are and how they are used, to read. What they hold is their owners' business."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _lazy

from playground.accounts.admins.rights import AdminsOnly
from playground.presets.models import Preset

SHOWN = ("slug", "owner", "name", "everyone", "use_count", "used_at", "created_at", "updated_at", "deleted_at")


class PresetAdmin(AdminsOnly):
    list_display = [
        "slug",
        "owner",
        "name",
        "everyone",
        "version_count",
        "use_count",
        "used_at",
        "updated_at",
        "deleted_at",
    ]
    list_filter = ["everyone"]
    list_select_related = ["owner"]
    search_fields = ["slug", "name", "owner__username"]
    ordering = ["-updated_at"]
    fields = SHOWN
    readonly_fields = SHOWN

    def get_queryset(self, request: HttpRequest) -> QuerySet[Preset]:
        rows: QuerySet[Preset] = super().get_queryset(request)
        return rows.annotate(sum_versions=Count("versions"))

    @admin.display(description=_lazy("versions"), ordering="sum_versions")
    def version_count(self, preset: Any) -> int:
        return int(preset.sum_versions)
