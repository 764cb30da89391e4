"""One prompt to all columns. Each column's own post is a transaction by itself: what one refuses does not touch the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.chat.errors import InvalidInput, NotPossible
from playground.chat.images.services import copy_attachments
from playground.chat.models import Attachment, Message, Role
from playground.chat.services.answers import is_answering, retry_answer
from playground.chat.services.cleaning import clean_request_id, clean_text
from playground.chat.services.drafts import clear_draft
from playground.chat.services.messages import Posted, find_attachments, find_posted, post_message
from playground.chat.services.queue import send_now
from playground.chat.services.settings import settings_of
from playground.chat.services.titles import title_from
from playground.chat.services.unsent import keep_unsent
from playground.chat.tree import Tree
from playground.compare.blind import hide
from playground.compare.models import Column, Comparison
from playground.compare.services.columns import columns_of
from playground.compare.services.comparisons import touch
from playground.compare.turns import request_id_in
from playground.runs.models import Run
from playground.runs.services import stop_run


@dataclass(frozen=True, slots=True)
class Refusal:
    """A column that could not run again, and why."""

    column: Column
    said: str


def post_to_all(
    *,
    owner: User,
    comparison: Comparison,
    text: str,
    attachment_uuids: Sequence[UUID] = (),
    request_id: str = "",
    draft_version: str | None = None,
) -> list[Posted]:
    """The message in every column that is shown, with that column's settings; in the order of the columns.

    A column that cannot send it keeps it with the reason, and sends nothing. The same request id twice is one message a
    column. The images are shared, not copied. Raises InvalidInput for a text that cannot be stored and for an empty
    message, NotPossible without columns, and Attachment.DoesNotExist.
    """
    request_id = clean_request_id(request_id)
    columns = columns_of(comparison)
    if not columns:
        raise NotPossible(_("There is no column to send it to. Add one."))
    text = clean_text(text)
    try:
        attachments = find_attachments(owner, attachment_uuids)
    except Attachment.DoesNotExist:  # gone with an earlier request of the same id, when that is what this is
        if earlier := _posted_before(owner, columns, request_id):
            return earlier
        raise
    if not text.strip() and not attachments:
        raise InvalidInput.of("text", _("Write a message or attach an image."))
    models = models_by_name(owner)
    hide(comparison)
    posted = [
        _post(owner, column, text=text, attachments=attachments, request_id=request_id, models=models)
        for column in columns
    ]
    with transaction.atomic():
        # Each column has its own by now; the files are kept for those.
        Attachment.objects.filter(pk__in=[one.pk for one in attachments], message=None).delete()
        clear_draft(owner=owner, conversation=comparison.composer, text=text, version=draft_version)
        touch(comparison, title=title_from(text, attachments))
    return posted


def _post(
    owner: User,
    column: Column,
    *,
    text: str,
    attachments: Sequence[Attachment],
    request_id: str,
    models: Mapping[str, Model],
) -> Posted:
    conversation, request_id = column.conversation, request_id_in(column, request_id)
    settings = settings_of(owner, conversation)
    copies = copy_attachments(attachments, None)
    try:
        posted = post_message(
            owner=owner,
            conversation=conversation,
            text=text,
            model=models.get(conversation.model_name),
            parameters=conversation.parameters,
            preset=settings.preset,
            variables=settings.variables,
            attachment_uuids=[copy.uuid for copy in copies],
            request_id=request_id,
        )
    except InvalidInput as error:
        said = " ".join(problem.message for problem in error.errors)
        posted = keep_unsent(
            owner=owner,
            conversation=conversation,
            text=text,
            attachments=copies,
            request_id=request_id,
            said=said,
        )
    if posted.is_repeat and copies:
        Attachment.objects.filter(pk__in=[copy.pk for copy in copies], message=None).delete()
    return posted


def _posted_before(owner: User, columns: Sequence[Column], request_id: str) -> list[Posted]:
    found = [find_posted(owner, request_id_in(column, request_id), column.conversation) for column in columns]
    return [posted for posted in found if posted is not None]


def models_by_name(owner: User) -> dict[str, Model]:
    """The models that `owner` may see, with providers, by public name. One query."""
    rows = Model.objects.visible_to(owner).select_related("provider").defer("card", "description")
    return {model.public_name: model for model in rows}


def run_all_again(*, owner: User, comparison: Comparison, request_id: str = "") -> list[Refusal]:
    """Another answer to the last question in every column, with the settings as they are now.

    A question that has none yet is sent; a column that is answering goes on. Returns those that could not.
    """
    request_id = clean_request_id(request_id)
    refused = []
    for column in columns_of(comparison):
        try:
            run_again(owner=owner, column=column, request_id=request_id)
        except InvalidInput as error:
            refused.append(Refusal(column, " ".join(problem.message for problem in error.errors)))
        except NotPossible as error:
            refused.append(Refusal(column, str(error)))
    touch(comparison)
    return refused


def run_again(*, owner: User, column: Column, request_id: str = "") -> Message | None:
    """The same in one column. None when there is no question, or an answer is being written. Raises InvalidInput, NotPossible."""
    conversation = column.conversation
    path = Tree.of(conversation).path(conversation.leaf_id)
    rows = Message.objects.select_related("conversation", "parent", "run").filter(pk__in=path[-2:])
    messages = {message.pk: message for message in rows}
    last = messages[path[-1]] if path else None
    if last is None or is_answering(last) or (last.role == Role.USER and is_answering(last.parent)):
        return None
    if last.queued is not None:
        return send_now(owner=owner, message=last)
    return retry_answer(owner=owner, message=last, request_id=request_id_in(column, request_id))


def stop_all(*, comparison: Comparison) -> None:
    """Every answer that is being written in a column ends with the text it has."""
    for run in Run.objects.active().filter(message__conversation__column__comparison=comparison):
        stop_run(run)
