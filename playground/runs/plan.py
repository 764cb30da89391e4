"""What a run sends and where: read from its row in one step, before the first byte leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

import playground.embedded.process as embedded
from playground.catalog.endpoints import endpoint_for
from playground.catalog.models import Model, Provider
from playground.lib.sentences import Sentence
from playground.runs.models import ACTIVE, Run, RunStatus
from playground.runs.sources import source_of
from playground.runs.writer import LEASE_S
from playground.upstream.quirks import apply_quirks
from playground.upstream.types import Endpoint, Timeouts


class Unsendable(Exception):
    """The run cannot be sent: its model or provider is gone, or it needs a key. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The request of one run. `endpoint` is awaited just before sending: the embedded server may have to start."""

    body: dict[str, Any]
    endpoint: Callable[[], Awaitable[Endpoint]]
    timeouts: Timeouts
    provider_pk: int
    quirks: dict[str, Any]


def make_plan(run: Run, owner: str) -> Plan:
    """Mark `run` as streaming and read what it sends; may be called again when the database refused half-way.

    A few queries; call it in a worker thread. Raises Unsendable.
    """
    now = timezone.now()
    if not Run.objects.filter(pk=run.pk, status__in=ACTIVE, lease_owner=owner).update(
        status=RunStatus.STREAMING, started_at=now, lease_until=now + timedelta(seconds=LEASE_S)
    ):
        raise Unsendable("This run has already ended.")
    # As it is now: the run may have waited for its place.
    model = Model.objects.select_related("provider").filter(pk=run.model_id or 0).first()
    if model is None:
        text = "The model %(model)s is no longer in the catalogue. Choose another one."
        raise Unsendable(Sentence(text, model=run.model_name))
    provider = model.provider
    if provider.needs_key:
        text = "%(provider)s needs an API key. An admin can enter it on the model's page."
        raise Unsendable(Sentence(text, provider=provider.name))
    body = {**run.request, "messages": source_of(run).messages(run)}
    return Plan(
        body=apply_quirks(body, provider.quirks),
        endpoint=embedded.endpoint if provider.is_embedded else _ready(endpoint_for(provider)),
        timeouts=Timeouts(
            connect_s=settings.UPSTREAM_CONNECT_SECONDS,
            first_token_s=settings.UPSTREAM_FIRST_TOKEN_SECONDS,
            silence_s=settings.UPSTREAM_SILENCE_SECONDS,
            total_s=settings.RUN_TOTAL_SECONDS,
        ),
        provider_pk=provider.pk,
        quirks=provider.quirks,
    )


def learn_quirk(plan: Plan, remedy: dict[str, Any]) -> Plan:
    """Remember for the provider what its server wants, and plan the same request again in that form."""
    quirks = {**plan.quirks, "rename": {**plan.quirks.get("rename", {}), **remedy.get("rename", {})}}
    Provider.objects.filter(pk=plan.provider_pk).update(quirks=quirks)
    return replace(plan, body=apply_quirks(plan.body, quirks), quirks=quirks)


def _ready(endpoint: Endpoint) -> Callable[[], Awaitable[Endpoint]]:
    async def give() -> Endpoint:
        return endpoint

    return give
