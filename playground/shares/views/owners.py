"""A person's own links: made with a preview, listed, changed, moved, ended."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.chat.services.cleaning import clean_request_id
from playground.chat.views.common import chat_view, is_fragment, person
from playground.lib.fields import UndecipherableSecret
from playground.shares.errors import NotAllowed, ShareError
from playground.shares.forms import ChangeTermsForm, ContentForm, TermsForm, content_of, usual_content
from playground.shares.models import Audience, Share
from playground.shares.services import change_terms, create_share, delete_share, move_share
from playground.shares.showing import show_preview
from playground.shares.sources import Source, find_source, source_of

LINKS_A_PAGE = 50


@require_safe
@chat_view
def links(request: HttpRequest) -> HttpResponse:
    """Mine, newest first; `?page=`."""
    mine = Share.objects.owned_by(person(request)).light()
    page = Paginator(mine, LINKS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "shares/links.html", {"page": page, "is_public_allowed": settings.PUBLIC_SHARES_ARE_ALLOWED})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("passphrase")
@chat_view
def new(request: HttpRequest) -> HttpResponse:
    """One of `conversation`, `message`, `preset`, `comparison`, `sweep`. POST makes the link, or with `preview` shows what it would."""
    source = find_source(person(request), request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        first = Audience.PUBLIC if settings.PUBLIC_SHARES_ARE_ALLOWED else Audience.SIGNED_IN
        forms = ContentForm(usual_content(source), source=source), TermsForm(initial={"audience": first})
        return _show_form(request, source, *forms)
    content, terms = ContentForm(request.POST, source=source), TermsForm(request.POST)
    if "preview" in request.POST:
        return _show_preview(request, source, content, terms)
    if not (content.is_valid() and terms.is_valid()):
        return _show_form(request, source, content, terms, status=422)
    try:
        share = create_share(
            owner=person(request),
            source=source,
            **content.cleaned_data,
            terms=terms.terms(),
            seen=request.POST.get("seen", ""),
            request_id=clean_request_id(request.POST.get("request_id", "")),
        )
    except ShareError as error:
        return _show_form(request, source, content, terms, error=str(error), status=422)
    return redirect("share", share.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("passphrase")
@chat_view
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The link itself, to be copied, and who may open it; POST changes that."""
    found = _mine(request, uuid)
    form = ChangeTermsForm(request.POST if request.method == "POST" else None, share=found)
    error = ""
    if form.is_valid():
        try:
            change_terms(share=found, terms=form.terms())
        except NotAllowed as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("Changed."))
            return redirect("share", found.uuid)
    context = {
        "share": found,
        "form": form,
        "error": error,
        "address": _address(request, found),
        "source": source_of(found),
        "is_local": settings.IS_LOCAL,
    }
    return render(request, "shares/share.html", context, status=422 if form.errors or error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@chat_view
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET previews what the link would show now; POST moves it there, or with `preview` shows another choice."""
    found = _mine(request, uuid)
    source = source_of(found)
    if source is None:
        messages.error(request, _("What this link was made from is gone, so it cannot be updated."))
        return redirect("share", found.uuid)
    content = ContentForm(request.POST if request.method == "POST" else content_of(found), source=source)
    if request.method != "POST":
        return _show_form(request, source, content, None, share=found)
    if "preview" in request.POST:
        return _show_preview(request, source, content, None, share=found)
    if not content.is_valid():
        return _show_form(request, source, content, None, share=found, status=422)
    try:
        move_share(share=found, **content.cleaned_data, seen=request.POST.get("seen", ""))
    except ShareError as error:
        return _show_form(request, source, content, None, share=found, error=str(error), status=422)
    messages.success(request, _("Updated: the link shows this now."))
    return redirect("share", found.uuid)


@require_POST
@chat_view
def revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    if _mine(request, uuid).revoke():
        messages.success(request, _("Revoked: the link opens for nobody any more."))
    return _back(request, uuid)


@require_POST
@chat_view
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    delete_share(share=_mine(request, uuid))
    messages.success(request, _("Deleted: the link and what it showed are gone."))
    return redirect("shares")


def _mine(request: HttpRequest, uuid: UUID) -> Share:
    """Raises Share.DoesNotExist."""
    return Share.objects.owned_by(person(request)).light().select_related("owner").get(uuid=uuid)


def _back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """To the list when the button stood there."""
    return redirect("shares") if request.POST.get("back") == "list" else redirect("share", uuid)


def _address(request: HttpRequest, share: Share) -> str:
    """The link as people open it; "" when the key that its secret was encrypted with is gone."""
    try:
        return request.build_absolute_uri(reverse("shared", args=[share.token]))
    except UndecipherableSecret:
        return ""


def _show_form(
    request: HttpRequest,
    source: Source,
    content: ContentForm,
    terms: TermsForm | None,
    *,
    share: Share | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, with the preview of what `content` chooses."""
    context = {
        **_preview(source, content),
        "source": source,
        "content": content,
        "terms": terms,
        "share": share,
        "error": error,
        "request_id": secrets.token_urlsafe(24),
        "is_local": settings.IS_LOCAL,
    }
    return render(request, "shares/new.html", context, status=status)


def _show_preview(
    request: HttpRequest, source: Source, content: ContentForm, terms: TermsForm | None, *, share: Share | None = None
) -> HttpResponse:
    """The preview alone for htmx, else the page with what was filled in."""
    if is_fragment(request):
        return render(request, "shares/_preview.html", _preview(source, content))
    return _show_form(request, source, content, terms, share=share)


def _preview(source: Source, content: ContentForm) -> dict[str, Any]:
    """`shared` and `seen`; `refusal` in their place when it cannot be shared so."""
    content.is_valid()
    values = getattr(content, "cleaned_data", {})
    try:
        snapshot = source.take(values.get("parts", []))
    except ShareError as error:
        return {"refusal": str(error)}
    shared = show_preview(snapshot, title=values.get("title", ""), shown_as=values.get("shown_as", ""))
    return {"shared": shared, "seen": snapshot.mark}
