"""Providers, models and prices in the admin. Every field that may be written is named; keys go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from playground.catalog.forms import ProviderForm, hint_of
from playground.catalog.listing import list_models
from playground.catalog.models import Model, Price, Provider, RowSource
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


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    model = Price
    fields = ["starts_on", "input", "cached_input", "output"]
    extra = 0


@admin.register(Model)
class ModelAdmin(AuditedAdmin):
    inlines = [PriceInline]
    list_display = ["public_name", "title", "context_tokens", "retires_on", "is_enabled", "source"]
    list_filter = ["provider", "is_enabled", "source"]
    list_select_related = ["provider"]
    search_fields = ["name", "title", "developer"]
    fieldsets = [
        (None, {"fields": ["provider", "name", "title", "developer", "description", "is_enabled", "position"]}),
        (_lazy("Limits"), {"fields": ["context_tokens", "max_output_tokens", "max_images"]}),
        (_lazy("Dates"), {"fields": ["knowledge_cutoff", "retires_on", "replaced_by"]}),
        (_lazy("How it works"), {"fields": ["capabilities", "tokenizer", "image_tokens", "form_schema", "card"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Shipped rows would come back: they are switched off instead."""
        is_shipped = obj is not None and obj.source == RowSource.SHIPPED
        return not is_shipped and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Model, form: forms.BaseForm, change: bool) -> None:
        _claim(obj, form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for price in formset.save(commit=False):
            price.source = RowSource.ADMIN
            price.save()
        for price in formset.deleted_objects:
            price.delete()
        formset.save_m2m()
