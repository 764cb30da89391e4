"""Presets as pages: the list, one of them, one version, two versions side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playground.lib.error_pages import is_fragment_request
from playground.presets.comparing import compare
from playground.presets.listing import Wanted, list_presets
from playground.presets.models import Preset, Right
from playground.presets.showing import show_preset, show_version
from playground.presets.views.common import person, preset_of, preset_view, version_of


@require_GET
@preset_view
def preset_list(request: HttpRequest) -> HttpResponse:
    """`?q=` words, `?tag=`, `?whose=` mine, shared, everyone or starred, `?sort=` updated, use or name, `?page=`.

    `?deleted=` offers the undo of a preset that was just deleted. The same queries however many presets there are.
    """
    user = person(request)
    page = list_presets(user, Wanted.of(request.GET))
    if is_fragment_request(request):
        return render(request, "presets/_list.html", {"page": page})
    gone = Preset.objects.filter(owner=user, deleted_at__isnull=False, slug=_slug(request.GET.get("deleted", "")))
    return render(request, "presets/list.html", {"page": page, "deleted": gone.first()})


@require_GET
@preset_view
def preset(request: HttpRequest, slug: str) -> HttpResponse:
    """What it holds, its versions, and, for its owner, who else has it."""
    context = {"page": show_preset(person(request), preset_of(request, slug)), "rights": Right.choices}
    return render(request, "presets/preset.html", context)


@require_GET
@preset_view
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found = version_of(preset_of(request, slug), number)
    return render(request, "presets/version.html", {"page": show_version(person(request), found)})


@require_GET
@preset_view
def diff(request: HttpRequest, slug: str) -> HttpResponse:
    """`?from=` and `?to=` are numbers of versions; without them the newest and the one before."""
    shown = preset_of(request, slug)
    newest = shown.latest.number if shown.latest else 1
    after = version_of(shown, _number(request.GET.get("to", ""), newest))
    before = version_of(shown, _number(request.GET.get("from", ""), max(after.number - 1, 1)))
    context = {
        "preset": shown,
        "before": before,
        "after": after,
        "differences": compare(before.content, after.content),
        "numbers": shown.versions.values_list("number", flat=True),
    }
    return render(request, "presets/diff.html", context)


def _number(text: str, otherwise: int) -> int:
    """0, which no version has, for what is no number."""
    if not text:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _slug(text: str) -> str:
    return text.replace("\x00", "")[:80]
