"""Why a sweep is paused or slow, in our own words, marked for translation. A row keeps the sentence in English and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from playground.catalog.upstream_wording import say
from playground.lib.sentences import Sentence, parts_of

CAP_REACHED = gettext_noop(
    "The cap is reached: %(spent)s of %(cap)s dollars are spent, and the next run can cost up to %(next)s. Raise the cap to go on."
)
CELLS_FAIL = gettext_noop(
    "It was paused because %(count)s runs in a row failed for a reason that all share: %(reason)s"
)
REFUSED = gettext_noop("It was paused because the provider goes on refusing requests as too many. Resume it later.")
SLOWER = gettext_noop("The provider wants fewer requests: %(allowed)s at a time now, and nothing is lost.")
SUSPENDED = gettext_noop("It was paused because its owner's account is suspended.")
BROKEN = gettext_noop("It was paused because something went wrong on this server. Resume it to try again.")
OUT_OF_REACH = gettext_noop("It was paused because a preset or model of its plan can no longer be used: %(reason)s")
SENTENCES = (CAP_REACHED, CELLS_FAIL, REFUSED, SLOWER, SUSPENDED, BROKEN, OUT_OF_REACH)


def reason(text: str, **figures: float | str) -> dict[str, Any]:
    """What `Sweep.reason` keeps."""
    sentence = Sentence(text, **figures) if figures else Sentence(text)
    return {"message": str(sentence)[:600], "said": parts_of(sentence)}


def reason_text(kept: Mapping[str, Any]) -> str:
    """`kept` in the reader's language; empty when there is no reason."""
    return say(kept["message"], kept.get("said"), SENTENCES) if kept else ""
