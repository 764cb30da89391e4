"""Where a provider is reached."""

from __future__ import annotations

import json

from playground.catalog.models import Provider, RowSource
from playground.catalog.private_hosts import is_allowed
from playground.upstream.types import Endpoint


def endpoint_for(provider: Provider) -> Endpoint:
    """How to call `provider`, which is not the embedded one: that one's address is known only while it runs."""
    if provider.is_embedded:
        raise ValueError("the embedded provider has no fixed endpoint")
    headers: dict[str, str] = json.loads(provider.headers) if provider.headers else {}
    base_url = provider.base_url.rstrip("/")
    is_public = not (provider.source == RowSource.ENVIRONMENT or is_allowed(base_url))
    return Endpoint(base_url=base_url, api_key=provider.api_key, headers=headers, is_public=is_public)
