"""The snapshot of one version of a preset."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import reverse

from playground.lib.markdown import render
from playground.presets.content import Picture as Shot
from playground.presets.content import Starter
from playground.presets.models import PresetVersion
from playground.shares.models import Kind, Part
from playground.shares.snapshots.conversations import SYSTEM_PROMPT
from playground.shares.snapshots.values import Collector, Json, Parts, Picture, Snapshot


def take_preset(version: PresetVersion, parts: Parts) -> Snapshot:
    """What the version says. One query, for its images. Raises TooLarge."""
    collector, content = Collector(), version.content
    pictures = _pictures(version) if Part.IMAGES in parts else None
    messages = [_take_starter(one, pictures, collector) for one in content.messages]
    taken: dict[str, Any] = {
        "number": version.number,  # for the lineage of what is made of it
        "model": content.model,
        "description": collector.count(version.preset.description),
        "parameters": {name: value for name, value in content.parameters.items() if name != SYSTEM_PROMPT},
        "messages": messages,
        "variables": [asdict(one) for one in content.variables],
    }
    prompt = content.parameters.get(SYSTEM_PROMPT)
    if Part.SYSTEM_PROMPT in parts and isinstance(prompt, str) and prompt.strip():
        taken["system_prompt"] = collector.count(prompt)
    return collector.snapshot(Kind.PRESET, **taken)


def _pictures(version: PresetVersion) -> dict[str, Picture]:
    """By the hash that the content names."""
    found = {}
    for image in version.images.select_related("blob"):
        url, thumbnail_url = reverse("preset_image", args=[image.uuid]), reverse("preset_thumbnail", args=[image.uuid])
        found[image.blob.sha256] = Picture(image.blob, url, thumbnail_url)
    return found


def _take_starter(starter: Starter, pictures: dict[str, Picture] | None, collector: Collector) -> Json:
    """Without its images when `pictures` is None."""
    shots = starter.images if pictures is not None else ()
    return {
        "role": starter.role,
        "author": "",
        "text": collector.text(starter.text, render(starter.text)),
        "thinking": "",
        "is_edited": False,
        "at": "",
        "images": [taken for one in shots if (taken := _take_shot(one, pictures or {}, collector))],
        "omitted_images": 0,
        "run": None,
        "verdict": "",
    }


def _take_shot(shot: Shot, pictures: dict[str, Picture], collector: Collector) -> Json | None:
    facts: Json = {"alt": shot.alt, "detail": shot.detail}
    if shot.url:
        return {**facts, "url": shot.url}
    if (picture := pictures.get(shot.sha256)) is None:
        return None
    blob = picture.blob
    return {**facts, "number": collector.picture(picture), "width": blob.width, "height": blob.height}
