"""Rule 11 and 12 of the protocol reference, section 6: errors of every shape become one tree, safe to show."""

from __future__ import annotations

import pytest

from playground.upstream import errors
from playground.upstream.quirks import apply_quirks, remedy_for
from playground.upstream.redact import shown
from playground.upstream.replies import error_from_payload, error_from_reply
from playground.upstream.types import Endpoint
from tests.fake_openai import Reply, scenario

SHAPES = [
    ("400", errors.BadRequest, "Invalid value for 'temperature'."),
    ("401", errors.AuthenticationFailed, "Incorrect API key provided: ***."),
    ("403", errors.AuthenticationFailed, "Country not supported"),
    ("404", errors.ModelNotFound, "The model `gpt-4.1-nano` does not exist"),
    ("context", errors.ContextTooLong, "This model's maximum context length is 8192 tokens."),
    ("402", errors.QuotaExceeded, "Insufficient credits"),
    ("413", errors.BadRequest, "413 Request Entity Too Large"),
    ("429", errors.RateLimited, "Rate limit reached for requests"),
    ("429-quota", errors.QuotaExceeded, "You exceeded your current quota"),
    ("408", errors.ServerFailed, "Request timeout"),
    ("409", errors.ServerFailed, "Conflict"),
    ("500", errors.ServerFailed, "The server had an error"),
    ("502-html", errors.ServerFailed, "502 Bad Gateway"),
    ("503", errors.ServerFailed, "Overloaded"),
    ("504-html", errors.ServerFailed, "504 Gateway Time-out"),
    ("llamacpp", errors.ServerFailed, "Loading model"),
    ("vllm-old", errors.BadRequest, "tools: bad"),
    ("lmstudio", errors.BadRequest, "No models loaded"),
    ("mistral", errors.BadRequest, "body.stream_options: Extra inputs"),
    ("fastapi", errors.BadRequest, "body.seed: must be an integer"),
    ("azure", errors.BadRequest, "Resource not found"),
    ("errors-list", errors.BadRequest, "first; second"),
    ("openrouter-raw", errors.ServerFailed, "upstream said no"),
    ("gzip-error", errors.ServerFailed, "500 Internal Server Error"),
]


@pytest.mark.parametrize(("name", "kind", "message"), SHAPES, ids=[row[0] for row in SHAPES])
async def test_rule_11_every_shape_of_error_says_what_the_server_said(ask, name, kind, message):
    got = await ask(*(scenario(name) for _try in range(3)))
    assert type(got.error) is kind
    assert got.error.message.startswith(message)
    assert got.error.status
    assert got.text == ""


async def test_the_four_fields_of_openai_are_kept(ask):
    error = (await ask(scenario("context"))).error
    assert error is not None
    assert error.as_dict() == {
        "message": error.message,
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
        "status": 400,
    }


async def test_our_own_key_is_never_repeated(ask, fake):
    secret = "azure0123456789"
    endpoint = Endpoint(fake.base_url, api_key="plainword99", headers={"api-key": secret})
    got = await ask(Reply.error(400, f"Bad key plainword99 in {secret}", param=secret), endpoint=endpoint)
    assert got.error is not None
    assert fake.last.headers["api-key"] == secret
    said = f"{got.error.message} {got.error.raw}"
    assert "plainword99" not in said
    assert secret not in said


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abc123_DEF",
        "Bearer abcdef",
        "sk-ant-api03-xyz",
        "gsk_0123456789",
        "AIzaSyA0123456789abcdefghijk",
        "hf_abcdefgh",
    ],
)
def test_whatever_looks_like_a_key_is_masked(key):
    assert key.split()[-1] not in shown(f"Your key {key} is wrong")
    assert "wrong" in shown(f"Your key {key} is wrong")


def test_a_message_is_plain_text_of_bounded_length():
    assert shown("<b>No</b> <script>alert(1)</script>way &lt;img&gt;\n\x1b[31m") == "No way <img> [31m"
    assert len(shown("x" * 10_000)) == 300


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"error": {"message": {"reason": "odd"}}}, '{"reason":"odd"}'),
        ({"error": "plain"}, "plain"),
        ({"error": {"metadata": {"raw": "inner"}}}, "inner"),
        ({"message": "flat"}, "flat"),
        ({"detail": "not here"}, "not here"),
        ({"errors": ["one", {"message": "two"}]}, "one; two"),
        ({}, "418 I'm a Teapot"),
        ([], "418 I'm a Teapot"),
        (None, "418 I'm a Teapot"),
        ({"error": {"message": None, "code": 418}}, "418 I'm a Teapot"),
    ],
)
def test_rule_11_the_order_of_where_words_are_looked_for(payload, message):
    assert error_from_payload(payload, status=418).message == message


def test_an_empty_body_says_the_status():
    assert error_from_reply(599, {}, b"").message == "Status 599"


# --- rule 12 ---

BODY = {
    "model": "m",
    "stream": True,
    "messages": [{"role": "developer", "content": "x"}],
    "seed": 1,
    "max_completion_tokens": 5,
}


@pytest.mark.parametrize(
    ("message", "param", "code", "expected"),
    [
        ("Unsupported parameter: 'seed'", "seed", "unsupported_parameter", {"drop": ["seed"]}),
        ("Extra inputs are not permitted", "seed", None, {"drop": ["seed"]}),
        ("body.seed: Extra inputs are not permitted", None, None, {"drop": ["seed"]}),
        ("seed must be an integer", "seed", "invalid_type", None),
        ("Invalid value for 'seed'", "seed", "invalid_value", None),
        (
            "Unsupported parameter: max_completion_tokens",
            "max_completion_tokens",
            None,
            {"rename": {"max_completion_tokens": "max_tokens"}},
        ),
        ("max_completion_tokens is too large", "max_completion_tokens", "invalid_value", None),
        ("Unsupported parameter: 'top_k'", "top_k", "unsupported_parameter", None),
        ("Unsupported value: 'messages[0].role' does not support 'developer'", "messages[0].role", None, {"role": {"developer": "system"}}),
        ("model is not supported", "model", "unsupported_value", None),
        ("Something else", None, None, None),
    ],
)  # fmt: skip
def test_rule_12_an_error_that_names_a_field_says_what_could_be_changed(message, param, code, expected):
    assert remedy_for(BODY, message=message, param=param, code=code) == expected


def test_rule_12_a_json_schema_may_become_a_json_object():
    body = {"response_format": {"type": "json_schema", "json_schema": {}}}
    remedy = remedy_for(body, message="json_schema is not supported", param="response_format", code=None)
    assert remedy == {"format": {"json_schema": "json_object"}}
    assert apply_quirks(body, remedy) == {"response_format": {"type": "json_object"}}


def test_quirks_change_a_copy_and_only_what_they_name():
    quirks = {
        "drop": ["seed", "model"],
        "rename": {"max_completion_tokens": "max_tokens"},
        "role": {"developer": "system"},
    }
    assert apply_quirks(BODY, quirks) == {
        "model": "m",
        "stream": True,
        "messages": [{"role": "system", "content": "x"}],
        "max_tokens": 5,
    }
    assert "seed" in BODY
    assert apply_quirks(BODY, None) == apply_quirks(BODY, {}) == BODY
    assert apply_quirks({"max_tokens": 1, "max_completion_tokens": 2}, quirks) == {"max_tokens": 1}


@pytest.mark.parametrize(
    "field", ["seed", "stream_options", "parallel_tool_calls", "max_completion_tokens", "max_tokens"]
)
async def test_rule_12_the_remedy_makes_the_same_request_pass(ask, field):
    body = {field: {"include_usage": True} if field == "stream_options" else 1}
    got = await ask(scenario(f"no-{field}"), **body)
    assert isinstance(got.error, errors.BadRequest)
    assert got.error.remedy
    changed = apply_quirks(body, got.error.remedy)
    assert field not in changed
    assert (await ask(scenario(f"no-{field}"), **changed)).text == f"Thank you for leaving out {field}."
