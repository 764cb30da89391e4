"""What an admin enters about a provider. Keys go in and never come out."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from playground.catalog.models import Provider, RowSource
from playground.catalog.private_hosts import is_allowed, is_private_host
from playground.lib.json_input import BadJson, read_json
from playground.lib.places import place_of
from playground.upstream.addresses import is_forbidden

MAX_KEY_CHARS = 4_000
SHOWN_KEY_CHARS = 4  # of the end of a key
FORBIDDEN_NAMES = ("metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal")
# Headers that the client sets itself, or that would change whom the request speaks to.
FORBIDDEN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "content-type"}


def hint_of(key: str) -> str:
    """What is shown of a stored key: dots and its last four characters, which of a short one would be too much."""
    return f"••••{key[-SHOWN_KEY_CHARS:]}" if len(key) >= 4 * SHOWN_KEY_CHARS else "••••" if key else ""


def clean_base_url(text: str) -> str:
    """`text` without trailing slashes. Raises ValidationError unless it is a plain http(s) address that may be called.

    Loopback and private networks are for the operator to allow. What a name resolves to is checked when connecting.
    """
    url = text.strip().rstrip("/")
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        raise ValidationError(_("Enter an address of plain letters, digits and signs, without spaces."))
    parts, host = _split(url)
    if parts.scheme not in {"http", "https"} or not host:
        raise ValidationError(_("Enter an address that begins with http:// or https://."))
    if "@" in parts.netloc:
        raise ValidationError(_("Leave out the user name and password; enter the key in its own field."))
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValidationError(_("Leave out everything behind ? or #."))
    if host.rstrip(".").lower() in FORBIDDEN_NAMES or _is_forbidden_literal(host):
        raise ValidationError(_("This address belongs to the machine's own network services and is never called."))
    if is_private_host(host) and not is_allowed(url):
        refusal = _(
            "This server is on this machine or in a private network. To have it called, whoever runs Playground adds "
            "%(place)s to the environment variable PLAYGROUND_PRIVATE_HOSTS and starts it again."
        )
        raise ValidationError(refusal, params={"place": place_of(url)})
    return url


def _split(url: str) -> tuple[SplitResult, str]:
    try:
        parts = urlsplit(url)
        _port, host = parts.port, parts.hostname or ""  # the port raises on nonsense
    except ValueError:
        raise ValidationError(_("This is not an address.")) from None
    return parts, host


def _is_forbidden_literal(host: str) -> bool:
    """True for a literal address that must not be called, in every notation that a resolver takes, and for none."""
    try:
        return is_forbidden(str(ip_address(host.partition("%")[0])))
    except ValueError:
        pass
    # 0xA9FEA9FE, 2852039166 and 169.254.43518 mean 169.254.169.254 to inet_aton: refused, there is no need for them.
    return all(_is_number(part) for part in host.rstrip(".").split("."))


def _is_number(text: str) -> bool:
    try:
        int(text, 10 if text.isdigit() else 0)
    except ValueError:
        return False
    return True


class KeyForm(forms.Form):
    """Enter or replace a provider's key, and its base URL. Write-only: nothing of a stored key is ever in the form."""

    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=MAX_KEY_CHARS,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}, render_value=False),
    )
    base_url = forms.CharField(label=_("Base URL"), max_length=500)
    remove = forms.BooleanField(label=_("Remove the stored key"), required=False)

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"base_url": provider.base_url})
        super().__init__(*args, **kwargs)
        self.provider = provider
        if not provider.api_key:
            del self.fields["remove"]

    def clean_base_url(self) -> str:
        return clean_base_url(self.cleaned_data["base_url"])

    def clean_api_key(self) -> str:
        return clean_key(self.cleaned_data["api_key"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        is_moved = "base_url" in data and data["base_url"] != self.provider.base_url
        if "api_key" in data and not data["api_key"] and not data.get("remove") and not is_moved:
            self.add_error("api_key", _("Enter a key."))
        return data


def clean_key(key: str) -> str:
    """A key goes into a header: printable ASCII without spaces."""
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise ValidationError(_("A key has no spaces and only plain letters, digits and signs."))
    return key


def store_key(provider: Provider, *, api_key: str, base_url: str, remove: bool) -> None:
    """Save what a KeyForm brought. A key never goes to another address than the one it was entered for."""
    if base_url != provider.base_url or remove:
        provider.api_key = ""
        provider.headers = "" if base_url != provider.base_url else provider.headers
    if base_url != provider.base_url:
        provider.base_url, provider.source, provider.quirks = base_url, RowSource.ADMIN, {}
    if api_key:
        provider.api_key = api_key
    if provider.source == RowSource.ENVIRONMENT:
        provider.source = RowSource.ADMIN  # from now on the environment does not change it
    provider.save(update_fields=["api_key", "headers", "base_url", "source", "quirks"])


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A provider in the admin: the key and the extra headers are write-only."""

    base_url = forms.CharField(
        label=_("Base URL"),
        max_length=500,
        help_text=_("Such as http://127.0.0.1:11434/v1. Changing it removes the stored key and headers."),
        widget=forms.TextInput(attrs={"class": "vURLField"}),
    )
    key_url = forms.URLField(
        label=_("Where to get a key"), required=False, max_length=500, assume_scheme="https", empty_value=""
    )
    new_api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=MAX_KEY_CHARS,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}, render_value=False),
    )
    new_headers = forms.CharField(
        label=_("Extra request headers"),
        required=False,
        max_length=MAX_KEY_CHARS,
        help_text=_(
            'A JSON object such as {"X-Title": "Playground"}. Never shown again; leave empty to keep what is stored.'
        ),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
    )
    remove_secrets = forms.BooleanField(label=_("Remove the stored key and headers"), required=False)

    class Meta:
        model = Provider
        fields = [
            *("name", "slug", "base_url", "requires_key", "fetches_image_urls"),
            *("is_enabled", "continue_style", "key_url", "position"),
        ]
        help_texts = {
            "slug": _("Stands before the slash in the names of its models."),
            "fetches_image_urls": _("On only where the provider fetches https image addresses itself."),
            "requires_key": _("Off for servers that take requests without a key."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `_post_clean` writes what was entered into the instance; what was stored is compared with what comes.
        self.stored_url = self.instance.base_url if self.instance.pk else ""
        stored = [hint_of(self.instance.api_key)] if self.instance.pk else []
        self.fields["new_api_key"].help_text = (
            _("Stored: %(hint)s. Leave empty to keep it.") % {"hint": stored[0]}
            if any(stored)
            else _("None is stored.")
        )

    def clean_base_url(self) -> str:
        return clean_base_url(self.cleaned_data["base_url"])

    def clean_slug(self) -> str:
        return str(slugify(self.cleaned_data["slug"]))

    def clean_new_api_key(self) -> str:
        return clean_key(self.cleaned_data["new_api_key"].strip())

    def clean_new_headers(self) -> str:
        text: str = self.cleaned_data["new_headers"]
        return clean_headers(text.strip())

    def save(self, commit: bool = True) -> Provider:
        provider: Provider = super().save(commit=False)
        is_moved = bool(self.stored_url) and provider.base_url != self.stored_url
        if is_moved or self.cleaned_data["remove_secrets"]:
            provider.api_key = provider.headers = ""
        if is_moved:
            provider.quirks = {}
        provider.api_key = self.cleaned_data["new_api_key"] or provider.api_key
        provider.headers = self.cleaned_data["new_headers"] or provider.headers
        if commit:
            provider.save()
            self.save_m2m()
        return provider


def clean_headers(text: str) -> str:
    """A JSON object of header names and values, as text. Raises ValidationError."""
    if not text:
        return ""
    try:
        headers = read_json(text.encode(errors="replace"))
    except BadJson as error:
        raise ValidationError(str(error)) from None
    if not isinstance(headers, dict) or not all(_is_header(name, value) for name, value in headers.items()):
        raise ValidationError(_("Enter a JSON object of header names and texts; no Host, Content-Type or the like."))
    return json.dumps(headers)


def _is_header(name: str, value: Any) -> bool:
    is_name = (
        name.isascii() and name.replace("-", "").replace("_", "").isalnum() and name.lower() not in FORBIDDEN_HEADERS
    )
    return is_name and isinstance(value, str) and value.isascii() and value.isprintable()
