"""What some servers refuse in a request, and how the same request looks in a form they take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# {"drop": ["seed"], "rename": {"max_completion_tokens": "max_tokens"}, "role": {"developer": "system"},
#  "format": {"json_schema": "json_object"}}; every key may be absent
Quirks = Mapping[str, Any]

_RENAMES = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}
_NEVER_DROPPED = {"model", "messages", "stream", "prompt", "input"}
_WORDS_OF_REFUSAL = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|extra (?:inputs|fields)|not permitted|not allowed|invalid"
    r"|forbidden|does not exist|only be|without",
    re.IGNORECASE,
)
_WORDS_OF_ABSENCE = re.compile(
    r"unsupported_parameter|unknown_parameter|unsupported|not support|unknown|unrecogni[sz]ed|unexpected|extra|not permitted",
    re.IGNORECASE,
)


def apply_quirks(body: Mapping[str, Any], quirks: Quirks | None) -> dict[str, Any]:
    """A copy of `body` as a server with these quirks takes it. Nothing is renamed over a field that is set."""
    changed = dict(body)
    if not quirks:
        return changed
    for old, new in (quirks.get("rename") or {}).items():
        if old in changed:
            value = changed.pop(old)
            changed.setdefault(new, value)
    for name in quirks.get("drop") or []:
        if name not in _NEVER_DROPPED:
            changed.pop(name, None)
    roles = quirks.get("role") or {}
    if roles and isinstance(changed.get("messages"), list):
        changed["messages"] = [
            {**message, "role": roles.get(message.get("role"), message.get("role"))} for message in changed["messages"]
        ]
    formats, wanted = quirks.get("format") or {}, changed.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") in formats:
        changed["response_format"] = {"type": formats[wanted["type"]]}
    return changed


def remedy_for(body: Mapping[str, Any], *, message: str, param: str | None, code: str | None) -> dict[str, Any] | None:
    """The quirk that would make a server take `body` after it answered 400 or 422 with this error; None when none is known.

    Only fields that `body` has are changed, and only when the error names them. A field that was refused for its value is
    not dropped: that is for a person to mend.
    """
    said = f"{code or ''} {message}"
    if not _WORDS_OF_REFUSAL.search(said):
        return None
    for old, new in _RENAMES.items():
        if old in body and _names(old, param, message) and (new in message or _WORDS_OF_ABSENCE.search(said)):
            return {"rename": {old: new}}
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema" and "json_schema" in f"{param} {message}":
        return {"format": {"json_schema": "json_object"}}
    if "developer" in message and any(_role(message_) == "developer" for message_ in body.get("messages") or []):
        return {"role": {"developer": "system"}}
    if not _WORDS_OF_ABSENCE.search(said):
        return None
    named = [name for name in body if name not in _NEVER_DROPPED and _names(name, param, message)]
    return {"drop": named[:1]} if named else None


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def _names(field: str, param: str | None, message: str) -> bool:
    if param:
        return re.split(r"[.\[]", param.removeprefix("body."))[0] == field
    return re.search(rf"(?<![\w-]){re.escape(field)}(?![\w-])", message) is not None
