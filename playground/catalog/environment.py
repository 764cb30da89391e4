"""What the environment asks of the catalogue: a key, another server, another embedded model.

The key is taken at first start, and again when it changes there, until an admin enters another one in the browser.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify

from playground.catalog.forms import clean_base_url
from playground.catalog.listing import ask_for_models, family, list_models, store_listing
from playground.catalog.models import Model, Provider, RowSource
from playground.catalog.schemas import read_data, shipped_schema
from playground.upstream.errors import UpstreamError

FIRST = 5  # the position of a server that somebody went to the trouble of naming: before the shipped ones


def load_environment() -> list[str]:
    """Make or update those rows. Returns what was done, for the operator to read; never a key.

    Asks a foreign server for its models, ten seconds at most, and only while it has none here.
    """
    return [*_load_openai(), *_load_embedded()]


def _load_openai() -> list[str]:
    """A key makes the provider that the variables are named after, wherever it is; an address alone is another server."""
    key, base_url = settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL.rstrip("/")
    home = _home_provider()
    if not base_url or _is_home(base_url, home["base_url"]):
        return _set_key(home["slug"], key, base_url or home["base_url"]) if key else []
    if not key:
        return _load_foreign(clean_base_url(base_url))
    lines = _set_key(home["slug"], key, clean_base_url(base_url))
    return [*lines, *_list_elsewhere(home["slug"])] if lines else []


def _home_provider() -> dict[str, str]:
    """The shipped provider that the variables are named after: the first that needs a key."""
    return next(row for row in read_data("providers") if row["requires_key"])


def _is_home(base_url: str, home_url: str) -> bool:
    """True for the provider's own host and for regional ones below it."""
    host, home = urlsplit(base_url).hostname or "", urlsplit(home_url).hostname or ""
    return host == home or host.endswith(f".{home}")


def _set_key(slug: str, key: str, base_url: str) -> list[str]:
    provider = Provider.objects.get(slug=slug)
    if provider.source == RowSource.ADMIN or (provider.api_key and provider.source != RowSource.ENVIRONMENT):
        return []
    if (provider.api_key, provider.base_url) == (key, base_url):
        return []
    provider.api_key, provider.base_url, provider.source = key, base_url, RowSource.ENVIRONMENT
    provider.save(update_fields=["api_key", "base_url", "source"])
    provider.models.filter(source=RowSource.SHIPPED).update(is_enabled=True)
    return [f"{provider.name}: took the API key of the environment."]


def _list_elsewhere(slug: str) -> list[str]:
    """The key is for a server that stands in for the provider: offer what that one lists, of the family too.

    Without a list the family stays, so that something can be tried.
    """
    provider = Provider.objects.get(slug=slug)
    try:
        listed = ask_for_models(provider)
    except UpstreamError as error:
        return [f"{provider.name}: its models could not be listed ({error})."]
    if not listed:
        return [f"{provider.name}: it lists no models."]
    listing = store_listing(provider, listed)
    provider.models.filter(source=RowSource.SHIPPED).exclude(name__in=[entry.id for entry in listed]).update(
        is_enabled=False
    )
    return [f"{provider.name}: {listing.created} more models listed at {urlsplit(provider.base_url).netloc}."]


def _load_foreign(base_url: str) -> list[str]:
    """A server that is not the home of the variables: a provider of its own, named by its host.

    Its models are those that it lists. When it has no list or does not answer, they are the family that the variables
    are named after, so that something can be tried.
    """
    host = urlsplit(base_url).netloc
    provider, is_new = Provider.objects.get_or_create(
        slug=slugify(host.replace(".", "-").replace(":", "-"))[:60],
        defaults={
            "name": host[:120],
            "base_url": base_url,
            "requires_key": False,
            "position": FIRST,
            "source": RowSource.ENVIRONMENT,
        },
    )
    if provider.models.exists():
        return []
    lines = [f"{provider.name}: added from the environment."] if is_new else []
    return [*lines, _list_or_guess(provider)]


def _list_or_guess(provider: Provider) -> str:
    try:
        listing = list_models(provider)
    except UpstreamError as error:
        store_listing(provider, family(), RowSource.ENVIRONMENT)
        return f"{provider.name}: its models could not be listed ({error}); guessed them."
    if listing.created:
        return f"{provider.name}: {listing.created} models listed."
    store_listing(provider, family(), RowSource.ENVIRONMENT)
    return f"{provider.name}: it lists no chat models; guessed them."


def _load_embedded() -> list[str]:
    """Show the embedded model that will really run, and none when it is switched off."""
    provider = Provider.objects.filter(is_embedded=True).first()
    if provider is None:
        return []
    if provider.is_enabled != settings.EMBEDDED_IS_ON:
        provider.is_enabled = settings.EMBEDDED_IS_ON
        provider.save(update_fields=["is_enabled"])
    name = Path(settings.EMBEDDED_MODEL).stem[:200]
    others = provider.models.exclude(name=name)
    if not name:
        # Back to what ships, unless an admin has said otherwise.
        provider.models.filter(source=RowSource.ENVIRONMENT).update(is_enabled=False)
        provider.models.filter(source=RowSource.SHIPPED).update(is_enabled=True)
        return []
    _model, is_new = Model.objects.get_or_create(
        provider=provider,
        name=name,
        defaults={
            "title": name,
            "capabilities": ["streaming", "json_object", "json_schema", "seed"],
            "form_schema": shipped_schema("llama-cpp"),
            "source": RowSource.ENVIRONMENT,
        },
    )
    provider.models.filter(name=name, source=RowSource.ENVIRONMENT).update(is_enabled=True)
    others.exclude(source=RowSource.ADMIN).update(is_enabled=False)
    return [f"{provider.name}: runs {name}."] if is_new else []
