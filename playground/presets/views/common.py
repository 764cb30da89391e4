"""What the views of presets share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from playground.accounts.models import User
from playground.lib.error_pages import error_response, is_fragment_request
from playground.presets.errors import PresetError
from playground.presets.models import Preset, PresetVersion

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def preset_view(view: View[P]) -> View[P]:
    """Signed in people only; what is not there or not theirs is a 404, what is wrong a 422 with its sentences."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist:
            raise Http404 from None
        except PresetError as error:
            return error_response(request, 422, reason=str(error))

    return login_required(answer)  # type: ignore[return-value]  # the stubs forget the arguments


def person(request: HttpRequest) -> User:
    """Who is signed in; `preset_view` has seen to that."""
    assert isinstance(request.user, User)  # noqa: S101 - for mypy
    return request.user


def preset_of(request: HttpRequest, slug: str) -> Preset:
    """One that the person may use, with its owner and newest version. Raises Preset.DoesNotExist."""
    rows = Preset.objects.visible_to(person(request)).with_star_of(person(request))
    return rows.select_related("owner", "latest").get(slug=slug)


def editable(request: HttpRequest, slug: str) -> Preset:
    """One that the person may edit. Raises Preset.DoesNotExist."""
    return Preset.objects.editable_by(person(request)).select_related("owner", "latest").get(slug=slug)


def owned(request: HttpRequest, slug: str) -> Preset:
    """One of the person's own. Raises Preset.DoesNotExist."""
    return Preset.objects.owned_by(person(request)).select_related("owner", "latest").get(slug=slug)


def version_of(preset: Preset, number: int) -> PresetVersion:
    """With its preset and author. Raises PresetVersion.DoesNotExist."""
    version = preset.versions.select_related("author").get(number=number)
    version.preset = preset
    return version


def preset_url(preset: Preset) -> str:
    return reverse("preset", args=[preset.slug])


def done(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """To the page at `url`, which says `text`. For htmx without the place in it: the page must be loaded anew."""
    messages.success(request, text)
    if not is_fragment_request(request):
        return redirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url.partition("#")[0]
    return response
