"""What every page of the admin is made from: nothing is changed there without a line in the audit log.

A test holds every registered class to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest

from playground.lib.auditing import HIDDEN, Act, is_secret, line, lines, record
from playground.lib.fields import EncryptedTextField

MOST_NAMED = 20  # rows that an action names
Action = Callable[[Any, HttpRequest, Any], Any]


def audits_itself(action: Action) -> Action:
    """Marks an action of the admin that writes its own lines, one for each row."""
    action.audits_itself = True  # type: ignore[attr-defined]
    return action


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Tells the audit log of every row that is added, changed or deleted, and of every action on rows."""

    def construct_change_message(
        self, request: HttpRequest, form: forms.BaseForm, formsets: Any, add: bool = False
    ) -> Any:
        """Where Django looks at what changed: kept for `log_addition` and `log_change`, which come right after it."""
        request.changes = _changes(form, formsets or [], add=add)  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)  # type: ignore[arg-type]

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._record(request, "add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._record(request, "change", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            record(request, Act(f"{self.opts.model_name}.delete", row, target_name=self.name_of(row)))
        return super().log_deletions(request, queryset)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        return {name: (_audited(name, action), name, told) for name, (action, _name, told) in actions.items()}

    def name_of(self, row: Model) -> str:
        """What the log calls a row."""
        return str(row)

    def _record(self, request: HttpRequest, what: str, row: Model) -> None:
        before, after = getattr(request, "changes", ("", ""))
        act = Act(f"{self.opts.model_name}.{what}", row, target_name=self.name_of(row), before=before, after=after)
        record(request, act)


def _audited(name: str, action: Action) -> Action:
    if name == "delete_selected" or hasattr(action, "audits_itself"):
        return action

    def act(model_admin: AuditedAdmin, request: HttpRequest, queryset: QuerySet[Model]) -> Any:
        chosen = [model_admin.name_of(row) for row in queryset[: MOST_NAMED + 1]]
        more = "…" if len(chosen) > MOST_NAMED else ""
        answer = action(model_admin, request, queryset)
        on = ", ".join(chosen[:MOST_NAMED]) + more
        record(request, Act(f"{model_admin.opts.model_name}.{name}", target_name=on))
        return answer

    return act


def _changes(form: forms.BaseForm, formsets: Sequence[BaseModelFormSet[Any, Any]], *, add: bool) -> tuple[str, str]:
    """The changed fields of a form, and of the rows below it, as they were and as they are."""
    before: list[str] = []
    after: list[str] = []
    for name, old, new in _changed(form):
        if not add:
            before.append(line(name, old))
        after.append(line(name, new))
    for formset in formsets:
        kind = formset.model._meta.model_name if formset.model else ""  # noqa: SLF001 - documented
        before += [f"{kind} {row}: deleted" for row in formset.deleted_objects]
        for row in formset.forms:
            if row not in formset.deleted_forms and row.has_changed():
                changes = list(_changed(row))
                if row.initial:
                    before.append(f"{kind}: {lines((name, old) for name, old, _new in changes)}".replace("\n", ", "))
                after.append(f"{kind}: {lines((name, new) for name, _old, new in changes)}".replace("\n", ", "))
    return "\n".join(before), "\n".join(after)


def _changed(form: forms.BaseForm) -> Iterator[tuple[str, object, object]]:
    """Name, old and new value of the fields that changed; of what is or may be a secret, that it changed."""
    for name in form.changed_data:
        old, new = form.initial.get(name), form.cleaned_data.get(name)
        if _hides(form, name):
            yield name, HIDDEN if old else "", HIDDEN if new else ""
        else:
            yield name, _told(form, name, old), _told(form, name, new)


def _hides(form: forms.BaseForm, name: str) -> bool:
    field = form.fields.get(name)
    if field is None:
        return is_secret(name)
    stored = {one.name: one for one in form._meta.model._meta.fields} if isinstance(form, forms.ModelForm) else {}  # noqa: SLF001
    is_written_only = isinstance(field.widget, forms.PasswordInput)
    is_flag = isinstance(field, forms.BooleanField)
    return is_written_only or isinstance(stored.get(name), EncryptedTextField) or (is_secret(name) and not is_flag)


def _told(form: forms.BaseForm, name: str, value: object) -> object:
    """A row by its name where the form holds its key."""
    field = form.fields.get(name)
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, (Model, QuerySet, list, type(None))):
        row = field.queryset.filter(pk=value).first() if field.queryset is not None else None
        return row if row is not None else value
    return value
