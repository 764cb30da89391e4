"""People in the admin: names, roles, groups, suspension; never what they wrote."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from playground.accounts.admins.forms import LAST_ADMIN, PersonForm, UserCreationForm
from playground.accounts.models import User
from playground.accounts.people import LastAdmin, keep_an_admin, part, suspend, unsuspend
from playground.accounts.roles import Role, flags_of, may_manage_people
from playground.lib.admin import AuditedAdmin, audits_itself
from playground.lib.auditing import Act, record


class RoleFilter(admin.SimpleListFilter):
    title = _lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(Q(**flags_of(self.value() or ""))) if self.value() in Role.values else queryset


class PersonAdmin(AuditedAdmin, UserAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Names and rights; never what people wrote."""

    form = PersonForm
    add_form = UserCreationForm
    change_form_template = "admin/accounts/user/change_form.html"
    actions = ["suspend_people", "unsuspend_people"]
    list_display = ["username", "role_label", "is_allowed", "email", "last_login", "date_joined"]
    list_filter = [RoleFilter, "is_active", "groups"]
    list_per_page = 50
    show_full_result_count = False
    filter_horizontal = []
    readonly_fields = ["is_allowed", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_lazy("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_lazy("Rights"), {"fields": ["role", "groups", "is_allowed"]}),
        (_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    @admin.display(description=_lazy("role"))
    def role_label(self, person: User) -> str:
        return str(person.role.label)

    @admin.display(description=_lazy("may sign in"), boolean=True, ordering="is_active")
    def is_allowed(self, person: User) -> bool:
        return person.is_active

    # --- deleting ---

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """The page that asks before deleting names people and counts the rest: titles of chats are not the admin's."""
        _listed, counts, _needed, protected = super().get_deleted_objects(objs, request)
        try:
            with transaction.atomic():
                keep_an_admin([person.pk for person in objs])
        except LastAdmin:
            protected = [*protected, str(LAST_ADMIN)]
        # What belongs to a person goes with them; no rights on those tables are needed, and none are given.
        return [str(person) for person in objs], counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        with transaction.atomic():
            self._part([obj.pk])
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            self._part(list(queryset.values_list("pk", flat=True)))
            super().delete_queryset(request, queryset)

    def _part(self, people: list[int]) -> None:
        """The page has said so already, unless another admin went while it was read."""
        try:
            part(people)
        except LastAdmin:
            raise PermissionDenied from None

    # --- suspending ---

    def get_urls(self) -> list[URLPattern]:
        mine = [
            path(
                "<path:object_id>/suspend/",
                self.admin_site.admin_view(self.suspend_view),
                name="accounts_user_suspend",
            ),
        ]
        return [*mine, *super().get_urls()]

    def suspend_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET says what will end; POST with `confirm` and a reason does it, or lifts it."""
        person = self.get_object(request, unquote(object_id))
        if not may_manage_people(request.user):
            raise PermissionDenied
        if not isinstance(person, User):
            raise Http404
        back = reverse("admin:accounts_user_change", args=[person.pk])
        if request.method == "POST" and request.POST.get("confirm") in {"suspend", "unsuspend"}:
            lifts = request.POST["confirm"] == "unsuspend"
            self._suspend(request, [person], lifts=lifts, reason=request.POST.get("reason", ""))
            return HttpResponseRedirect(back)
        title = _("Suspend %(name)s") if person.is_active else _("Let %(name)s in again")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title % {"name": person.get_username()},
            "person": person,
            "is_self": person.pk == request.user.pk,
            "back": back,
        }
        return TemplateResponse(request, "admin/accounts/user/suspend.html", context)

    @admin.action(description=_lazy("Suspend"), permissions=["change"])
    @audits_itself
    def suspend_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._suspend(request, list(queryset), lifts=False)

    @admin.action(description=_lazy("Lift the suspension"), permissions=["change"])
    @audits_itself
    def unsuspend_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._suspend(request, list(queryset), lifts=True)

    def _suspend(self, request: HttpRequest, people: list[User], *, lifts: bool, reason: str = "") -> None:
        done = [person for person in people if self._suspend_one(request, person, lifts=lifts, reason=reason)]
        if not done:
            return
        if lifts:
            text = ngettext("%(count)d person may sign in again.", "%(count)d people may sign in again.", len(done))
        else:
            text = ngettext("%(count)d person is suspended.", "%(count)d people are suspended.", len(done))
        messages.success(request, text % {"count": len(done)})

    def _suspend_one(self, request: HttpRequest, person: User, *, lifts: bool, reason: str) -> bool:
        """Whether anything changed; says why when it may not."""
        if not lifts and person.pk == request.user.pk:
            messages.error(request, _("You cannot suspend yourself."))
            return False
        try:
            with transaction.atomic():
                is_done = unsuspend(person) if lifts else suspend(person)
                if is_done:
                    states = ("suspended", "may sign in") if lifts else ("may sign in", "suspended")
                    action = "user.unsuspend" if lifts else "user.suspend"
                    record(request, Act(action, person, before=states[0], after=states[1], note=reason))
        except LastAdmin:
            messages.error(request, str(LAST_ADMIN))
            return False
        return is_done
