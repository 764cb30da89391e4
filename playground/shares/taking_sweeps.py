"""A shared sweep as the plan of one's own: a form to look through, change and start, for that costs money."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from playground.chat.services.drafts import draft_for
from playground.compare.sweeps.form import proposed_at_once
from playground.compare.sweeps.plan import MODEL, SYSTEM_PROMPT, Plan
from playground.images.models import Blob
from playground.shares.models import Share, Taking
from playground.shares.snapshots.values import Json
from playground.shares.taking_images import attach


def keep_plan(taking: Taking, share: Share, blobs: dict[int, Blob]) -> str:
    """The address of the plan form, begun with what `share` shows; `taking` holds it, for the caller to save."""
    content: Json = share.snapshot
    prompt: Json = content["messages"][0]
    axes = [axis for axis in content["plan"]["axes"] if not _is_left_out(axis)]
    parameters = dict(content.get("settings", {}))
    if "system_prompt" in content:
        parameters[SYSTEM_PROMPT] = content["system_prompt"]
    models = [axis["values"][0] for axis in axes if axis["field"] == MODEL]
    taking.plan = {
        "title": share.title,
        "text": content["texts"][prompt["text"]],
        "model": content.get("model") or (models[0] if models else ""),
        "parameters": parameters,
        "axes": axes,
        "inputs": content["plan"]["inputs"],
        "checks": content["plan"]["checks"],
        "repeats": content["plan"]["repeats"],
    }
    _attach(taking, prompt["images"], blobs)
    return reverse("shared_plan", args=[taking.uuid])


def read_plan(kept: Json) -> Plan:
    """Without its preset, which is somebody else's, and without a cap."""
    return Plan.of_json(
        kept,
        kept["axes"],
        kept["inputs"],
        kept["checks"],
        title=kept["title"],
        repeats=kept["repeats"],
        concurrency=proposed_at_once(),
    )


def _is_left_out(axis: Json) -> bool:
    """System prompts that the link only numbers."""
    return bool(axis["field"] == SYSTEM_PROMPT and all(isinstance(value, int) for value in axis["values"]))


def _attach(taking: Taking, images: Sequence[Json], blobs: dict[int, Blob]) -> None:
    """Where the form of a new sweep has its images, unless the person has put some there already."""
    draft = draft_for(owner=taking.user, conversation=None) if images else None
    if draft is not None and not draft.attachments.exists():
        attach(images, blobs, owner=taking.user, draft=draft)
