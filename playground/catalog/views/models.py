"""The catalogue: every model with its facts, and a page for each."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from playground.catalog.cards import RESPONSE_FIELDS, list_cards, parameter_rows
from playground.catalog.examples import curl_example
from playground.catalog.models import Model, ModelQuerySet, Provider
from playground.catalog.selection import usable
from playground.catalog.views.common import may_enter_keys, person, visible_model
from playground.catalog.wording import CAPABILITIES
from playground.lib.error_pages import is_fragment_request

MAX_QUERY_CHARS = 200


@login_required
@require_GET
def model_list(request: HttpRequest) -> HttpResponse:
    """`?q=` words, `?provider=` a slug, `?capability=` one of those that models have. Four queries, however many models."""
    user = person(request)
    query = request.GET.get("q", "").replace("\x00", "")[:MAX_QUERY_CHARS].strip()
    provider, capability = request.GET.get("provider", ""), request.GET.get("capability", "")
    models = _searched(Model.objects.visible_to(user), query, provider)
    rows = models.select_related("provider").prefetch_related("prices").defer("form_schema")
    shown = [row for row in rows if not capability or capability in row.capabilities]
    context = {
        "cards": list_cards(shown, timezone.now().date()),
        "providers": Provider.objects.filter(is_enabled=True).defer("headers"),
        "capabilities": CAPABILITIES,
        "query": query,
        "provider": provider,
        "capability": capability,
        "may_enter_keys": may_enter_keys(user),
    }
    return render(request, "catalog/_list.html" if is_fragment_request(request) else "catalog/models.html", context)


def _searched(models: ModelQuerySet, query: str, provider: str) -> ModelQuerySet:
    """Those where every word stands in the name, title, developer or description."""
    for word in query.split():
        models = models.filter(
            Q(name__icontains=word)
            | Q(title__icontains=word)
            | Q(developer__icontains=word)
            | Q(description__icontains=word)
            | Q(provider__name__icontains=word)
        )
    return models.filter(provider__slug=provider) if provider else models


@login_required
@require_GET
def model_card(request: HttpRequest, provider: str, name: str) -> HttpResponse:
    """Everything we know of one model. Two queries."""
    user = person(request)
    model = visible_model(user, f"{provider}/{name}")
    today = timezone.now().date()
    prices = list(model.prices.all())
    context = {
        "model": model,
        "card": model.card,
        "is_usable": usable(model, today),
        "is_retired": model.is_retired(today),
        "days_left": model.days_left(today),
        "price": next((price for price in prices if price.starts_on <= today), None),
        "prices": prices,
        "today": today,
        "parameters": parameter_rows(model),
        "response_fields": RESPONSE_FIELDS,
        "example": "" if model.provider.is_embedded else curl_example(model),
        "may_enter_keys": may_enter_keys(user),
    }
    return render(request, "catalog/card.html", context)
