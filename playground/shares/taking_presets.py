"""A shared preset as one of one's own."""

from __future__ import annotations

from django.urls import reverse

from playground.accounts.models import User
from playground.images.models import Blob
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.models import PresetVersion
from playground.presets.services import create_preset
from playground.shares.models import Share
from playground.shares.snapshots.conversations import SYSTEM_PROMPT
from playground.shares.snapshots.values import Json

MAX_NAME = 120  # characters, the column's own limit


def make_preset(user: User, share: Share, blobs: dict[int, Blob]) -> str:
    """The address of a new preset of `user` that says what `share` shows, and where it is from. Raises InvalidPreset."""
    made = create_preset(
        owner=user,
        name=share.title[:MAX_NAME],
        content=_content(share.snapshot, blobs),
        description=share.snapshot["description"],
        forked_from=PresetVersion.objects.filter(preset=share.preset_id, number=share.snapshot["number"]).first(),
    )
    return reverse("preset", args=[made.slug])


def _content(taken: Json, blobs: dict[int, Blob]) -> Content:
    parameters = dict(taken["parameters"])
    if prompt := taken.get("system_prompt"):
        parameters[SYSTEM_PROMPT] = prompt
    return Content(
        model=taken["model"],
        parameters=parameters,
        messages=tuple(
            Starter(
                one["role"],
                taken["texts"][one["text"]],
                tuple(_picture(image, blobs) for image in one["images"] if "url" in image or image["number"] in blobs),
            )
            for one in taken["messages"]
        ),
        variables=tuple(Variable(**{**one, "options": tuple(one["options"])}) for one in taken["variables"]),
    )


def _picture(image: Json, blobs: dict[int, Blob]) -> Picture:
    if "url" in image:
        return Picture(url=image["url"], alt=image["alt"], detail=image["detail"])
    number = image["number"]
    return Picture(sha256=blobs[number].sha256, name=f"image-{number}", alt=image["alt"], detail=image["detail"])
