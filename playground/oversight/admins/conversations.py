"""Conversations in the admin: a list of figures, the door to their content, and the page that deletes what is too old."""

from __future__ import annotations

import re
import uuid as uuids
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from playground.accounts.admins.rights import AdminsOnly
from playground.accounts.models import User
from playground.accounts.roles import may_manage_people, may_see_content
from playground.chat.models import Attachment, Message
from playground.chat.services.retention import cutoff, delete_aged, look
from playground.images import store
from playground.images.serving import serve
from playground.lib.auditing import Act, record
from playground.oversight.content import read_content
from playground.oversight.forms import DeleteForm, ReasonForm, days_to_look_at
from playground.oversight.models import ConversationFigures, Opening
from playground.oversight.services import open_conversation

DELETE_FOR_S = 10.0  # in one request; the page says what is left
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class FiguresList(ChangeList):
    """Counts the messages of the rows of one page, in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        counted = Message.objects.filter(conversation__in=[row.pk for row in rows]).order_by()
        counts = dict(counted.values_list("conversation").annotate(Count("pk")))
        for row in rows:
            row.message_count = counts.get(row.pk, 0)
        self.result_list = rows


class ConversationFiguresAdmin(AdminsOnly):
    change_list_template = "admin/oversight/conversations.html"
    list_display = ["short_id", "owner", "created_at", "updated_at", "message_count", "model_name", "is_deleted"]
    list_display_links = ["short_id"]
    list_select_related = ["owner"]
    list_filter = ["updated_at"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["owner__username"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConversationFigures]:
        """Titles and settings, such as a system prompt, are content."""
        rows: QuerySet[ConversationFigures] = super().get_queryset(request).defer("title", "parameters")
        return rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FiguresList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if found := UUID.search(search_term):
            return queryset.filter(uuid=found[0]), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_lazy("conversation"), ordering="pk")
    def short_id(self, conversation: ConversationFigures) -> str:
        return conversation.uuid.hex[:8]

    @admin.display(description=_lazy("messages"))
    def message_count(self, conversation: ConversationFigures) -> int:
        count: int = conversation.message_count  # type: ignore[attr-defined]  # from FiguresList
        return count

    @admin.display(description=_lazy("state"))
    def is_deleted(self, conversation: ConversationFigures) -> str:
        return _("deleted by its owner") if conversation.deleted_at else _("kept")

    # --- one conversation ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        image = "openings/<str:object_id>/images/<str:id>/"
        mine = [
            path("retention/", view(self.retention_view), name="oversight_retention"),
            path("openings/<str:object_id>/", view(self.content_view), name="oversight_opening"),
            path(image, view(self.image_view), name="oversight_opening_image"),
        ]
        return [*mine, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Figures, and the door: a reason opens it where the operator allows that."""
        conversation = self.get_object(request, unquote(object_id))
        if not may_manage_people(request.user):
            raise PermissionDenied
        if not isinstance(conversation, ConversationFigures):
            raise Http404
        is_open_to = may_see_content(request.user) and conversation.deleted_at is None
        if request.method == "POST" and not is_open_to:
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._open(request, conversation, form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Conversation of %(owner)s") % {"owner": conversation.owner},
            "conversation": conversation,
            "message_count": Message.objects.filter(conversation=conversation).count(),
            "is_open_to": is_open_to,
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/oversight/conversation.html", context, status=status)

    def _open(self, request: HttpRequest, conversation: ConversationFigures, reason: str) -> HttpResponse:
        with transaction.atomic():
            opening = open_conversation(admin=_person(request), conversation=conversation, reason=reason)
            name = f"{conversation.owner}: {conversation.uuid}"
            record(request, Act("conversation.open", conversation, target_name=name, note=reason))
        return HttpResponseRedirect(reverse("admin:oversight_opening", args=[opening.uuid]))

    def content_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was written, to be read by whoever gave the reason, within the hour."""
        opening = _opening(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Conversation of %(owner)s") % {"owner": opening.conversation.owner},
            "opening": opening,
            "content": read_content(opening.conversation, page=request.GET.get("page", "")),
        }
        return TemplateResponse(request, "admin/oversight/content.html", context)

    def image_view(self, request: HttpRequest, object_id: str, id: str) -> HttpResponse:  # noqa: A002 - the admin's name
        opening = _opening(request, object_id)
        sent = Attachment.objects.filter(message__conversation=opening.conversation, message__deleted_at=None)
        attachment = sent.filter(uuid=_uuid(id), blob__isnull=False).select_related("blob").first()
        if attachment is None or attachment.blob is None:
            raise Http404
        blob = attachment.blob
        name = store.served_name(attachment.uuid, blob)
        return serve(request, blob, blob.media_type, name, is_thumbnail=False)

    # --- what is too old ---

    def retention_view(self, request: HttpRequest) -> HttpResponse:
        """GET shows what would be deleted; POST deletes what was shown, once that is confirmed."""
        if not may_manage_people(request.user):
            raise PermissionDenied
        form = DeleteForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self._delete_aged(request, form)
            return HttpResponseRedirect(f"{request.path}?{request.GET.urlencode()}")
        days_form, days = days_to_look_at(request.GET.get("days"))
        found = look(cutoff(days)) if days else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Old conversations"),
            "days_form": days_form,
            "days": days,
            "found": found,
            "before": found.before.isoformat(timespec="microseconds") if found else "",
            "rule_days": settings.RETENTION_DAYS,
            "form": form,
        }
        status = 422 if form.errors or days_form.errors else 200
        return TemplateResponse(request, "admin/oversight/retention.html", context, status=status)

    def _delete_aged(self, request: HttpRequest, form: DeleteForm) -> None:
        before = form.cleaned_data["before"]
        removed = delete_aged(before, within_s=DELETE_FOR_S)
        if removed.conversations:
            after = f"{removed.conversations} conversations\n{removed.messages} messages"
            record(request, Act("retention.delete", after=after, note=f"before {before.isoformat(timespec='minutes')}"))
        text = ngettext("%(count)d conversation deleted.", "%(count)d conversations deleted.", removed.conversations)
        messages.success(request, text % {"count": removed.conversations})
        if not removed.is_all:
            messages.warning(request, _("There are more: go on below."))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - for mypy
    return request.user


def _uuid(text: str) -> uuids.UUID:
    try:
        return uuids.UUID(text)
    except ValueError:
        raise Http404 from None


def _opening(request: HttpRequest, uuid: str) -> Opening:
    """The opening of that name, while the operator allows it and it is this admin's and not an hour old. 404 otherwise."""
    if not may_see_content(request.user):
        raise PermissionDenied
    rows = Opening.objects.usable_by(_person(request)).select_related("conversation__owner")
    opening = rows.filter(uuid=_uuid(uuid)).first()
    if opening is None:
        raise Http404
    return opening
