"""Alice's things: one of each kind that an address can name, and a picture of the database to compare."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from PIL import Image

from playground.accounts.models import User
from playground.catalog.models import Model, Provider
from playground.chat.models import Attachment, Conversation, Draft, Message, Role
from playground.compare.models import Cell, Column, Comparison, Sweep
from playground.compare.services.columns import remove_column
from playground.compare.services.comparisons import create_comparison
from playground.compare.settings import ColumnSettings
from playground.compare.sweeps.acting import delete_sweep
from playground.compare.sweeps.plan import Axis, Plan
from playground.compare.sweeps.starting import start_sweep
from playground.images import store
from playground.images.intake import CleanImage, clean_image
from playground.presets.content import Content, Picture, Starter
from playground.presets.models import ImportDraft, Preset, PresetImage
from playground.presets.services import create_preset, delete_preset
from playground.presets.transfer.reading import read_import
from playground.presets.transfer.storing import keep_draft
from playground.runs.models import Run, RunStatus
from playground.shares.models import Share, Taking
from playground.shares.services import Terms, create_share
from playground.shares.sources import find_source
from playground.usage.ledger import record
from playground.usage.spending import Spending

CANARY = "canary-6b1f"
FIGURES_CANARY = "canary-of-figures-77ab"  # in what she used, which those who review usage may see
# Written by signing in and by looking; they say nothing about a refused action.
_KEPT = {"last_login", "html", "html_version"}
_UNWATCHED = {"sessions.session", "contenttypes.contenttype", "auth.permission", "admin.logentry"}
# Of an address under a link, what it takes besides the token.
LINKED: dict[str, dict[str, int]] = {"link": {}, "link_image": {"number": 1}, "link_text": {"number": 0}}


@dataclass(frozen=True)
class Things:
    conversation: Conversation
    deleted_conversation: Conversation
    question: Message
    answer: Message
    run: Run
    sent_image: Attachment
    drafted_image: Attachment
    model: Model
    share: Share  # with a passphrase, which only its owner needs not give
    taken_plan: Taking  # of a sweep that a link showed
    comparison: Comparison
    column: Column
    removed_column: Column
    sweep: Sweep  # paused: its first cell is answered, its second failed
    deleted_sweep: Sweep
    preset: Preset
    deleted_preset: Preset
    preset_picture: PresetImage
    import_draft: ImportDraft

    def kwargs(self, kind: str) -> dict[str, Any]:
        """What `reverse` needs for an address of `kind`, a field of this class; "" for none."""
        named: dict[str, Callable[[], dict[str, Any]]] = {
            "": dict,
            "model": lambda: {"provider": self.model.provider.slug, "name": self.model.name},
            "provider": lambda: {"provider": self.model.provider.slug},
            "preset": lambda: {"slug": self.preset.slug},
            "deleted_preset": lambda: {"slug": self.deleted_preset.slug},
            "preset_file": lambda: {"slug": self.preset.slug, "ending": "json"},
            "preset_files": lambda: {"ending": "json"},
            "preset_version": lambda: {"slug": self.preset.slug, "number": 1},
            **{kind: (lambda kind=kind: {"token": self.share.token, **LINKED[kind]}) for kind in LINKED},
            "sweep_part": lambda: {"uuid": self.sweep.uuid, "number": 0},
            "sweep_file": lambda: {"uuid": self.sweep.uuid, "kind": "csv"},
            "receipt": lambda: {"uuid": self.run.uuid},
            "image_file": self._image_file,
        }
        return named[kind]() if kind in named else {"uuid": getattr(self, kind).uuid}

    def _image_file(self) -> dict[str, Any]:
        blob = self.sent_image.blob
        assert blob
        return {"uuid": self.sent_image.uuid, "file_name": store.served_name(self.sent_image.uuid, blob)}


def make_things(owner: User) -> Things:
    provider, _ = Provider.objects.get_or_create(
        slug="house", defaults={"name": "House", "base_url": "http://127.0.0.1:9/v1", "requires_key": False}
    )
    model, _ = Model.objects.get_or_create(provider=provider, name="tiny", defaults={"title": "Tiny"})
    now = timezone.now()
    conversation = Conversation.objects.create(
        owner=owner, title=f"Plans {CANARY}", updated_at=now, model_name=model.public_name
    )
    deleted = Conversation.objects.create(owner=owner, title=f"Old {CANARY}", updated_at=now, deleted_at=now)
    run = Run.objects.create(
        owner=owner,
        request_id=uuid.uuid4().hex,
        source="chat",
        model=model,
        model_name=model.public_name,
        status=RunStatus.COMPLETED,
        text=f"Answer {CANARY}",
        request={"model": "tiny", "temperature": 0.5},
        receipt={"set": {"temperature": "user"}, "left_out": ["seed"]},
        response={"id": "x", "object": "chat.completion", "choices": []},
        finish_reason="length",
    )
    spending = Spending(
        run=run.uuid,
        ran_at=run.created_at,
        owner=owner.pk,
        owner_name=owner.username,
        source="chat",
        model=model.pk,
        model_name=model.public_name,
        status="completed",
        key=FIGURES_CANARY,
    )
    with transaction.atomic():
        record([spending])
    question = Message.objects.create(conversation=conversation, role=Role.USER, text=f"Question {CANARY}")
    answer = Message.objects.create(
        conversation=conversation, role=Role.ASSISTANT, parent=question, text=f"Answer {CANARY}", run=run
    )
    conversation.leaf = answer
    conversation.save(update_fields=["leaf"])
    sent = _picture(owner, "red", message=question)
    drafted = _picture(owner, "blue", draft=Draft.objects.create(owner=owner, text=f"Draft {CANARY}"))
    share = _link(owner, conversation)
    comparison = _comparison(owner, model)
    column, removed = comparison.columns.select_related("comparison")
    remove_column(column=removed)
    preset, deleted_preset, picture = _presets(owner, sent)
    return Things(
        conversation=conversation,
        deleted_conversation=deleted,
        question=question,
        answer=answer,
        run=run,
        sent_image=sent,
        drafted_image=drafted,
        model=model,
        comparison=comparison,
        column=column,
        removed_column=removed,
        sweep=_sweep(owner, model),
        deleted_sweep=_deleted_sweep(owner, model),
        share=share,
        taken_plan=_taken_plan(owner, model),
        preset=preset,
        deleted_preset=deleted_preset,
        preset_picture=picture,
        import_draft=_import_draft(owner),
    )


def _sweep(owner: User, model: Model) -> Sweep:
    plan = Plan(
        title=f"Sweep {CANARY}",
        text=f"Prompt {CANARY}",
        model=model.public_name,
        preset="",
        parameters={},
        variables={},
        axes=(Axis("temperature", (0.0, 1.0)),),
    )
    sweep = start_sweep(owner=owner, plan=plan)
    Sweep.objects.filter(pk=sweep.pk).update(state="paused", is_driven=False)
    run = Run.objects.create(
        owner=owner,
        request_id=uuid.uuid4().hex,
        source="sweep",
        model=model,
        model_name=model.public_name,
        status=RunStatus.COMPLETED,
        receipt={"values": {"temperature": 0.0}},
    )
    done, failed = sweep.cells.select_related("square")
    answer = Message.objects.create(
        conversation=sweep.conversation, parent_id=done.square.question_id, role=Role.ASSISTANT, text=CANARY, run=run
    )
    Cell.objects.filter(pk=done.pk).update(answer=answer, state="done")
    Cell.objects.filter(pk=failed.pk).update(state="failed")
    return sweep


def _deleted_sweep(owner: User, model: Model) -> Sweep:
    sweep = _sweep(owner, model)
    delete_sweep(sweep=sweep)
    return sweep


def _comparison(owner: User, model: Model) -> Comparison:
    settings = [ColumnSettings(model.public_name)] * 2
    return create_comparison(owner=owner, settings=settings, title=f"Comparison {CANARY}", text=f"Prompt {CANARY}")


def _link(owner: User, conversation: Conversation) -> Share:
    source = find_source(owner, {"conversation": str(conversation.uuid)})
    parts = ["images", "receipts"]
    return create_share(
        owner=owner,
        source=source,
        parts=parts,
        title=f"Link {CANARY}",
        shown_as="",
        terms=Terms("public", passphrase="a passphrase that nobody guesses"),
        seen=source.take(parts).mark,
        request_id=uuid.uuid4().hex,
    )


def _taken_plan(owner: User, model: Model) -> Taking:
    plan = {"title": "", "text": f"Prompt {CANARY}", "model": model.public_name, "parameters": {}}
    plan |= {"axes": [], "inputs": [], "checks": [], "repeats": 1}
    return Taking.objects.create(user=owner, request_id=uuid.uuid4().hex, place="/", plan=plan)


def _import_draft(owner: User) -> ImportDraft:
    text = f'{{"model": "house/tiny", "input": "Pasted {CANARY}"}}'
    return keep_draft(owner=owner, reading=read_import(text.encode()))


def _presets(owner: User, sent: Attachment) -> tuple[Preset, Preset, PresetImage]:
    """Their slugs stand in addresses, so the canary is in what they hold."""
    assert sent.blob
    starter = Starter("user", f"Begin {CANARY}", (Picture(sha256=sent.blob.sha256, name=f"{CANARY}.png"),))
    content = Content("house/tiny", {"system_prompt": f"Prompt {CANARY}"}, (starter,))
    preset = create_preset(owner=owner, name="Manners", content=content, description=f"About {CANARY}")
    gone = create_preset(owner=owner, name="Old manners", content=content)
    delete_preset(preset=gone)
    assert preset.latest
    return preset, gone, preset.latest.images.get()


@cache
def _clean(colour: str) -> CleanImage:
    """Cleaned once a process: each cleaning is a child process of its own."""
    file = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(file, "PNG")
    return clean_image(file.getvalue(), f"{CANARY}.png")


def _picture(owner: User, colour: str, **place: Any) -> Attachment:
    image = _clean(colour)
    with transaction.atomic():
        blob = store.keep(image, store.write(image))
    return Attachment.objects.create(owner=owner, blob=blob, name=f"{CANARY}.png", **place)


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the unwatched ones; `last_login` and kept renderings left out."""
    tables = {}
    for model in apps.get_models():
        if model._meta.label_lower in _UNWATCHED:
            continue
        names = [field.attname for field in model._meta.concrete_fields if field.name not in _KEPT]
        tables[model._meta.label_lower] = sorted(map(repr, model._base_manager.values_list(*names)))
    return tables
