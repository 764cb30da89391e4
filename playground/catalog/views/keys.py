"""Where an admin enters a provider's key: write-only."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from playground.catalog.forms import KeyForm, hint_of, store_key
from playground.catalog.models import Provider
from playground.catalog.views.common import may_enter_keys, person
from playground.lib.auditing import Act, lines, record


@sensitive_post_parameters("api_key")
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def provider_key(request: HttpRequest, provider: str) -> HttpResponse:
    """Shows whether a key is stored (its last four characters), takes another; nothing stored is ever sent back."""
    if not may_enter_keys(person(request)):
        raise PermissionDenied
    row = get_object_or_404(Provider, slug=provider, is_embedded=False)
    form = KeyForm(request.POST or None, provider=row)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        before = _state(row)
        with transaction.atomic():
            store_key(row, api_key=data["api_key"], base_url=data["base_url"], remove=data.get("remove", False))
            record(request, Act("provider.key", row, before=before, after=_state(row)))
        done = _("The key of %(provider)s is stored.") if row.api_key else _("%(provider)s has no key now.")
        messages.success(request, done % {"provider": row.name})
        return redirect("models")
    context = {"form": form, "provider": row, "hint": hint_of(row.api_key)}
    return render(request, "catalog/key.html", context, status=422 if form.errors else 200)


def _state(provider: Provider) -> str:
    """What the audit log says of a provider's key: its hint would be too much."""
    return lines([("base_url", provider.base_url), ("key", provider.api_key)])
