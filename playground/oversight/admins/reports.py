"""Reports in the admin: the reported answer, its question, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from playground.accounts.admins.rights import AdminsOnly
from playground.accounts.roles import may_manage_people
from playground.chat.models import Message
from playground.oversight.models import Report, ReportState

MOST_SHOWN_CHARS = 50_000  # of one text
NOTHING = "—"


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    class Meta:
        model = Report
        fields = ["state", "answer"]
        labels = {"answer": _lazy("What came of it")}
        help_texts = {"answer": _lazy("Whoever reported it reads this.")}
        widgets = {"answer": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "state" in self.fields:  # only its owner withdraws a report
            choices = [choice for choice in ReportState.choices if choice[0] != ReportState.WITHDRAWN]
            self.fields["state"].choices = choices  # type: ignore[attr-defined]


class ReportAdmin(AdminsOnly):
    form = ReportForm
    list_display = ["created_at", "reporter", "model_name", "note_start", "state"]
    list_filter = ["state"]
    list_select_related = ["reporter", "message__run"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["reporter__username"]
    fields = ["created_at", "reporter", "model_name", "note", "question_text", "answer_text", "state", "answer"]
    readonly_fields = ["created_at", "reporter", "model_name", "note", "question_text", "answer_text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        """The texts of messages are read for the page of one report alone."""
        rows = super().get_queryset(request).select_related("reporter", "message__run", "message__parent")
        return rows.defer(
            *(f"message__{name}" for name in ("text", "reasoning", "html")),
            *(f"message__parent__{name}" for name in ("text", "reasoning", "html")),
            *(f"message__run__{name}" for name in ("text", "reasoning", "response", "request")),
        )

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        is_withdrawn = obj is not None and obj.state == ReportState.WITHDRAWN
        return may_manage_people(request.user) and not is_withdrawn

    def save_model(self, request: HttpRequest, obj: Report, form: forms.BaseForm, change: bool) -> None:
        obj.resolved_at = timezone.now() if obj.state == ReportState.RESOLVED else None
        obj.save(update_fields=["state", "answer", "resolved_at"])

    def name_of(self, row: Any) -> str:
        """Not a word of the answer."""
        return f"{row.reporter}: {row.uuid}"

    @admin.display(description=_lazy("model"))
    def model_name(self, report: Report) -> str:
        message = report.message
        return message.run.model_name if message is not None and message.run is not None else NOTHING

    @admin.display(description=_lazy("note"))
    def note_start(self, report: Report) -> str:
        return Truncator(report.note).chars(80)

    @admin.display(description=_lazy("question"))
    def question_text(self, report: Report) -> str:
        message = _readable(report)
        return _gone() if message is None else _text(message.parent)

    @admin.display(description=_lazy("answer"))
    def answer_text(self, report: Report) -> str:
        message = _readable(report)
        return _gone() if message is None else _text(message)


def _readable(report: Report) -> Message | None:
    """The reported message, while its owner lets admins read it."""
    message = report.message
    if message is None or report.state == ReportState.WITHDRAWN or message.deleted_at is not None:
        return None
    return message if message.conversation.deleted_at is None else None


def _text(message: Message | None) -> str:
    if message is None:
        return NOTHING
    text = Truncator(message.text).chars(MOST_SHOWN_CHARS)
    images = message.attachments.count()
    return f"{text}\n\n{_('Images: %(count)d (not shown)') % {'count': images}}" if images else text or NOTHING


def _gone() -> str:
    return _("Its owner has deleted it, or withdrawn the report.")
