"""What is done with a preset from its page: each a POST that leads back to a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from playground.lib.error_pages import is_fragment_request
from playground.presets import services
from playground.presets.views.common import (
    done,
    editable,
    owned,
    person,
    preset_of,
    preset_url,
    preset_view,
    version_of,
)


@require_POST
@preset_view
def star(request: HttpRequest, slug: str) -> HttpResponse:
    """`is_starred` is "true" or "false". For htmx the button anew."""
    preset = preset_of(request, slug)
    is_starred = request.POST.get("is_starred") == "true"
    services.set_star(preset=preset, user=person(request), is_starred=is_starred)
    if is_fragment_request(request):
        return render(request, "presets/_star.html", {"preset": preset, "is_starred": is_starred})
    return redirect(preset_url(preset))


@require_POST
@preset_view
def fork(request: HttpRequest, slug: str) -> HttpResponse:
    """A preset of one's own that begins as `number`, or as the newest version."""
    preset = preset_of(request, slug)
    number = request.POST.get("number", "")
    version = preset.latest
    if number or version is None:
        version = version_of(preset, _number(number))
    version.preset = preset
    forked = services.fork(version=version, owner=person(request))
    return done(request, preset_url(forked), _("This is yours now. Nobody else sees it."))


@require_POST
@preset_view
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """A new version that says what `number` said."""
    preset = editable(request, slug)
    version = version_of(preset, _number(request.POST.get("number", "")))
    newest = services.restore_version(version=version, author=person(request))
    text = _("Version %(number)s is the newest now.") % {"number": newest.number}
    return done(request, preset_url(preset), text)


@require_POST
@preset_view
def label(request: HttpRequest, slug: str) -> HttpResponse:
    """Call version `number` by `label`, which moves here; an empty one is taken away."""
    preset = editable(request, slug)
    version = version_of(preset, _number(request.POST.get("number", "")))
    named = services.name_version(version=version, label=request.POST.get("label", ""))
    if named.label:
        text = _("Version %(number)s is “%(label)s” now.") % {"number": named.number, "label": named.label}
    else:
        text = _("Version %(number)s has no label now.") % {"number": named.number}
    return done(request, f"{preset_url(preset)}#versions", text)


@require_POST
@preset_view
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """Let `person` (a user name) use or edit it; `right` is one of both."""
    preset = owned(request, slug)
    grant = services.share_with(preset=preset, name=request.POST.get("person", ""), right=request.POST.get("right", ""))
    facts = {"name": grant.user.username, "right": grant.get_right_display()}
    return done(request, f"{preset_url(preset)}#sharing", _("%(name)s: %(right)s") % facts)


@require_POST
@preset_view
def unshare(request: HttpRequest, slug: str) -> HttpResponse:
    preset, name = owned(request, slug), request.POST.get("person", "").replace("\x00", "")
    services.unshare(preset=preset, username=name)
    return done(request, f"{preset_url(preset)}#sharing", _("%(name)s has no right to it now.") % {"name": name})


@require_POST
@preset_view
def everyone(request: HttpRequest, slug: str) -> HttpResponse:
    """`right` is what everyone signed in may do; "" is nothing."""
    preset = owned(request, slug)
    services.set_everyone(preset=preset, right=request.POST.get("right", ""))
    shared, private = _("Everyone who is signed in has it now."), _("It is not shared with everyone now.")
    return done(request, f"{preset_url(preset)}#sharing", shared if preset.everyone else private)


@require_POST
@preset_view
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """To the list, which offers the undo."""
    preset = owned(request, slug)
    services.delete_preset(preset=preset)
    return redirect(f"{reverse('presets')}?deleted={preset.slug}")


@require_POST
@preset_view
def undelete(request: HttpRequest, slug: str) -> HttpResponse:
    preset = services.undelete_preset(owner=person(request), slug=slug)
    return done(request, preset_url(preset), _("The preset is back."))


def _number(text: str) -> int:
    """0, which no version has, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
