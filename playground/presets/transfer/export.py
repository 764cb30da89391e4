"""Presets as one readable file, JSON or YAML, with all their versions: docs/presets-file.md describes it.

Nothing in it belongs to this server: no ids, no people, nothing of who may use it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from playground.images import store
from playground.images.models import Blob
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.errors import NotPossible
from playground.presets.models import Preset, PresetVersion
from playground.presets.transfer.formats.own import MARK, VERSION
from playground.presets.transfer.imported import MAX_BYTES, MAX_IMAGES, MAX_PRESETS
from playground.presets.transfer.yaml_text import write_yaml

MAX_IMAGE_BYTES = 3 * 1024 * 1024  # of all images as Base64, so that texts have room in what an import takes
HASH_CHARS = 16  # enough to tell the images of one file apart


def export_presets(presets: Sequence[Preset], ending: str) -> str:
    """The file of `ending`, "json" or "yaml", for presets that the caller has checked may be used. Three queries.

    Images beyond a bound are left out and say so. Raises NotPossible for more presets or text than an import takes.
    """
    if len(presets) > MAX_PRESETS:
        raise NotPossible(_("A file holds at most %(limit)d presets. Choose fewer.") % {"limit": MAX_PRESETS})
    versions = PresetVersion.objects.filter(preset__in=presets).order_by("number")
    by_preset: dict[int, list[PresetVersion]] = {}
    for version in versions:
        by_preset.setdefault(version.preset_id, []).append(version)
    images = Images([version.content for version in versions])
    data = {
        MARK: VERSION,
        "presets": [export_preset(preset, by_preset.get(preset.pk, []), images) for preset in presets],
    }
    if images.taken:
        data["images"] = images.taken
    text = write_yaml(data) if ending == "yaml" else json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    if len(text.encode()) > MAX_BYTES:
        raise NotPossible(
            _("The file would be larger than %(limit)d MB. Choose fewer.") % {"limit": MAX_BYTES // 1024**2}
        )
    return text


def export_preset(preset: Preset, versions: Sequence[PresetVersion], images: Images) -> dict[str, Any]:
    return _said(
        name=preset.name,
        slug=preset.slug,
        description=preset.description,
        tags=preset.tags,
        versions=[
            {
                "number": version.number,
                **_said(
                    label=version.label, note=version.note, created_at=version.created_at.isoformat(timespec="seconds")
                ),
                **export_content(version.content, images),
            }
            for version in versions
        ],
    )


def export_content(content: Content, images: Images) -> dict[str, Any]:
    """The part of a version that the preset's content is."""
    return _said(
        model=content.model,
        parameters=content.parameters,
        messages=[_export_message(message, images) for message in content.messages],
        variables=[_export_variable(variable) for variable in content.variables],
    )


class Images:
    """The stored images of some contents: read once each, up to a bound, the first ones first."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self.taken: dict[str, str] = {}  # data URLs by the name in the file
        self._left_out: dict[str, str] = {}
        hashes = _hashes(contents)
        blobs = Blob.objects.in_bulk(hashes, field_name="sha256") if hashes else {}
        size = 0
        for sha256 in hashes:
            url = _data_url(blobs.get(sha256))
            if not url:
                self._left_out[sha256] = _("its file is lost")
            elif len(self.taken) >= MAX_IMAGES or size + len(url) > MAX_IMAGE_BYTES:
                self._left_out[sha256] = _("a file holds at most 40 images and 3 MB of them")
            else:
                self.taken[sha256[:HASH_CHARS]] = url
                size += len(url)

    def reference(self, picture: Picture) -> dict[str, str]:
        if picture.url:
            return {"url": picture.url}
        if reason := self._left_out.get(picture.sha256):
            return {"left_out": reason}
        return {"image": picture.sha256[:HASH_CHARS]}


def _hashes(contents: Sequence[Content]) -> list[str]:
    """Each once, those of the newest versions first."""
    pictures = [picture for content in reversed(contents) for message in content.messages for picture in message.images]
    return list(dict.fromkeys(picture.sha256 for picture in pictures if picture.sha256))


def _data_url(blob: Blob | None) -> str:
    try:
        data = store.read(blob) if blob else b""
    except FileNotFoundError:
        data = b""
    return f"data:{blob.media_type};base64,{base64.b64encode(data).decode()}" if blob and data else ""


def _export_message(message: Starter, images: Images) -> dict[str, Any]:
    return {
        "role": message.role,
        "text": message.text,
        **_said(
            images=[
                {
                    **images.reference(picture),
                    **_said(name=picture.name, alt=picture.alt),
                    **({"detail": picture.detail} if picture.detail != "auto" else {}),
                }
                for picture in message.images
            ]
        ),
    }


def _export_variable(variable: Variable) -> dict[str, Any]:
    row = _said(
        name=variable.name,
        type=variable.type,
        default=variable.default,
        help=variable.help,
        options=list(variable.options),
    )
    return row if variable.is_required else {**row, "required": False}


def _said(**values: Any) -> dict[str, Any]:
    """What says something: nobody wants to read empty fields."""
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}
