"""Reporting an answer of one's own, and taking that back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from playground.chat.models import Message
from playground.chat.views.common import chat_view, conversation_url, message_of, person
from playground.lib.error_pages import error_response
from playground.oversight.forms import ReportForm
from playground.oversight.models import Report, ReportState
from playground.oversight.services import NotReportable, report_answer, withdraw_report


@require_http_methods(["GET", "HEAD", "POST"])
@chat_view
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET: the form, or what became of an earlier report. POST: report it, or `withdraw` what was reported."""
    message = message_of(request, uuid)
    earlier = Report.objects.made_by(person(request)).filter(message=message).first()
    is_open = earlier is not None and earlier.state == ReportState.OPEN
    place = f"{conversation_url(message.conversation)}#message-{message.uuid}"
    if request.method == "POST" and "withdraw" in request.POST:
        if earlier is not None and withdraw_report(earlier):
            messages.success(request, _("Withdrawn: admins cannot read the answer any more."))
        return HttpResponseRedirect(place)
    form = ReportForm(request.POST if request.method == "POST" and not is_open else None)
    if form.is_valid():
        try:
            report_answer(reporter=person(request), message=message, note=form.cleaned_data["note"])
        except NotReportable:
            return error_response(request, 422, reason=_("Only answers that are finished can be reported."))
        messages.success(request, _("Reported. Admins can read this answer and the question before it."))
        return HttpResponseRedirect(place)
    context = {"message": message, "question": _question(message), "earlier": earlier, "form": form, "place": place}
    return render(request, "oversight/report.html", context, status=422 if form.errors else 200)


def _question(message: Message) -> str:
    return message.parent.text if message.parent else ""
