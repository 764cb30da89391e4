"""A re-pricing: what an admin decided about the amounts of a period, and how far it has been carried out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from playground.lib.money import MoneyField


class Repricing(models.Model):
    """Made when it is confirmed, changed only by carrying it out, never deleted. Its corrections carry its reason and its maker."""

    provider = models.CharField(_("provider"), max_length=60)  # its slug
    model_name = models.CharField(_("model"), max_length=250, blank=True)  # the public name; empty: all of the provider
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    # The last entry that was there when it was reviewed: what came later is left alone.
    up_to = models.PositiveBigIntegerField()
    # US dollars per 1,000,000 tokens; without them what the price rows said of each day.
    input = models.DecimalField(_("input"), max_digits=12, decimal_places=6, null=True)
    cached_input = models.DecimalField(_("cached input"), max_digits=12, decimal_places=6, null=True)
    output = models.DecimalField(_("output"), max_digits=12, decimal_places=6, null=True)
    reason = models.CharField(_("reason"), max_length=300)
    made_by_name = models.CharField(_("confirmed by"), max_length=150)
    made_at = models.DateTimeField(_("confirmed at"), auto_now_add=True)

    finished_at = models.DateTimeField(_("finished at"), null=True)  # None: it was cut off, and can be continued
    corrected_runs = models.PositiveBigIntegerField(_("corrected runs"), default=0)
    priced_runs = models.PositiveBigIntegerField(_("of these unpriced before"), default=0)
    difference = MoneyField(_("difference"), default=0)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("re-pricing")
        verbose_name_plural = _("re-pricings")

    def __str__(self) -> str:
        return f"{self.model_name or self.provider}, {self.first_day} \N{EN DASH} {self.last_day}"
