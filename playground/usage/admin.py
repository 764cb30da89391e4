"""Re-pricing in the admin: say what, look at what it would do, confirm with a reason. For superusers. Budgets are in `admins`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from playground.lib.admin import AuditedAdmin
from playground.lib.auditing import Act, lines, record
from playground.lib.turns import others_may_run
from playground.usage.admins.budgets import BudgetAdmin, BudgetPotAdmin
from playground.usage.forms import ConfirmForm, ScopeForm, month_before
from playground.usage.models import Budget, BudgetPot, Repricing
from playground.usage.repricing import Preview, Scope, carry_out, preview
from playground.usage.templatetags.amounts import difference

admin.site.register(Budget, BudgetAdmin)
admin.site.register(BudgetPot, BudgetPotAdmin)


@admin.register(Repricing)
class RepricingAdmin(AuditedAdmin):
    list_display = ["__str__", "made_at", "made_by_name", "corrected_runs", "priced_runs", "amount", "state"]
    list_filter = ["provider"]
    search_fields = ["model_name", "provider", "reason", "made_by_name"]
    fieldsets = [
        (None, {"fields": ["provider", "model_name", "first_day", "last_day", "input", "cached_input", "output"]}),
        (_lazy("Confirmed"), {"fields": ["reason", "made_by_name", "made_at"]}),
        (_lazy("Outcome"), {"fields": ["state", "corrected_runs", "priced_runs", "amount"]}),
    ]
    change_form_template = "admin/usage/repricing/carried_out.html"

    # --- who may ---

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- columns ---

    @admin.display(description=_lazy("difference"), ordering="difference")
    def amount(self, repricing: Repricing) -> str:
        return difference(repricing.difference)

    @admin.display(description=_lazy("state"))
    def state(self, repricing: Repricing) -> str:
        return _("carried out") if repricing.finished_at else _("cut off: continue it on its page")

    # --- pages ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.continue_view))
        return [path("<path:object_id>/continue/", view, name="usage_repricing_continue"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A GET asks; a POST shows what would change; a POST with a reason and the mark of what was shown does it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, ScopeForm(initial=_asked(request)))
        form = ScopeForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        confirm = ConfirmForm(request.POST) if "confirm" in request.POST else None
        scope = form.scope(confirm.cleaned_data["up_to"] if confirm and confirm.is_valid() else None)
        with others_may_run():
            seen = preview(scope)
        if confirm is None:
            return self._page(request, form, seen, _confirm(scope, seen))
        if not confirm.is_valid():
            again = _confirm(scope, seen, confirm.data.get("reason", ""))
            again.errors["reason"] = confirm.errors.get("reason", again.error_class())
            return self._page(request, form, seen, again, status=422)
        if confirm.cleaned_data["mark"] != seen.mark:
            messages.warning(
                request, _("Prices or amounts have changed since you looked: look again before you confirm.")
            )
            return self._page(request, form, seen, _confirm(scope, seen, confirm.cleaned_data["reason"]), status=409)
        return self._carry_out(request, _decided(request, scope, confirm.cleaned_data["reason"]))

    def continue_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go on with one that was cut off. Nothing is written twice."""
        repricing = self.get_object(request, object_id)
        if repricing is None or not self.has_add_permission(request):
            raise PermissionDenied
        return self._carry_out(request, repricing)

    def _carry_out(self, request: HttpRequest, repricing: Repricing) -> HttpResponse:
        with others_may_run():
            carry_out(repricing)
        outcome = [(name, getattr(repricing, name)) for name in ("corrected_runs", "priced_runs", "difference")]
        record(request, Act("repricing.carried_out", repricing, after=lines(outcome)))
        text = _("%(runs)s runs corrected, %(difference)s in all.")
        figures = {"runs": repricing.corrected_runs, "difference": difference(repricing.difference)}
        messages.success(request, text % figures)
        return HttpResponseRedirect(reverse("admin:usage_repricing_change", args=[repricing.pk]))

    def _page(
        self,
        request: HttpRequest,
        form: ScopeForm,
        seen: Preview | None = None,
        confirm: ConfirmForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Re-price a period"),
            "form": form,
            "preview": seen,
            "confirm": confirm,
        }
        return TemplateResponse(request, "admin/usage/repricing/reprice.html", context, status=status)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What a link from a model's page has filled in; the last whole month otherwise."""
    first, last = month_before()
    return {"what": request.GET.get("what", ""), "first_day": first, "last_day": last, "price": "rows"}


def _confirm(scope: Scope, seen: Preview, reason: str = "") -> ConfirmForm:
    form = ConfirmForm({"reason": reason, "up_to": scope.up_to, "mark": seen.mark})
    if not reason:
        form.errors.pop("reason", None)  # nobody has been asked yet
    return form


_SCOPE = ("provider", "model_name", "first_day", "last_day", "input", "cached_input", "output")


@transaction.atomic
def _decided(request: HttpRequest, scope: Scope, reason: str) -> Repricing:
    """The decision, on record before anything is written."""
    rates = scope.rates
    decided = Repricing.objects.create(
        provider=scope.provider,
        model_name=scope.model_name,
        first_day=scope.first_day,
        last_day=scope.last_day,
        up_to=scope.up_to,
        input=rates.input if rates else None,
        cached_input=rates.cached_input if rates else None,
        output=rates.output if rates else None,
        reason=reason,
        made_by_name=request.user.get_username(),
    )
    after = lines((name, getattr(decided, name)) for name in _SCOPE)
    record(request, Act("repricing.confirm", decided, after=after, note=reason))
    return decided
