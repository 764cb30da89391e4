"""Providers, models and prices in the admin. Every field that may be written is named; keys go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from playground.catalog.default_prices import DefaultPrice, PriceList, give_default_prices
from playground.catalog.forms import ProviderForm, hint_of
from playground.catalog.listing import list_models
from playground.catalog.models import Model, Price, PriceSource, Provider, RowSource
from playground.catalog.price_use import in_use
from playground.catalog.templatetags.catalogue import price as price_text
from playground.catalog.upstream_wording import say
from playground.lib.admin import AuditedAdmin
from playground.upstream.errors import UpstreamError

# Saving these does not make a shipped row the admin's: `load_catalog` never writes them.
_ADMINS_OWN = {"is_enabled", "new_api_key", "new_headers", "remove_secrets"}


def _claim(row: Provider | Model | Price, form: forms.BaseForm) -> None:
    """From now on `row` is the admin's: what ships with a later version does not write over it."""
    if set(form.changed_data) - _ADMINS_OWN:
        row.source = RowSource.ADMIN


@admin.register(Provider)
class ProviderAdmin(AuditedAdmin):
    form = ProviderForm
    actions = ["list_from_server"]
    list_display = ["name", "base_url", "key", "is_enabled", "source"]
    list_filter = ["is_enabled", "source"]
    search_fields = ["name", "slug", "base_url"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "base_url", "is_enabled", "position"]}),
        (_lazy("Key"), {"fields": ["requires_key", "new_api_key", "new_headers", "remove_secrets", "key_url"]}),
        (_lazy("What the server does"), {"fields": ["fetches_image_urls", "continue_style"]}),
    ]

    @admin.display(description=_lazy("key"))
    def key(self, provider: Provider) -> str:
        return hint_of(provider.api_key)

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> list[str]:
        return ["base_url"] if obj is not None and obj.is_embedded else []

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        """Shipped rows would come back: they are switched off instead."""
        is_shipped = obj is not None and obj.source == RowSource.SHIPPED
        return not is_shipped and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Provider, form: forms.BaseForm, change: bool) -> None:
        if obj.source == RowSource.ENVIRONMENT and form.has_changed():
            obj.source = RowSource.ADMIN  # the environment does not change it any more, its key neither
        _claim(obj, form)
        super().save_model(request, obj, form, change)
        if not change or {"base_url", "new_api_key"} & set(form.changed_data):
            self._list(request, obj)

    @admin.action(description=_lazy("List models from the server"), permissions=["change"])
    def list_from_server(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            self._list(request, provider)

    def _list(self, request: HttpRequest, provider: Provider) -> None:
        """Ask the server and say what came of it. Ten seconds at most."""
        if provider.is_embedded or provider.needs_key:
            return
        try:
            listing = list_models(provider)
        except UpstreamError as error:
            text = _("%(provider)s did not list its models: %(reason)s You can enter them by hand.")
            messages.warning(request, text % {"provider": provider.name, "reason": say(error.message)})
            return
        text = ngettext("%(provider)s: %(count)d new model.", "%(provider)s: %(count)d new models.", listing.created)
        messages.success(request, text % {"provider": provider.name, "count": listing.created})


class PriceFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # generic in the stubs alone
    """A row that runs were priced by stays as it is: their entries in the ledger name it."""

    def clean(self) -> None:
        super().clean()
        touched = [form for form in self.initial_forms if form.has_changed() or form in self.deleted_forms]
        used = in_use([form.instance.pk for form in touched])
        days = [form.initial["starts_on"] for form in touched if form.instance.pk in used]
        if days:
            text = ngettext(
                "Runs were priced by the row of %(days)s, so it stays as it is. Add a row from another day for runs to come,"
                " and re-price a period for those there are.",
                "Runs were priced by the rows of %(days)s, so they stay as they are. Add rows from other days for runs to"
                " come, and re-price a period for those there are.",
                len(days),
            )
            raise ValidationError(text % {"days": ", ".join(date_format(day) for day in days)})


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    model = Price
    formset = PriceFormSet
    fields = ["starts_on", "input", "cached_input", "output", "source", "note"]
    readonly_fields = ["source", "note"]
    extra = 0
    verbose_name = _lazy("price, US dollars per 1M tokens")
    verbose_name_plural = _lazy("prices, US dollars per 1M tokens, each from its day on")


@admin.register(Model)
class ModelAdmin(AuditedAdmin):
    inlines = [PriceInline]
    list_display = ["public_name", "title", "price", "context_tokens", "retires_on", "is_enabled", "source"]
    list_filter = ["provider", "is_enabled", "source"]
    list_select_related = ["provider"]
    search_fields = ["name", "title", "developer"]
    readonly_fields = ["default_price"]
    fieldsets = [
        (None, {"fields": ["provider", "name", "title", "developer", "description", "is_enabled", "position"]}),
        (_lazy("Limits"), {"fields": ["context_tokens", "max_output_tokens", "max_images"]}),
        (_lazy("Dates"), {"fields": ["knowledge_cutoff", "retires_on", "replaced_by"]}),
        (_lazy("How it works"), {"fields": ["capabilities", "tokenizer", "image_tokens", "form_schema", "card"]}),
        (_lazy("Prices"), {"fields": ["default_price"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).prefetch_related("prices")

    @admin.display(description=_lazy("price"))
    def price(self, model: Model) -> str:
        """The price in force, as "input / output"; a word when there is none, which is not free."""
        price = model.price_at(timezone.now().date())
        return f"{price_text(price.input)} / {price_text(price.output)}" if price else _("unpriced")

    @admin.display(description=_lazy("default price"))
    def default_price(self, model: Model) -> str:
        """What the price list that ships says of this model."""
        if model.pk is None:
            return _("Looked up when the model is saved without a price.")
        prices = PriceList()
        found = prices.find(base_url=model.provider.base_url, slug=model.provider.slug, name=model.name)
        if found is None:
            return _("%(list)s does not know it.") % {"list": prices.note}
        if not found.prices:
            text = _("%(list)s has more for it than three prices can say (%(why)s): enter what you pay.")
            return text % {"list": prices.note, "why": _(found.without)}
        return "; ".join(_said(price, prices.note) for price in found.prices)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Shipped rows would come back: they are switched off instead."""
        is_shipped = obj is not None and obj.source == RowSource.SHIPPED
        return not is_shipped and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Model, form: forms.BaseForm, change: bool) -> None:
        _claim(obj, form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        today = timezone.now().date()
        for price in formset.save(commit=False):
            price.source, price.note = PriceSource.ADMIN, ""
            price.save()
            if price.starts_on < today:
                text = _("Runs of days gone by keep the amount they have. To correct them, re-price the period.")
                messages.info(request, text)
        for price in formset.deleted_objects:
            price.delete()
        formset.save_m2m()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change and not form.instance.prices.exists():
            give_default_prices([form.instance])


def _said(price: DefaultPrice, note: str) -> str:
    text = _("%(input)s in, %(output)s out, %(cached)s cached")
    if price.cached_input is None:
        text = _("%(input)s in, %(output)s out")
    figures = {"input": price_text(price.input), "output": price_text(price.output)}
    said = text % (figures | {"cached": price_text(price.cached_input)})
    since = _("from %(day)s") % {"day": date_format(price.starts_on)} if price.starts_on else note
    return f"{said} ({since})"
