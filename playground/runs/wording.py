"""What a failed run says in our own words, marked for translation. A row keeps the sentence in English, and what it is made of; what
a server said in its own words is shown as it is. A test keeps this list complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from playground.catalog.upstream_wording import UPSTREAM, say

SENTENCES = (
    *UPSTREAM,
    gettext_noop("Something went wrong on this server."),
    gettext_noop("The server is busy: every place is taken and the line is full."),
    gettext_noop("This run has already ended."),
    gettext_noop("The model %(model)s is no longer in the catalogue. Choose another one."),
    gettext_noop("%(provider)s needs an API key. An admin can enter it on the model's page."),
    gettext_noop("The provider does not answer (tries in a row: %(tries)s). It is tried again in %(seconds)s s."),
    gettext_noop("The built-in model is switched off (PLAYGROUND_EMBEDDED=false). Choose another model."),
    gettext_noop("The built-in model did not start: %(reason)s (its log: %(path)s)"),
    gettext_noop("it was not ready in time"),
    gettext_noop("it ended while it started"),
    gettext_noop(
        "The built-in model stopped (times in a row: %(count)s) and rests for %(seconds)s s. Its last words: %(reason)s"
    ),
    gettext_noop("PLAYGROUND_EMBEDDED_MODEL points to %(path)s, which is not a file."),
    gettext_noop("The weights of the built-in model are not installed. Run: make run"),
)


def sentence(error: Mapping[str, Any]) -> str:
    """What a run's `error` says, in the reader's language if it is in our words."""
    return say(error["message"], error.get("said"), SENTENCES)
