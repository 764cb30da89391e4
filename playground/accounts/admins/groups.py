"""Groups in the admin: names of sets of people. No permissions are handed out."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import PeopleGroup
from playground.lib.admin import AuditedAdmin


class GroupAdmin(AuditedAdmin):
    fields = ["name"]
    list_display = ["name", "people"]
    search_fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeopleGroup]:
        rows: QuerySet[PeopleGroup] = super().get_queryset(request).annotate(people=Count("user"))
        return rows

    @admin.display(description=_("people"), ordering="people")
    def people(self, group: PeopleGroup) -> int:
        count: int = group.people  # type: ignore[attr-defined]  # annotated above
        return count
