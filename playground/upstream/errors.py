"""What can go wrong between us and a model server, as one tree:

UpstreamError
├── ConnectFailed            no connection: refused, DNS, TLS, an address we do not call, a redirect
├── FirstTokenTimeout        connected, but no output before the first-token clock ran out
├── SilenceTimeout           output stopped coming
├── TotalTimeout             the whole run took too long
├── CutOff                   the stream ended without a finish reason
├── BadReply                 not an answer of this API: HTML, garbage, a line or answer over the limit
└── ErrorReply               the server said no, before or in the middle of a stream; has its status
    ├── BadRequest           400, 404 and others that a retry will not mend
    ├── AuthenticationFailed 401, 403
    ├── ModelNotFound        404 with model_not_found
    ├── ContextTooLong       400 with context_length_exceeded, or words to that effect
    ├── RateLimited          429 that passes
    ├── QuotaExceeded        429 that needs a human
    └── ServerFailed         408, 409, 5xx
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


# Compared and hashed by identity, as exceptions are.
@dataclass(kw_only=True, eq=False)
class UpstreamError(Exception):
    """Base of the tree. `message` is safe to show: tags stripped, keys redacted, at most 300 characters."""

    message: str
    type: str = "upstream_error"
    param: str | None = None
    code: str | None = None
    status: int | None = None
    retry_after_s: float | None = None
    is_retryable: bool = False
    raw: str = ""  # the body as it came, redacted and cut, for the Raw tab

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, Any]:
        """The four OpenAI fields, and the status."""
        return {
            "message": self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
            "status": self.status,
        }


class ConnectFailed(UpstreamError): ...


class FirstTokenTimeout(UpstreamError): ...


class SilenceTimeout(UpstreamError): ...


class TotalTimeout(UpstreamError): ...


class CutOff(UpstreamError): ...


class BadReply(UpstreamError): ...


class ErrorReply(UpstreamError): ...


@dataclass(kw_only=True, eq=False)
class BadRequest(ErrorReply):
    """`remedy` is the quirk (see quirks.py) with which the same request might pass, when the error names the field."""

    remedy: dict[str, Any] | None = None


class AuthenticationFailed(ErrorReply): ...


class ModelNotFound(ErrorReply): ...


class ContextTooLong(ErrorReply): ...


class RateLimited(ErrorReply): ...


class QuotaExceeded(ErrorReply): ...


class ServerFailed(ErrorReply): ...
