"""What was read, kept until its person says yes, and then made into presets: all of it or nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from playground.catalog.models import Model
from playground.images.errors import ImageError
from playground.presets.checking import check
from playground.presets.content import Content, Picture, Starter
from playground.presets.errors import InvalidPreset
from playground.presets.models import ImportDraft, Preset
from playground.presets.pictures import take_in
from playground.presets.services.keeping import create_preset
from playground.presets.services.versions import append
from playground.presets.transfer.imported import BadImport, Imported, Note, VersionDraft, refuse
from playground.presets.transfer.reading import Reading

if TYPE_CHECKING:
    from playground.accounts.models import User

MAX_DRAFTS = 5  # of one person; the oldest go
MAX_ALL_VERSIONS = 1000  # of all presets of a file: they are written in one transaction


def keep_draft(*, owner: User, reading: Reading) -> ImportDraft:
    """Check everything, take the images in, and keep what was read for a day. Raises BadImport with the place.

    Images are decoded one by one, which takes its time: never on the event loop.
    """
    if sum(len(preset.versions) for preset in reading.presets) > MAX_ALL_VERSIONS:
        refuse("", _("There are more than %(limit)d versions in all.") % {"limit": MAX_ALL_VERSIONS})
    presets = with_models(owner, _with_images(owner, reading.presets))
    presets = [_checked(preset) for preset in presets]
    with transaction.atomic():
        draft = ImportDraft.objects.create(
            owner=owner, format=reading.format, presets_json=[preset.as_json() for preset in presets]
        )
        newest = ImportDraft.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True)[:MAX_DRAFTS]
        ImportDraft.objects.filter(owner=owner).exclude(pk__in=list(newest)).delete()
    return draft


def presets_of(draft: ImportDraft) -> list[Imported]:
    return [Imported.of_json(one) for one in draft.presets_json]


def import_draft(*, owner: User, uuid: UUID) -> list[Preset]:
    """The presets that come of the draft: made now, or by an earlier yes. Raises ImportDraft.DoesNotExist, InvalidPreset."""
    with transaction.atomic():
        draft = ImportDraft.objects.select_for_update().get(owner=owner, uuid=uuid)
        if not draft.slugs:
            draft.slugs = [_make_preset(owner, imported).slug for imported in presets_of(draft)]
            draft.save(update_fields=["slugs"])
    made = {preset.slug: preset for preset in Preset.objects.filter(owner=owner, slug__in=draft.slugs)}
    return [made[slug] for slug in draft.slugs if slug in made]


def with_models(owner: User, presets: Iterable[Imported]) -> list[Imported]:
    """Other products name a model without its provider: taken as ours where only one can be meant. One query."""
    rows = Model.objects.visible_to(owner).select_related("provider").only("name", "provider__slug")
    by_name: dict[str, list[str]] = {}
    for model in rows:
        for name in {model.public_name, model.name}:
            by_name.setdefault(name, []).append(model.public_name)
    return [_with_model(preset, by_name) for preset in presets]


def _with_model(preset: Imported, by_name: dict[str, list[str]]) -> Imported:
    notes: dict[str, str] = {}
    versions = []
    for version in preset.versions:
        named = version.content.model
        found = by_name.get(named, [])
        model = named if named in found else found[0] if len(found) == 1 else named
        if named and model != named:
            notes[named] = _("“%(named)s” is taken as %(model)s") % {"named": named[:100], "model": model[:100]}
        elif named and not found:
            notes[named] = _("there is no model “%(named)s” here: choose another") % {"named": named[:100]}
        elif named and model not in found:
            notes[named] = _("“%(named)s” is offered by several providers: choose one") % {"named": named[:100]}
        versions.append(replace(version, content=replace(version.content, model=model)))
    more = tuple(Note("model", text) for text in notes.values())
    return replace(preset, versions=tuple(versions), notes=preset.notes + more)


def _with_images(owner: User, presets: Sequence[Imported]) -> list[Imported]:
    """Data URLs through the intake like any upload, each content once. Raises BadImport."""
    stored: dict[str, Picture] = {}

    def picture_of(picture: Picture, where: str) -> Picture:
        if not picture.url.startswith("data:"):
            return picture
        if picture.url not in stored:
            data = base64.b64decode(picture.url.partition(",")[2])
            try:
                stored[picture.url] = take_in(owner=owner, file=SimpleUploadedFile(picture.name or "image", data))
            except ImageError as error:
                raise BadImport(where, str(error)) from None
        return replace(picture, sha256=stored[picture.url].sha256, url="")

    def message_of(message: Starter, where: str) -> Starter:
        images = tuple(picture_of(picture, f"{where}.images[{at}]") for at, picture in enumerate(message.images))
        return replace(message, images=images)

    def content_of(content: Content, where: str) -> Content:
        rows = tuple(message_of(message, f"{where}.messages[{at}]") for at, message in enumerate(content.messages))
        return replace(content, messages=rows)

    return [
        replace(
            preset,
            versions=tuple(
                replace(version, content=content_of(version.content, f"{_shown(preset)}.versions[{at}]"))
                for at, version in enumerate(preset.versions)
            ),
        )
        for preset in presets
    ]


def _checked(preset: Imported) -> Imported:
    versions = []
    for at, version in enumerate(preset.versions):
        try:
            versions.append(replace(version, content=check(version.content)))
        except InvalidPreset as error:
            first = error.errors[0]
            where = f"{_shown(preset)}.versions[{at}]"
            raise BadImport(f"{where}.{first.field}" if first.field != "content" else where, first.message) from None
    return replace(preset, versions=tuple(versions))


def _shown(preset: Imported) -> str:
    return f"“{preset.name}”"


def _make_preset(owner: User, imported: Imported) -> Preset:
    first, *others = imported.versions
    preset = create_preset(
        owner=owner,
        name=imported.name,
        content=first.content,
        description=imported.description,
        tags=imported.tags,
        note=first.note,
    )
    _name(preset, first)
    for version in others:
        append(preset, version.content, author=owner, note=version.note)
        _name(preset, version)
    return preset


def _name(preset: Preset, draft: VersionDraft) -> None:
    """Give the newest version its label; the file has each once."""
    if draft.label and preset.latest is not None:
        preset.latest.label = draft.label
        preset.latest.save(update_fields=["label"])
