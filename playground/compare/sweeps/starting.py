"""Making a sweep: its conversation with a question for each input, its squares and cells, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from playground.accounts.models import User
from playground.chat.images.services import copy_attachments
from playground.chat.models import Attachment, Conversation, Face, Message, Role
from playground.chat.services.cleaning import clean_request_id
from playground.chat.services.messages import find_attachments, take_from_draft
from playground.chat.services.starting import add_starters, starter_turns
from playground.chat.services.titles import title_from
from playground.chat.showing import SHOWN_CHARACTERS
from playground.compare.models import Cell, Square, Sweep
from playground.compare.sweeps import news
from playground.compare.sweeps.combining import Kit, filling_of, load_kit, question_text, setting_at
from playground.compare.sweeps.plan import Place, Plan
from playground.compare.sweeps.pricing import estimate
from playground.lib.markdown import RENDERER_VERSION, render


def start_sweep(*, owner: User, plan: Plan, attachment_uuids: Sequence[UUID] = (), request_id: str = "") -> Sweep:
    """A sweep that is being driven from its commit on. The same request id again gives the first one.

    Raises InvalidInput for a plan that cannot be carried out, Attachment.DoesNotExist for images that are not on a draft of `owner`.
    """
    request_id = clean_request_id(request_id)
    if earlier := _sent_before(owner, request_id):
        return earlier
    attachments = find_attachments(owner, attachment_uuids)
    kit = load_kit(owner, plan)
    estimate(owner, kit, attachments)
    try:
        with transaction.atomic():
            sweep = _make(owner, kit, attachments, request_id)
            transaction.on_commit(news.look, robust=True)
            return sweep
    except IntegrityError:  # both of two clicks came this far: the constraint let one through
        if earlier := _sent_before(owner, request_id):
            return earlier
        raise


def _sent_before(owner: User, request_id: str) -> Sweep | None:
    return Sweep.objects.filter(owner=owner, request_id=request_id).first()


def _make(owner: User, kit: Kit, attachments: Sequence[Attachment], request_id: str) -> Sweep:
    plan, now = kit.plan, timezone.now()
    title = plan.title or title_from(plan.text, attachments)
    conversation = Conversation.objects.create(
        owner=owner,
        face=Face.SWEEP,
        title=title,
        model_name=plan.model,
        parameters=dict(plan.parameters),
        preset=kit.versions.get(plan.preset),
        variables=dict(plan.variables),
        updated_at=now,
    )
    sweep = Sweep.objects.create(
        owner=owner,
        conversation=conversation,
        request_id=request_id,
        title=title,
        base=plan.base_json(),
        axes=[axis.as_json() for axis in plan.axes],
        inputs=[dict(row) for row in plan.inputs],
        checks=[check.as_json() for check in plan.checks],
        repeats=plan.repeats,
        concurrency=plan.concurrency,
        cap=plan.cap,
        updated_at=now,
    )
    _add_cells(sweep, _add_squares(sweep, kit, _Questions(conversation, kit, attachments)))
    return sweep


def _add_squares(sweep: Sweep, kit: Kit, questions: _Questions) -> list[Square]:
    return Square.objects.bulk_create(
        [
            Square(
                sweep=sweep, number=number, input=place.input, x=place.x, y=place.y, question=questions.question(place)
            )
            for number, place in enumerate(kit.plan.places())
        ],
        batch_size=500,
    )


def _add_cells(sweep: Sweep, squares: Sequence[Square]) -> None:
    """The first repeat of all squares, then the second: the whole grid is seen early."""
    cells = [
        Cell(sweep=sweep, square=square, number=repeat * len(squares) + square.number, repeat=repeat)
        for repeat in range(sweep.repeats)
        for square in squares
    ]
    Cell.objects.bulk_create(cells, batch_size=500)


class _Questions:
    """The user messages: one for each input, and for each preset, whose starters and variables may be other ones."""

    def __init__(self, conversation: Conversation, kit: Kit, attachments: Sequence[Attachment]) -> None:
        self._conversation = conversation
        self._kit = kit
        self._attachments = attachments
        self._made: dict[tuple[int, str], Message] = {}

    def question(self, place: Place) -> Message:
        setting = setting_at(self._kit, place)
        key = (place.input, setting.preset)
        if key not in self._made:
            filling = filling_of(self._kit, setting)
            parent = add_starters(self._conversation, starter_turns(self._conversation.owner, filling))
            self._made[key] = self._ask(parent, question_text(setting, filling))
        return self._made[key]

    def _ask(self, parent: Message | None, text: str) -> Message:
        message = Message.objects.create(
            conversation=self._conversation,
            parent=parent,
            role=Role.USER,
            text=text,
            html=render(text[:SHOWN_CHARACTERS]),
            html_version=RENDERER_VERSION,
        )
        if not self._made:
            take_from_draft(self._attachments, message)
        elif self._attachments:
            copy_attachments(self._attachments, message)
        return message
