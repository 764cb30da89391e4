"""Error replies, of whatever shape, to the tree of errors.py."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from playground.lib.sentences import Sentence
from playground.upstream import errors
from playground.upstream.quirks import remedy_for
from playground.upstream.redact import kept, shown, title_of

_QUOTA = re.compile(
    r"insufficient_quota|credit_balance|spend_limit|usage_limit_exceeded|billing|insufficient.credits", re.IGNORECASE
)
_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (?:length|window|size)|prompt is too long",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|deploymentnotfound|model\b.{0,200}\b(?:not found|does not exist|unknown)",
    re.IGNORECASE | re.DOTALL,
)
_TYPE_STATUS = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "requests": 429,
    "tokens": 429,
    "insufficient_quota": 429,
    "overloaded_error": 503,
    "service_unavailable_error": 503,
}


def error_from_reply(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets: Iterable[str] = (),
    request: Mapping[str, Any] | None = None,
) -> errors.ErrorReply:
    """The error that an HTTP reply of `status` means. `request` is the body we sent, for what could be changed in it."""
    secrets = list(secrets)
    text = body.decode("utf-8", "replace")
    try:
        payload: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        payload = title_of(text) if "<" in text else text
    error = error_from_payload(payload, status=status, secrets=secrets, request=request)
    error.raw = kept(body, secrets)
    error.retry_after_s = retry_after(headers)
    said = headers.get("x-should-retry", "").strip().lower()
    if said in {"true", "false"}:
        error.is_retryable = said == "true"
    if isinstance(error, errors.QuotaExceeded):
        error.is_retryable = False
    return error


def error_from_payload(
    payload: Any,
    *,
    status: int | None = None,
    secrets: Iterable[str] = (),
    request: Mapping[str, Any] | None = None,
) -> errors.ErrorReply:
    """The error that a parsed body, or a frame of a stream (then without `status`), means."""
    secrets = list(secrets)
    inner = payload.get("error") if isinstance(payload, dict) else None
    source = inner if isinstance(inner, dict) else payload if isinstance(payload, dict) else {}
    code, kind = _word(source.get("code")), _word(source.get("type"))
    status = status if status is not None and status >= 400 else _status_of(code, kind, source)
    message = shown(_text_of(payload), secrets) or _phrase(status)
    param = _word(source.get("param"))
    words = f"{code} {kind} {message}"
    found = _class_of(status, words)
    fields: dict[str, Any] = {
        "message": message,
        "type": shown(kind) or "upstream_error",
        "param": shown(param) or None,
        "code": shown(code) or None,
        "status": status,
        "is_retryable": found in (errors.RateLimited, errors.ServerFailed),
        "raw": kept(_as_bytes(payload), secrets),
    }
    if found is errors.BadRequest:
        fields["remedy"] = remedy_for(request or {}, message=message, param=param or None, code=code)
    return found(**fields)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks us to wait: `retry-after-ms`, else `retry-after` as seconds or as a date."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        value = headers.get(name, "").strip()
        try:
            seconds = float(value) / unit
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _class_of(status: int, words: str) -> type[errors.ErrorReply]:
    if status in {401, 403}:
        return errors.AuthenticationFailed
    if status in {402, 429}:
        return errors.QuotaExceeded if status == 402 or _QUOTA.search(words) else errors.RateLimited
    if _CONTEXT.search(words):
        return errors.ContextTooLong
    if status in {400, 404} and _NO_MODEL.search(words):
        return errors.ModelNotFound
    if status in {408, 409} or status >= 500:
        return errors.ServerFailed
    return errors.BadRequest


def _status_of(code: str, kind: str, source: Mapping[str, Any]) -> int:
    """The status that an error without one stands for: its code or type says it; otherwise the server's own failure."""
    for said in (code, _word(source.get("status")), _word(source.get("statusCode"))):
        if said.isdigit() and 400 <= int(said) <= 599:
            return int(said)
    if code in {"rate_limit_exceeded", "slow_down"} or _QUOTA.search(code):
        return 429
    return _TYPE_STATUS.get(kind, 500)


def _text_of(payload: Any) -> str:
    """What the server said, in the order of how likely it is to be meant for people."""
    if isinstance(payload, str):
        return payload
    if not isinstance(payload, dict):
        return ""
    error = payload.get("error")
    if isinstance(error, dict):
        metadata = error.get("metadata")
        raw = metadata.get("raw") if isinstance(metadata, dict) else None
        found = _words(error.get("message")) or _words(raw) or _words(error.get("detail")) or _words(error.get("code"))
    else:
        found = _words(error) if isinstance(error, (str, list)) else ""
    if found:
        return found
    for name in ("message", "detail", "errors", "error_description", "title"):
        if found := _words(payload.get(name)):
            return found
    return ""


def _words(value: Any) -> str:
    """A string as it is; a list of problems joined; an object that is no known problem as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_words, value[:10])))
    if isinstance(value, dict):
        if isinstance(value.get("msg"), str):
            place = ".".join(str(part) for part in value.get("loc") or [])
            return f"{place}: {value['msg']}" if place else value["msg"]
        if isinstance(value.get("message"), str):
            return str(value["message"])
        return _words(value.get("detail")) or _as_bytes(value).decode()
    return ""


def _word(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return Sentence("Status %(status)s", status=str(status))


def _as_bytes(payload: Any) -> bytes:
    try:
        return payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
    except (TypeError, ValueError):
        return b""
