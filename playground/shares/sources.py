"""What a link can be made of: found by what its owner names, and taken a snapshot of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.models import Conversation, Message, Role
from playground.chat.services.titles import title_from
from playground.compare.models import Comparison, Sweep
from playground.presets.lookup import find_version
from playground.presets.models import Preset, PresetVersion
from playground.shares.models import Kind, Part, Share
from playground.shares.snapshots.comparisons import take_comparison
from playground.shares.snapshots.conversations import take_answer, take_conversation
from playground.shares.snapshots.presets import take_preset
from playground.shares.snapshots.sweeps import take_sweep
from playground.shares.snapshots.values import Parts, Snapshot

# What an owner is asked about, by kind, in this order.
OFFERED: Mapping[str, tuple[Part, ...]] = {
    Kind.CONVERSATION: (Part.SYSTEM_PROMPT, Part.IMAGES, Part.RECEIPTS, Part.THINKING),
    Kind.ANSWER: (Part.QUESTION, Part.SYSTEM_PROMPT, Part.IMAGES, Part.RECEIPTS, Part.THINKING),
    Kind.PRESET: (Part.SYSTEM_PROMPT, Part.IMAGES),
    Kind.COMPARISON: (Part.SYSTEM_PROMPT, Part.IMAGES, Part.RECEIPTS, Part.THINKING),
    Kind.SWEEP: (Part.SYSTEM_PROMPT, Part.IMAGES, Part.RECEIPTS, Part.THINKING),
}
# Put in unless the owner says otherwise: a preset without its prompt would be none, nor a comparison or a sweep without figures.
USUAL: Mapping[str, tuple[Part, ...]] = {
    Kind.CONVERSATION: (Part.IMAGES,),
    Kind.ANSWER: (Part.QUESTION, Part.IMAGES),
    Kind.PRESET: (Part.SYSTEM_PROMPT, Part.IMAGES),
    Kind.COMPARISON: (Part.IMAGES, Part.RECEIPTS),
    Kind.SWEEP: (Part.IMAGES, Part.RECEIPTS),
}
NAMES = ("conversation", "message", "preset", "comparison", "sweep")  # fields of forms and addresses


@dataclass(frozen=True, slots=True)
class Source:
    """One of the five, belonging to whoever shares it."""

    kind: Kind
    name: str  # one of NAMES
    value: str  # what the name is given in addresses and forms
    title: str
    place: str  # its own address
    conversation: Conversation | None = None
    message: Message | None = None
    version: PresetVersion | None = None
    comparison: Comparison | None = None
    sweep: Sweep | None = None

    @property
    def offered(self) -> tuple[Part, ...]:
        return OFFERED[self.kind]

    def take(self, parts: Parts) -> Snapshot:
        """Raises TooLarge, NotAllowed."""
        if self.message is not None:
            return take_answer(self.message, parts)
        if self.version is not None:
            return take_preset(self.version, parts)
        if self.comparison is not None:
            return take_comparison(self.comparison, parts)
        if self.sweep is not None:
            return take_sweep(self.sweep, parts)
        assert self.conversation is not None  # noqa: S101 - one of the five
        return take_conversation(self.conversation, parts)


def find_source(user: User, named: Mapping[str, str]) -> Source:
    """What `named` names by one of NAMES, when it is this person's own. Raises ObjectDoesNotExist."""
    given = [(name, named.get(name, "")) for name in NAMES if named.get(name)]
    if len(given) != 1:
        raise ObjectDoesNotExist("one thing is to be shared")
    name, value = given[0]
    if name == "preset":
        version = find_version(user, value)
        if version.preset.owner_id != user.pk:  # who may use it does not give it to whoever has a link
            raise ObjectDoesNotExist("somebody else's preset")
        return _of_version(version)
    try:
        key = uuid.UUID(value)
    except ValueError:
        raise ObjectDoesNotExist("no such id") from None
    if name == "conversation":
        return _of_conversation(Conversation.objects.visible_to(user).listed().get(uuid=key))
    if name == "message":
        answers = Message.objects.visible_to(user).filter(role=Role.ASSISTANT)
        return _of_answer(answers.select_related("conversation", "run").get(uuid=key))
    if name == "sweep":
        return _of_sweep(Sweep.objects.visible_to(user).select_related("conversation").get(uuid=key))
    return _of_comparison(Comparison.objects.visible_to(user).get(uuid=key))


def source_of(share: Share) -> Source | None:
    """What the owner of `share` still has of what it shows; None when that is gone."""
    owner = share.owner
    try:
        if share.kind == Kind.CONVERSATION:
            return _of_conversation(Conversation.objects.visible_to(owner).get(pk=share.conversation_id or 0))
        if share.kind == Kind.ANSWER:
            answers = Message.objects.visible_to(owner).select_related("conversation", "run")
            return _of_answer(answers.get(pk=share.message_id or 0))
        if share.kind == Kind.PRESET:
            preset = Preset.objects.owned_by(owner).get(pk=share.preset_id or 0)
            return _of_version(preset.versions.select_related("preset").latest("number"))
        if share.kind == Kind.SWEEP:
            sweeps = Sweep.objects.visible_to(owner).select_related("conversation")
            return _of_sweep(sweeps.get(pk=share.sweep_id or 0))
        return _of_comparison(Comparison.objects.visible_to(owner).get(pk=share.comparison_id or 0))
    except ObjectDoesNotExist:
        return None


def _of_conversation(found: Conversation) -> Source:
    title = found.title or _("Conversation")
    place = reverse("conversation", args=[found.uuid])
    return Source(Kind.CONVERSATION, "conversation", str(found.uuid), title, place, conversation=found)


def _of_answer(found: Message) -> Source:
    title = title_from(found.text) if found.text else _("Answer")
    place = reverse("message", args=[found.uuid])
    return Source(Kind.ANSWER, "message", str(found.uuid), title, place, message=found)


def _of_version(found: PresetVersion) -> Source:
    place = reverse("preset", args=[found.preset.slug])
    return Source(Kind.PRESET, "preset", found.name, found.preset.name, place, version=found)


def _of_comparison(found: Comparison) -> Source:
    place = reverse("comparison", args=[found.uuid])
    return Source(
        Kind.COMPARISON, "comparison", str(found.uuid), found.title or _("Comparison"), place, comparison=found
    )


def _of_sweep(found: Sweep) -> Source:
    return Source(
        Kind.SWEEP,
        "sweep",
        str(found.uuid),
        found.title or _("Sweep"),
        reverse("sweep", args=[found.uuid]),
        sweep=found,
    )
