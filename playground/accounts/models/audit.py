"""The audit log: what was done to the server and its people, by whom. Nothing in it ever changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Immutable(Exception):
    """An entry is never changed or deleted."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> int:
        raise Immutable

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable


class AuditEntry(models.Model):
    """Names and short texts, no secrets. It outlives whom and what it is about, so it refers to neither by constraint."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    actor_name = models.CharField(_("who"), max_length=150, blank=True)  # empty: the server itself, or a command
    action = models.CharField(_("what"), max_length=80)  # "user.suspend", "provider.change"
    target_kind = models.CharField(_("kind"), max_length=80, blank=True)  # a model's label, "accounts.user"
    target_id = models.CharField(max_length=60, blank=True)
    target_name = models.CharField(_("on"), max_length=200, blank=True)
    before = models.TextField(_("before"), blank=True)  # "name: value", a line each
    after = models.TextField(_("after"), blank=True)
    note = models.TextField(_("reason"), blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)  # whom the request came from
    request_id = models.CharField(_("request"), max_length=64, blank=True)  # as in the access log

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.target_name}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable
