"""Who pays for a run, and whether so many may be asked for: the one door that every request of the chat goes through."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.accounts.models import User
from playground.chat.errors import TooFast
from playground.chat.estimating import worst_cost
from playground.chat.services.context import Prompt
from playground.lib.numbers import number
from playground.usage import limits
from playground.usage.budgets import Claim, claim
from playground.usage.limits import Kind, RateLimited


def claim_for(owner: User, prompt: Prompt, *, is_asked_now: bool = True) -> Claim:
    """What budgets must hold for `prompt`. Raises TooFast when it is `is_asked_now`, which counts against the limits a minute.

    One query, and the price when a budget applies. The prompt is counted only when something depends on it.
    """
    if is_asked_now:
        try:
            limits.take(limits.person(owner.pk), tokens=lambda: prompt.count.total)
        except RateLimited as limited:
            raise TooFast(limited_text(limited), retry_after_s=limited.retry_after_s) from None
    prepared = prompt.prepared
    return claim(owner=owner, worst_case=lambda: worst_cost(prepared.model, prompt.count, prepared.values))


def limited_text(limited: RateLimited) -> str:
    """What the limit is, and when to try again."""
    what = {"limit": number(limited.limit)}
    if limited.kind == Kind.REQUESTS:
        text = ngettext(
            "You may send one message a minute.", "You may send %(limit)s messages a minute.", limited.limit
        )
    else:
        text = _("You may send and receive %(limit)s tokens a minute.")
    wait = limited.retry_after_s
    if wait is None:
        advice = _("This message alone has more. Shorten it.")
    else:
        advice = ngettext("Try again in a second.", "Try again in %(seconds)s seconds.", wait) % {
            "seconds": number(wait)
        }
    return f"{text % what} {advice}"
