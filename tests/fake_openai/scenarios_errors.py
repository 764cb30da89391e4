"""Errors instead of an answer: every status, and every shape that servers give their errors."""

from __future__ import annotations

from typing import Any

from tests.fake_openai.reply import Reply
from tests.fake_openai.scenarios import add

HTML = {"Content-Type": "text/html"}


def _openai(name: str, about: str, status: int, message: str, **fields: Any) -> None:
    add(name, about, lambda: Reply.error(status, message, **fields))


def _json(name: str, about: str, status: int, body: Any, **headers: str) -> None:
    add(name, about, lambda: Reply.json(body, status=status, headers=headers))


def _html(name: str, status: int, title: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>"
    add(name, f"{status} as an HTML page of a proxy", lambda: Reply.raw(page.encode(), status=status, headers=HTML))


_openai(
    "400", "400 naming a parameter", 400, "Invalid value for 'temperature'.", param="temperature", code="invalid_value"
)
_openai(
    "401",
    "401, the key quoted back",
    401,
    "Incorrect API key provided: sk-bad0123456789abcdef. You can find your API key at https://example.com/keys.",
    code="invalid_api_key",
)
_openai("403", "403 country", 403, "Country not supported", type="request_forbidden", code="unsupported_country")
_openai(
    "404", "404 model_not_found", 404, "The model `gpt-4.1-nano` does not exist", param="model", code="model_not_found"
)
_openai(
    "context",
    "400 context_length_exceeded",
    400,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    param="messages",
    code="context_length_exceeded",
)
_openai(
    "429",
    "429 that passes, Retry-After 1",
    429,
    "Rate limit reached for requests",
    type="requests",
    code="rate_limit_exceeded",
    headers={"Retry-After": "1"},
)
_openai("429-quota", "429 that needs a human", 429, "You exceeded your current quota", type="insufficient_quota")
_openai(
    "429-final",
    "429 with x-should-retry: false",
    429,
    "Not again",
    type="requests",
    headers={"x-should-retry": "false"},
)
_openai("500", "500 server_error", 500, "The server had an error", type="server_error")
_openai("503", "503 overloaded", 503, "Overloaded", type="service_unavailable_error", headers={"Retry-After-Ms": "300"})
_openai("408", "408 timeout", 408, "Request timeout", type="timeout")
_openai("409", "409 conflict", 409, "Conflict", type="conflict_error")
_html("413", 413, "413 Request Entity Too Large")
_html("502-html", 502, "502 Bad Gateway")
_html("504-html", 504, "504 Gateway Time-out")
_html("200-html", 200, "Welcome to nginx!")
_json("llamacpp", "503 with an int code, loading", 503, {"error": {"code": 503, "message": "Loading model"}})
_json("vllm-old", "400 flat", 400, {"object": "error", "message": "tools: bad", "type": "BadRequestError", "code": 400})
_json("lmstudio", "400, error is a string", 400, {"error": "No models loaded"})
_json(
    "mistral",
    "422, message is an object",
    422,
    {"object": "error", "message": {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs"}]}},
)
_json(
    "fastapi",
    "422 detail list",
    422,
    {"detail": [{"loc": ["body", "seed"], "msg": "must be an integer", "type": "int"}]},
)
_json("azure", "404 statusCode and message", 404, {"statusCode": 404, "message": "Resource not found"})
_json("errors-list", "400 errors[]", 400, {"errors": [{"message": "first"}, {"message": "second"}]})
_json(
    "openrouter-raw",
    "502 with metadata.raw",
    502,
    {"error": {"code": 502, "metadata": {"raw": "upstream said no", "provider_name": "X"}}},
)
_json("402", "402 credits", 402, {"error": {"code": 402, "message": "Insufficient credits"}})
_json("200-error", "an error inside a 200 JSON body", 200, {"error": {"code": 502, "message": "Provider died"}})


def _refusing(name: str, message: str, **fields: Any) -> None:
    """A 400 as long as the request holds the parameter, then a good answer."""

    def make() -> Reply:
        def steps(request: Any) -> Any:
            if name in request.json:
                return Reply.error(400, message, param=name, **fields).play(request)
            return Reply.text(f"Thank you for leaving out {name}.").play(request)

        return Reply(steps)

    add(f"no-{name}", f"400 as long as {name} is sent", make)


for _name in ("seed", "stream_options", "parallel_tool_calls", "max_completion_tokens"):
    _refusing(_name, f"Unsupported parameter: '{_name}' is not supported.", code="unsupported_parameter")
_refusing(
    "max_tokens",
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    code="unsupported_parameter",
)
