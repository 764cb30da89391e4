"""Invitations in the admin: made, listed, revoked. A link is shown once, on the answer to the form that made it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from playground.accounts.admins.forms import InvitationForm
from playground.accounts.invitations import invite, revoke
from playground.accounts.models import Invitation, User
from playground.accounts.roles import may_manage_people
from playground.lib.admin import AuditedAdmin, audits_itself
from playground.lib.auditing import Act, record

ASKED = ["username", "role", "groups", "days"]
SHOWN = ["username", "role", "groups", "state_label", "invited_by", "created_at", "expires_at", "accepted_at"]


class InvitationAdmin(AuditedAdmin):
    form = InvitationForm
    actions = ["revoke_links"]
    list_display = ["username", "role", "state_label", "invited_by", "created_at", "expires_at"]
    list_select_related = ["invited_by"]
    list_filter = ["role"]
    list_per_page = 50
    search_fields = ["username"]

    @admin.display(description=_lazy("state"))
    def state_label(self, invitation: Invitation) -> str:
        return str(invitation.state.label)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_manage_people(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage_people(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """In local mode everybody who comes from this machine is the owner, and nobody else is let in."""
        return may_manage_people(request.user) and not settings.IS_LOCAL

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A link says what it makes; what it should make instead needs another link."""
        return obj is None and may_manage_people(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are revoked."""
        return False

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return ASKED if obj is None else SHOWN

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[str]:
        return [] if obj is None else SHOWN

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Invitation:
        """Makes the invitation; its token lives as long as this request."""
        assert isinstance(request.user, User)  # noqa: S101 - for mypy; who may add is an admin
        data = form.cleaned_data
        invitation, token = invite(
            by=request.user, username=data["username"], role=data["role"], days=data["days"], groups=data["groups"]
        )
        request.invitation_token = token  # type: ignore[attr-defined]
        return invitation

    def save_model(self, request: HttpRequest, obj: Invitation, form: forms.BaseForm, change: bool) -> None:
        """Done in `save_form`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Done in `save_form`."""

    def response_add(self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None) -> HttpResponse:
        token = request.invitation_token  # type: ignore[attr-defined]
        link = request.build_absolute_uri(f"{reverse('invitation')}?{urlencode({'token': token})}")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Invitation of %(name)s") % {"name": obj.username},
            "invitation": obj,
            "link": link,
        }
        return TemplateResponse(request, "admin/accounts/invitation/link.html", context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        context = {"title": _("Invite somebody"), "show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    @admin.action(description=_lazy("Revoke the links"), permissions=["change"])
    @audits_itself
    def revoke_links(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        revoked = [invitation for invitation in queryset if revoke(invitation)]
        for invitation in revoked:
            record(request, Act("invitation.revoke", invitation))
        text = ngettext("%(count)d link ended.", "%(count)d links ended.", len(revoked))
        messages.success(request, text % {"count": len(revoked)})
