"""What a person can do about a failed run. Rows keep the error as it came; advice is worded when it is shown."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from playground.lib.sentences import parts_of
from playground.runs.admission import Full
from playground.runs.circuit import ProviderDown
from playground.runs.plan import Unsendable
from playground.upstream import errors

# Names of pieces of advice, by the class of the error: the most special class first.
ADVICE: list[tuple[type[BaseException], str]] = [
    (errors.AuthenticationFailed, "key"),
    (errors.ModelNotFound, "model"),
    (errors.ContextTooLong, "shorten"),
    (errors.QuotaExceeded, "quota"),
    (errors.RateLimited, "wait"),
    (errors.ServerFailed, "later"),
    (errors.BadRequest, "change"),
    (errors.ConnectFailed, "reach"),
    (errors.FirstTokenTimeout, "later"),
    (errors.SilenceTimeout, "continue"),
    (errors.TotalTimeout, "continue"),
    (errors.CutOff, "continue"),
    (errors.BadReply, "address"),
    (Unsendable, "change"),
    (Full, "wait"),
    (ProviderDown, "reach"),
]


def error_payload(error: BaseException) -> dict[str, Any]:
    """The error as a run keeps it: the OpenAI fields, `status`, the name of the `advice` and a `remedy` if there is one.

    `said` is what a message with figures is made of, so that it can be shown in the reader's language.
    """
    advice = next((name for kind, name in ADVICE if isinstance(error, kind)), "report")
    if isinstance(error, errors.UpstreamError):
        more = {"advice": advice, "remedy": getattr(error, "remedy", None), "raw": error.raw}
        if error.retry_after_s is not None:
            more["retry_after_s"] = error.retry_after_s
        return error.as_dict() | more | _words(error.message)
    if isinstance(error, Unsendable):
        return _own(error.args[0], "unsendable", advice)
    if isinstance(error, ProviderDown):
        return _own(error.args[0], "provider_down", advice)
    if isinstance(error, Full):
        return _own("The server is busy: every place is taken and the line is full.", "server_busy", advice)
    return _own("Something went wrong on this server.", "server_error", advice)


def advice_text(error: dict[str, Any]) -> str:
    """What to do next, in the reader's language."""
    return {
        "key": _("The provider did not accept the API key. An admin can enter another one on the model's page."),
        "model": _("The provider does not know this model, or has retired it. Choose another model and retry."),
        "shorten": _("The conversation is too long for this model. Shorten it, or choose a model with more context."),
        "quota": _("The provider's quota is used up. Somebody has to add credit there; retrying will not help."),
        "wait": _("Too many requests at once. Wait a moment, then retry."),
        "later": _("The provider has trouble. Retry in a moment, or choose another model."),
        "change": _("Change what the message says, then retry."),
        "reach": _("The provider could not be reached. Check its address and that it is running, then retry."),
        "continue": _("The text that arrived is kept. Continue from there, or retry."),
        "address": _("The answer was not one of this API. Check the provider's base URL."),
    }.get(error.get("advice", ""), _("Retry. If it happens again, tell whoever runs this server."))


def _own(message: str, code: str, advice: str) -> dict[str, Any]:
    return {
        "type": "playground_error",
        "param": None,
        "code": code,
        "status": None,
        "advice": advice,
    } | _words(message)


def _words(message: str) -> dict[str, Any]:
    parts = parts_of(message)
    return {"message": str(message)} | ({"said": parts} if parts else {})
