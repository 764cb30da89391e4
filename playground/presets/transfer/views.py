"""Presets as files, and back: choose, read, look, and only then import."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playground.lib.error_pages import is_fragment_request
from playground.presets.editing import open_editor
from playground.presets.errors import NotPossible
from playground.presets.models import ImportDraft, Preset
from playground.presets.transfer.export import export_presets
from playground.presets.transfer.imported import MAX_BYTES, MAX_PRESETS, BadImport
from playground.presets.transfer.reading import TITLES, read_import
from playground.presets.transfer.showing import show_import
from playground.presets.transfer.storing import import_draft, keep_draft, presets_of
from playground.presets.views.common import done, person, preset_of, preset_url, preset_view

CONTENT_TYPES = {"json": "application/json", "yaml": "application/yaml; charset=utf-8"}


@require_http_methods(["GET", "POST"])
@preset_view
def import_presets(request: HttpRequest) -> HttpResponse:
    """A `file`, or `text` that was pasted, and `format`, which is told by its marks when it is empty.

    What was pasted is never sent back, since it may hold a key: the page keeps it, and is told what is wrong.
    """
    context: dict[str, object] = {"formats": TITLES.items(), "chosen": request.GET.get("format", "")}
    if request.method == "GET":
        return render(request, "presets/import.html", context)
    format_key = request.POST.get("format", "")
    try:
        reading = read_import(_sent(request), format_key if format_key in TITLES else "")
        draft = keep_draft(owner=person(request), reading=reading)
    except BadImport as problem:
        template = "presets/_import_problem.html" if is_fragment_request(request) else "presets/import.html"
        return render(request, template, {**context, "chosen": format_key, "problem": problem}, status=422)
    return _go_to(request, reverse("presets_import_review", args=[draft.uuid]))


@require_http_methods(["GET", "POST"])
@preset_view
def review_import(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was found, and on POST the presets. A second POST makes no others."""
    user = person(request)
    draft = ImportDraft.objects.visible_to(user).get(uuid=uuid)
    if request.method == "POST":
        return _imported(request, import_draft(owner=user, uuid=uuid))
    return render(request, "presets/import_review.html", {"page": show_import(draft)})


@require_POST
@preset_view
def edit_import(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The newest version of the only preset that was found, in the editor and not saved."""
    draft = ImportDraft.objects.visible_to(person(request)).get(uuid=uuid)
    found = presets_of(draft)
    if len(found) != 1:
        raise NotPossible(_("The editor opens one preset at a time. Import them, then edit each."))
    preset = found[0]
    notes = [f"{note.where}: {note.text}" if note.where else note.text for note in preset.notes]
    return open_editor(request, preset.latest.content, name=preset.name, notes=notes, description=preset.description)


@require_GET
@preset_view
def choose_export(request: HttpRequest) -> HttpResponse:
    """A person's own presets with a box each, up to as many as a file holds. Two queries."""
    rows = Preset.objects.owned_by(person(request)).only("slug", "name").order_by("name", "pk")
    presets = list(rows[: MAX_PRESETS + 1])
    context = {"presets": presets[:MAX_PRESETS], "has_more": len(presets) > MAX_PRESETS, "limit": MAX_PRESETS}
    return render(request, "presets/export.html", context)


@require_GET
@preset_view
def export_many(request: HttpRequest, ending: str) -> HttpResponse:
    """`?slug=`, repeated, of presets that the person may use. Without one: all of their own."""
    user, slugs = person(request), set(request.GET.getlist("slug"))
    rows = Preset.objects.visible_to(user).filter(slug__in=slugs) if slugs else Preset.objects.owned_by(user)
    presets = list(rows.order_by("name", "pk")[: MAX_PRESETS + 1])
    if len(presets) < min(len(slugs), MAX_PRESETS + 1):
        raise Preset.DoesNotExist
    if not presets:
        raise NotPossible(_("There are no presets to export."))
    return _file(export_presets(presets, ending), "presets", ending)


@require_GET
@preset_view
def export_one(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """All versions of a preset that the person may use."""
    preset = preset_of(request, slug)
    return _file(export_presets([preset], ending), preset.slug, ending)


def _sent(request: HttpRequest) -> bytes:
    file, text = request.FILES.get("file"), request.POST.get("text", "")
    if file is None:
        return text.encode("utf-8", "surrogatepass")
    if text.strip():
        raise BadImport("", _("Choose a file or paste a text, not both."))
    if (file.size or 0) > MAX_BYTES:
        raise BadImport("", _("This is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2})
    data: bytes = file.read()
    return data


def _imported(request: HttpRequest, presets: list[Preset]) -> HttpResponse:
    if not presets:  # all of them deleted since
        return redirect("presets")
    count = len(presets)
    text = ngettext("%(count)s preset is imported.", "%(count)s presets are imported.", count) % {"count": count}
    return done(request, preset_url(presets[0]) if count == 1 else reverse("presets"), text)


def _go_to(request: HttpRequest, url: str) -> HttpResponse:
    if not is_fragment_request(request):
        return redirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def _file(text: str, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(text, content_type=CONTENT_TYPES[ending])
    header = content_disposition_header(as_attachment=True, filename=f"{name}.{ending}")
    response["Content-Disposition"] = header or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
