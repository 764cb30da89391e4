"""Providers we call, the models they offer and what those cost. Rows, never code: nothing here names a model."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.lib.fields import EncryptedTextField

if TYPE_CHECKING:
    from playground.accounts.models import User


class ContinueStyle(models.TextChoices):
    """How a provider is asked to go on with a cut-off answer."""

    PREFILL = "prefill", _("Goes on when the last message is the assistant's")
    ASK = "ask", _("Is asked to go on by a user message")


class RowSource(models.TextChoices):
    """Who made a row, and so who may change it: shipped rows are brought up to date by `load_catalog`."""

    SHIPPED = "shipped", _("Shipped with Playground")
    ENVIRONMENT = "environment", _("From the environment")
    LISTED = "listed", _("Listed by the provider")
    ADMIN = "admin", _("Added by an admin")


class PriceSource(models.TextChoices):
    """Who made a price row. A model that has rows of others gets no defaults."""

    SHIPPED = "shipped", _("Shipped with Playground")
    DEFAULT = "default", _("Default price list")
    ADMIN = "admin", _("Entered by an admin")


class Provider(models.Model):
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(max_length=120)
    # Without a trailing slash; ends in /v1 where the server wants it.
    base_url = models.URLField(_("base URL"), max_length=500)
    api_key = EncryptedTextField(blank=True, default="")
    # Extra request headers, name to value: encrypted, since they often carry keys. A JSON object as text.
    headers = EncryptedTextField(blank=True, default="")
    requires_key = models.BooleanField(_("needs a key"), default=True)
    # True where the provider fetches https image URLs itself; otherwise image URLs are refused for its models.
    fetches_image_urls = models.BooleanField(_("fetches images by their address"), default=False)
    is_embedded = models.BooleanField(_("built in"), default=False)
    is_enabled = models.BooleanField(_("switched on"), default=True)
    continue_style = models.CharField(
        _("a cut-off answer"), max_length=10, choices=ContinueStyle.choices, default=ContinueStyle.ASK
    )
    # What this server turned out to refuse, remembered: {"drop": ["seed"], "rename": {"max_completion_tokens": "max_tokens"}}
    quirks = models.JSONField(default=dict, blank=True)
    key_url = models.URLField(_("where to get a key"), max_length=500, blank=True)  # where a person gets a key
    position = models.PositiveIntegerField(default=100)
    source = models.CharField(max_length=12, choices=RowSource.choices, default=RowSource.ADMIN)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def needs_key(self) -> bool:
        """True when nothing can be sent before somebody enters a key."""
        return self.requires_key and not self.api_key


class ModelQuerySet(models.QuerySet["Model"]):
    def visible_to(self, user: User) -> ModelQuerySet:
        """Models that `user` may see in lists. Everyone signed in sees every enabled model."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(is_enabled=True, provider__is_enabled=True)

    def named(self, public_name: str) -> ModelQuerySet:
        """The model whose public name is `provider/model`; model ids may themselves hold slashes."""
        if "\0" in public_name:  # PostgreSQL does not even compare it
            return self.none()
        provider, _slash, name = public_name.partition("/")
        return self.filter(provider__slug=provider, name=name)


class Model(models.Model):
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    # What the provider calls it, sent as `model`.
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    developer = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    context_tokens = models.PositiveIntegerField(_("context, in tokens"), null=True, blank=True)
    max_output_tokens = models.PositiveIntegerField(_("longest output, in tokens"), null=True, blank=True)
    max_images = models.PositiveIntegerField(_("images a message"), default=0)  # a message; 0 means no vision
    knowledge_cutoff = models.DateField(null=True, blank=True)
    retires_on = models.DateField(null=True, blank=True)
    replaced_by = models.CharField(max_length=200, blank=True)
    capabilities = models.JSONField(default=list, blank=True)  # "vision", "streaming", "json_schema", ...
    form_schema = models.JSONField(default=dict, blank=True)
    tokenizer = models.CharField(max_length=40, blank=True)  # "o200k_base"; empty means estimate
    # {"method": "tile", ...} or {"method": "patch", "multiplier": 1.62}; empty means unknown. See lib/image_tokens.py.
    image_tokens = models.JSONField(default=dict, blank=True)
    card = models.JSONField(default=dict, blank=True)  # facts for the model's page: strengths, use cases, endpoints
    is_enabled = models.BooleanField(_("switched on"), default=True)
    position = models.PositiveIntegerField(default=100)
    source = models.CharField(max_length=12, choices=RowSource.choices, default=RowSource.ADMIN)

    objects = ModelQuerySet.as_manager()

    class Meta:
        ordering = ["provider__position", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="catalog_model_name_once_per_provider")
        ]

    def __str__(self) -> str:
        return self.public_name

    @property
    def public_name(self) -> str:
        """`provider/model`, as in addresses and at the gateway."""
        return f"{self.provider.slug}/{self.name}"

    @property
    def has_vision(self) -> bool:
        return self.max_images > 0

    def is_retired(self, today: datetime.date | None = None) -> bool:
        return self.retires_on is not None and self.retires_on <= (today or timezone.now().date())

    def days_left(self, today: datetime.date | None = None) -> int | None:
        """Days until the provider turns it off; None when no date is known, 0 or less when it has."""
        return (self.retires_on - (today or timezone.now().date())).days if self.retires_on else None

    def price_at(self, day: datetime.date) -> Price | None:
        """The price row in force on `day`; None means unpriced, which is not the same as free.

        One query; none when the prices were prefetched.
        """
        if "prices" in getattr(self, "_prefetched_objects_cache", {}):
            return max((row for row in self.prices.all() if row.starts_on <= day), key=_starts_on, default=None)
        return self.prices.filter(starts_on__lte=day).order_by("-starts_on").first()


class Price(models.Model):
    """US dollars per 1,000,000 tokens from a day on. Once something was computed from it, it stays as it is (see price_use)."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="prices")
    starts_on = models.DateField()
    input = models.DecimalField(max_digits=12, decimal_places=6)
    cached_input = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    output = models.DecimalField(max_digits=12, decimal_places=6)
    source = models.CharField(max_length=12, choices=PriceSource.choices, default=PriceSource.ADMIN)
    note = models.CharField(max_length=120, blank=True)  # where it is from: the price list and its version

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["model", "starts_on"], name="catalog_price_once_a_day"),
            models.CheckConstraint(condition=Q(input__gte=0, output__gte=0), name="catalog_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}: {self.input} / {self.output}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "input": self.input,
            "cached_input": self.cached_input,
            "output": self.output,
            "starts_on": self.starts_on,
        }


def _starts_on(price: Price) -> datetime.date:
    return price.starts_on
