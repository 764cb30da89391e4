"""Short ways to a conversation in a given state. Runs end through the engine's own writer of ends."""

from __future__ import annotations

import datetime
import io
import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from PIL import Image

from playground.accounts.models import User
from playground.catalog.models import Model, Price, Provider
from playground.catalog.schemas import shipped_schema
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.services.messages import Posted, post_message
from playground.chat.services.preparing import find_model
from playground.runs.live import Outcome
from playground.runs.models import Run, RunStatus
from playground.runs.outcomes import write_outcomes
from playground.upstream.types import Completed


def make_model(name: str, *, max_images: int = 0, base_url: str = "http://127.0.0.1:9/v1", **fields: Any) -> Model:
    provider, _is_new = Provider.objects.get_or_create(
        slug="fake", defaults={"name": "Fake", "base_url": base_url, "requires_key": False}
    )
    model = Model.objects.create(
        provider=provider,
        name=name,
        title=name.title(),
        max_images=max_images,
        context_tokens=fields.pop("context_tokens", 100_000),
        max_output_tokens=1000,
        tokenizer="o200k_base",
        form_schema=shipped_schema("openai"),
        image_tokens={"method": "tile", "base": 85, "per_tile": 170},
        **fields,
    )
    Price.objects.create(
        model=model,
        starts_on=datetime.date(2025, 1, 1),
        input=Decimal(2),
        cached_input=Decimal("0.5"),
        output=Decimal(8),
    )
    return model


def end_run(run: Run, text: str = "", status: str = RunStatus.COMPLETED, finish_reason: str = "stop") -> None:
    """As the engine's writer does it: the final row and what the source makes of it, in one transaction."""
    completed = None
    if status == RunStatus.COMPLETED:
        response = {"id": "chatcmpl-1", "object": "chat.completion", "model": run.model_name, "choices": []}
        completed = Completed(finish_reason, response, None, run.model_name, "fp_1")
    outcome = Outcome(
        status=status,
        text=text,
        reasoning="",
        completed=completed,
        error={"message": "It broke.", "advice": "later"} if status == RunStatus.FAILED else None,
        prompt_tokens=100,
        completion_tokens=50,
        cached_tokens=20,
        first_token_ms=100,
        duration_ms=600,
    )
    with transaction.atomic():
        assert write_outcomes([(run, outcome)], owner=run.lease_owner) == 1


def make_image(owner: User, conversation: Conversation | None = None, color: str = "red") -> Attachment:
    """A small image on the owner's draft, through the real intake."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from playground.chat.images.services import attach_upload

    file = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(file, "PNG")
    upload = SimpleUploadedFile(f"{color}.png", file.getvalue(), "image/png")
    return attach_upload(owner=owner, conversation=conversation, file=upload)


@dataclass
class Chat:
    """A conversation and what was posted last in it."""

    owner: User
    model: Model
    posted: Posted

    @classmethod
    def begin(cls, owner: User, model: Model, text: str, **more: Any) -> Chat:
        posted = post_message(owner=owner, conversation=None, text=text, model=model, **more)
        return cls(owner, model, posted)

    def say(self, text: str, **more: Any) -> Posted:
        more["model"] = find_model(self.owner, more.pop("model_name", self.model.public_name))
        self.posted = post_message(owner=self.owner, conversation=self.conversation, text=text, **more)
        return self.posted

    def end(self, text: str = "", status: str = RunStatus.COMPLETED, finish_reason: str = "stop") -> Message:
        """The last answer's run ends."""
        assert self.posted.answer is not None
        return end_answer(self.posted.answer, text, status, finish_reason)

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.posted.conversation.pk)

    @property
    def question(self) -> Message:
        return Message.objects.get(pk=self.posted.user_message.pk)

    @property
    def answer(self) -> Message:
        assert self.posted.answer is not None
        return Message.objects.select_related("conversation", "parent", "run").get(pk=self.posted.answer.pk)

    @property
    def shown(self) -> list[str]:
        """The texts on the shown path."""
        from playground.chat.tree import Tree

        conversation = self.conversation
        path = Tree.of(conversation).path(conversation.leaf_id)
        texts = Message.objects.in_bulk(path)
        return [texts[pk].text for pk in path]


def end_answer(
    answer: Message, text: str = "", status: str = RunStatus.COMPLETED, finish_reason: str = "stop"
) -> Message:
    run = Run.objects.get(message=answer)
    end_run(run, text, status, finish_reason)
    return Message.objects.select_related("conversation", "parent", "run").get(pk=answer.pk)


def make_long_conversation(owner: User, model: Model, length: int) -> Conversation:
    """`length` messages on one path, every second an answer with figures; written straight to the tables."""
    from django.utils import timezone

    conversation = Conversation.objects.create(
        owner=owner, title="Long", updated_at=timezone.now(), model_name=model.public_name
    )
    runs = Run.objects.bulk_create(
        Run(
            owner=owner,
            request_id=f"long-{conversation.pk}-{number}",
            source="chat",
            model=model,
            model_name=model.public_name,
            status=RunStatus.COMPLETED,
            text="",
            receipt={"values": {}, "sends_images": True},
            prompt_tokens=10,
            completion_tokens=10,
        )
        for number in range(length // 2)
    )
    messages = Message.objects.bulk_create(
        Message(
            conversation=conversation,
            role="assistant" if number % 2 else "user",
            text=f"Message {number} with some `code` and a [link](https://example.org).",
            run=runs[number // 2] if number % 2 else None,
        )
        for number in range(length)
    )
    for before, after in itertools.pairwise(messages):
        after.parent = before
    Message.objects.bulk_update(messages, ["parent"], batch_size=200)
    conversation.leaf = messages[-1]
    conversation.save()
    return conversation
