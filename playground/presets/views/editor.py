"""The editor: new presets, new versions of old ones, and what its buttons do before anything is saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playground.images.errors import ImageError
from playground.lib.error_pages import is_fragment_request
from playground.presets.content import Content
from playground.presets.edited import Edited, Said, edited_of, merge_said, read_post
from playground.presets.editing import build_page, first_content, render_editor
from playground.presets.errors import Conflict, InvalidPreset, Problem
from playground.presets.models import Preset, PresetVersion
from playground.presets.pictures import allowed_hashes, hashes_in, take_in
from playground.presets.rearranging import add_picture, rearrange
from playground.presets.services import create_preset, describe, fork, save_version
from playground.presets.services.describing import read_tags
from playground.presets.views.common import done, editable, person, preset_of, preset_url, preset_view, version_of


@require_http_methods(["GET", "POST"])
@preset_view
def new_preset(request: HttpRequest) -> HttpResponse:
    """A form; posted, a preset that nobody else sees. 422 with everything that is wrong, and nothing is lost."""
    user = person(request)
    if request.method == "GET":
        edited = edited_of(user, first_content(user))
        return render_editor(request, build_page(user, None, edited))
    edited = read_post(user, request.POST)
    try:
        content = _content(request, edited)
        preset = create_preset(
            owner=user,
            name=edited.said.name,
            content=content,
            description=edited.said.description,
            tags=read_tags(edited.said.tags),
            note=edited.note,
        )
    except InvalidPreset as error:
        return render_editor(request, build_page(user, None, edited, problems=error.errors))
    return done(request, preset_url(preset), _("The preset is saved. Only you see it."))


@require_http_methods(["GET", "POST"])
@preset_view
def edit_preset(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest version, or `?from=` an older one, to be saved as the next one.

    When somebody else has saved meanwhile: 422 with what they changed, and what was typed still there, to be saved as the
    newest all the same, or (`?as=fork`) as a preset of one's own.
    """
    user = person(request)
    if request.method == "POST" and request.GET.get("as") == "fork":
        return _save_as_fork(request, preset_of(request, slug))
    preset = editable(request, slug)
    if request.method == "GET":
        return render_editor(request, build_page(user, preset, _opened(request, preset)))
    edited = read_post(user, request.POST)
    try:
        version = _save(request, preset, edited)
    except Conflict as conflict:
        # Saved once more it is on top of theirs: by then both have been seen.
        edited = replace(edited, base=conflict.theirs.number)
        return render_editor(request, build_page(user, preset, edited, conflict=conflict))
    except InvalidPreset as error:
        edited = replace(edited, before=Said.of(preset))  # what somebody else called it has been seen, too
        return render_editor(request, build_page(user, preset, edited, problems=error.errors))
    return done(request, preset_url(preset), _said(edited, version))


@require_POST
@preset_view
def rearrange_editor(request: HttpRequest) -> HttpResponse:
    """What `?do=` a button makes of the form. Nothing is saved. 204 when texts were changed and name no new variable."""
    user, deed = person(request), request.GET.get("do", "")
    posted = read_post(user, request.POST)
    edited, focus = rearrange(user, posted, deed)
    edited = edited.with_found_variables()
    if deed == "variable-list" and edited.content == posted.content:
        return HttpResponse(status=204)
    page = build_page(user, _named(request), edited, focus=focus)
    return render_editor(request, page, is_fragment=is_fragment_request(request))


@require_POST
@preset_view
def upload_image(request: HttpRequest) -> HttpResponse:
    """The form with the file in `message-<?to=>-file` put into that message. Nothing but the image is kept, for a day."""
    user = person(request)
    edited, to = read_post(user, request.POST), request.GET.get("to", "")
    problems: list[Problem] = []
    if to.isascii() and to.isdigit() and len(to) < 4 and int(to) < len(edited.content.messages):
        for file in request.FILES.getlist(f"message-{to}-file")[:1]:
            edited, problems = _taken_in(request, edited, int(to), file)
    page = build_page(user, _named(request), edited, problems=problems, focus=f"message-{to}-file")
    return render_editor(request, page, is_fragment=is_fragment_request(request))


def _taken_in(
    request: HttpRequest, edited: Edited, place: int, file: UploadedFile[Any]
) -> tuple[Edited, list[Problem]]:
    try:
        picture = take_in(owner=person(request), file=file)
    except ImageError as error:
        return edited, [Problem(f"messages.{place}.images", str(error))]
    return add_picture(edited, place, picture), []


@transaction.atomic
def _save(request: HttpRequest, preset: Preset, edited: Edited) -> PresetVersion:
    """Version and description, or neither. Raises InvalidPreset, Conflict."""
    content = _content(request, edited)
    version = save_version(
        preset=preset, base_number=edited.base, content=content, author=person(request), note=edited.note
    )
    said = merge_said(edited, preset)
    describe(preset=preset, name=said.name, description=said.description, tags=read_tags(said.tags))
    return version


def _opened(request: HttpRequest, preset: Preset) -> Edited:
    newest = preset.latest
    assert newest is not None  # noqa: S101 - a preset is made with its first version
    begun = _version(request, preset) or newest
    return edited_of(person(request), begun.content, Said.of(preset), base=newest.number)


def _version(request: HttpRequest, preset: Preset) -> PresetVersion | None:
    number = request.GET.get("from", "")
    if not number:
        return None
    return version_of(preset, int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0)


def _save_as_fork(request: HttpRequest, preset: Preset) -> HttpResponse:
    user, edited = person(request), read_post(person(request), request.POST)
    newest = preset.latest
    assert newest is not None  # noqa: S101 - a preset is made with its first version
    newest.preset = preset
    try:
        forked = fork(version=newest, owner=user, content=_content(request, edited))
    except InvalidPreset as error:
        return render_editor(request, build_page(user, preset, edited, problems=error.errors))
    return done(request, preset_url(forked), _("Saved as a preset of your own. Only you see it."))


def _content(request: HttpRequest, edited: Edited) -> Content:
    """What is to be saved. Raises InvalidPreset for what reading the form showed and for images that are not the person's."""
    problems: Iterable[Problem] = edited.problems
    if problems:
        raise InvalidPreset(())  # the page shows what reading it showed
    content = edited.with_found_variables().content
    strange = hashes_in(content) - allowed_hashes(person(request), hashes_in(content))
    if strange:
        raise InvalidPreset.of("messages", _("An image of this preset is not stored here any more. Attach it again."))
    return content


def _named(request: HttpRequest) -> Preset | None:
    """The preset that is being edited, or None for a new one. Raises Preset.DoesNotExist."""
    slug = request.POST.get("preset", "").replace("\x00", "")
    return editable(request, slug) if slug else None


def _said(edited: Edited, version: PresetVersion) -> str:
    if version.number == edited.base:
        return _("Nothing but its description has changed, so version %(number)s stays the newest.") % {
            "number": version.number
        }
    return _("Saved as version %(number)s.") % {"number": version.number}
