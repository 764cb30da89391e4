"""Where a provider is reached."""

from __future__ import annotations

import json

from playground.catalog.models import Provider
from playground.upstream.types import Endpoint


def endpoint_for(provider: Provider) -> Endpoint:
    """How to call `provider`, which is not the embedded one: that one's address is known only while it runs."""
    if provider.is_embedded:
        raise ValueError("the embedded provider has no fixed endpoint")
    headers: dict[str, str] = json.loads(provider.headers) if provider.headers else {}
    return Endpoint(base_url=provider.base_url.rstrip("/"), api_key=provider.api_key, headers=headers)
