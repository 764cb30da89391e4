"""What a link opens. Everything that does not open is one door: the same status, the same page, the same work."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from playground.images import store
from playground.images.serving import serve
from playground.lib.error_pages import error_response
from playground.shares import throttle
from playground.shares.access import address_of, find_open, is_owner, try_passphrase
from playground.shares.models import Share, ShareImage
from playground.shares.showing import show_share
from playground.shares.tokens import hash_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

WAIT_SECONDS = "300"


def visitors_view(view: View[P]) -> View[P]:
    """Nobody keeps the answer, finds it, or learns from where somebody came; what is absent says so in the same way, too."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = error_response(request, 404)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "private, no-store"
        # A form on a page without any referrer is sent with "Origin: null", which the CSRF check refuses. So pages with a
        # form keep the address among ourselves; the page with links to elsewhere tells it to nobody.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return answer  # type: ignore[return-value]  # as the stubs wrap it, the request has a name


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("passphrase")
@visitors_view
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The snapshot; POST gives the `passphrase`."""
    share = find_open(request, token)
    if request.method == "POST":
        return redirect("shared", token) if share is not None else _knock(request, token)
    if share is None:
        return door(request)
    if request.method == "GET" and not is_owner(request, share):
        share.count_view()
    share.refresh_from_db(fields=["snapshot", "html"])
    response = render(request, "shares/shared.html", {"shared": show_share(share, token), "token": token})
    response["Referrer-Policy"] = "no-referrer"
    return response


def door(request: HttpRequest, *, error: str = "", status: int = 404) -> HttpResponse:
    """What a stranger sees of all that does not open: revoked, expired, protected, for others, or never there."""
    if status == 404 and request.method != "POST" and not throttle.may_miss(address_of(request)):
        return error_response(request, 429)
    response = render(request, "shares/door.html", {"error": error}, status=status)
    if status == 429:
        response["Retry-After"] = WAIT_SECONDS
    return response


def _knock(request: HttpRequest, token: str) -> HttpResponse:
    """A guess at a passphrase, at a link that does not open without one or is none."""
    if not throttle.may_guess(hash_of(token), address_of(request)):
        return door(request, error=_("Too many attempts. Wait a few minutes, then try again."), status=429)
    if try_passphrase(request, token, request.POST.get("passphrase", "")):
        return redirect("shared", token)
    return door(request, error=_("This passphrase opens nothing here."))


@login_not_required
@require_safe
@visitors_view
def image(request: HttpRequest, token: str, number: int) -> HttpResponse:
    blob = _image(request, token, number).blob
    name = f"image-{number}.{store.EXTENSIONS[blob.media_type]}"
    return serve(request, blob, blob.media_type, name, is_thumbnail=False)


@login_not_required
@require_safe
@visitors_view
def thumbnail(request: HttpRequest, token: str, number: int) -> HttpResponse:
    name = f"image-{number}-small.webp"
    return serve(request, _image(request, token, number).blob, store.THUMBNAIL_TYPE, name, is_thumbnail=True)


@login_not_required
@require_safe
@visitors_view
def text(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """The Markdown of one message, to be copied."""
    share = _open_or_404(request, token)
    texts = Share.objects.values_list("snapshot__texts", flat=True).get(pk=share.pk)
    if number >= len(texts):
        raise Http404
    return HttpResponse(texts[number], content_type="text/plain; charset=utf-8")


@require_safe
@visitors_view
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """By way of the sign-in page, as this view asks for one, back to the link."""
    return redirect(reverse("shared", args=[token]))


def _open_or_404(request: HttpRequest, token: str) -> Share:
    share = find_open(request, token)
    if share is None:
        raise Http404
    return share


def _image(request: HttpRequest, token: str, number: int) -> ShareImage:
    share = _open_or_404(request, token)
    return get_object_or_404(ShareImage.objects.filter(share=share).select_related("blob"), number=number)
