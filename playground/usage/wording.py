"""Names of the ledger's kinds in words, and amounts as pages say them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from playground.lib.figures import count, dollars, short_count
from playground.usage.figures import Sums

ABOUT = "≈"  # before what was estimated


_SOURCES = {
    "chat": gettext_lazy("Chat"),
    "compare": gettext_lazy("Compare"),
    "sweep": gettext_lazy("Sweep"),
    "api": gettext_lazy("API"),
}
_STATUSES = {
    "completed": gettext_lazy("Completed"),
    "stopped": gettext_lazy("Stopped"),
    "failed": gettext_lazy("Failed"),
    "interrupted": gettext_lazy("Interrupted"),
}


def source_label(source: str) -> str:
    """The face that asked; one that we do not know by its own name."""
    return str(_SOURCES.get(source, source))


def statuses() -> dict[str, str]:
    """How runs end."""
    return {status: str(label) for status, label in _STATUSES.items()}


def status_label(status: str) -> str:
    return str(_STATUSES.get(status, status))


def amount_words(amount: Decimal | None, *, is_estimated: bool) -> str:
    """ "$1.20", "≈$1.20" when tokens were estimated, "unpriced" when there is no price: never $0 for what is not known."""
    if amount is None:
        return _("unpriced")
    return f"{ABOUT if is_estimated else ''}{dollars(amount)}"


def spend_words(sums: Sums) -> str:
    return amount_words(sums.known_amount, is_estimated=sums.estimated_amount != 0)


def unpriced_words(sums: Sums) -> str:
    """ "3 unpriced"; empty when everything has its price."""
    if sums.unpriced_runs <= 0:
        return ""
    return ngettext("%(count)s unpriced", "%(count)s unpriced", sums.unpriced_runs) % {
        "count": count(sums.unpriced_runs)
    }


def estimated_words(sums: Sums) -> str:
    if not sums.estimated_runs:
        return ""
    shown = {"count": count(sums.estimated_runs)}
    return ngettext("%(count)s estimated", "%(count)s estimated", sums.estimated_runs) % shown


def runs_words(sums: Sums) -> str:
    return ngettext("%(count)s run", "%(count)s runs", sums.runs) % {"count": count(sums.runs)}


def tokens_words(sums: Sums) -> str:
    return _("%(count)s tokens") % {"count": short_count(sums.tokens)}
