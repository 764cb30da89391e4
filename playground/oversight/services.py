"""Opening conversations for a reason, and reporting answers."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from playground.accounts.models import User
from playground.chat.models import Conversation, Message, Role
from playground.oversight.models import Opening, Report, ReportState

LEAST_REASON_CHARS = 10
MOST_REASON_CHARS = 500
MOST_OPEN_REPORTS = 50  # of one person


class NotReportable(Exception):
    """Only finished answers can be reported, and not any number of them."""


def open_conversation(*, admin: User, conversation: Conversation, reason: str) -> Opening:
    """From now on `admin` may read it for an hour, and its owner sees that. The caller has checked that they may."""
    with transaction.atomic():
        opening = Opening.objects.create(conversation=conversation, admin=admin, reason=reason[:MOST_REASON_CHARS])
        Conversation.objects.filter(pk=conversation.pk).update(opened_at=opening.created_at)
    return opening


def report_answer(*, reporter: User, message: Message, note: str) -> Report:
    """Let admins read `message` and its question. The same answer reported twice is one report. Raises NotReportable."""
    run = message.run
    if message.role != Role.ASSISTANT or (run is not None and run.is_active):
        raise NotReportable
    if Report.objects.made_by(reporter).filter(state=ReportState.OPEN).count() >= MOST_OPEN_REPORTS:
        raise NotReportable
    try:
        with transaction.atomic():
            return Report.objects.create(message=message, reporter=reporter, note=note)
    except IntegrityError:
        return Report.objects.get(message=message, state=ReportState.OPEN)


def withdraw_report(report: Report) -> bool:
    """Admins cannot read the answer any more. False: it was no longer open to them."""
    rows = Report.objects.filter(pk=report.pk).exclude(state=ReportState.WITHDRAWN)
    return bool(rows.update(state=ReportState.WITHDRAWN, resolved_at=timezone.now()))
