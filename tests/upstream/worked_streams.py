"""The two worked streams of the protocol reference, as bytes: A is text with usage, B two parallel tool calls."""

from __future__ import annotations

import orjson

_TOP_A = {
    "id": "chatcmpl-A1",
    "object": "chat.completion.chunk",
    "created": 1767225600,
    "model": "gpt-4.1-2025-04-14",
    "service_tier": "default",
    "system_fingerprint": "fp_0a1",
}
_TOP_B = {
    "id": "chatcmpl-B1",
    "object": "chat.completion.chunk",
    "created": 1767225601,
    "model": "gpt-4.1-2025-04-14",
}
USAGE_A = {
    "prompt_tokens": 21,
    "completion_tokens": 9,
    "total_tokens": 30,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
TEXT_A = "High tide is at 04:12. \N{WATER WAVE}"


def _frame(payload: object) -> bytes:
    return b"data: " + orjson.dumps(payload) + b"\n\n"


def _choice(top: dict, delta: dict, finish: str | None = None, **more: object) -> bytes:
    return _frame(top | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}], **more})


def _call(index: int, **fields: object) -> dict:
    return {"tool_calls": [{"index": index, **fields}]}


STREAM_A = b"".join(
    [
        _choice(_TOP_A, {"role": "assistant", "content": "", "refusal": None}, usage=None, obfuscation="q7"),
        _choice(_TOP_A, {"content": "High tide"}, usage=None, obfuscation="Zk2p"),
        _choice(_TOP_A, {"content": " is at 04:12. \N{WATER WAVE}"}, usage=None, obfuscation="m"),
        _choice(_TOP_A, {}, "stop", usage=None, obfuscation="Wd9"),
        _frame(_TOP_A | {"choices": [], "usage": USAGE_A, "obfuscation": ""}),
        b"data: [DONE]\n\n",
    ]
)
_TIDE = {"name": "tide", "arguments": ""}
STREAM_B = b"".join(
    [
        _choice(
            _TOP_B,
            {"role": "assistant", "content": None} | _call(0, id="call_a", type="function", function=_TIDE),
        ),
        _choice(_TOP_B, _call(0, function={"arguments": '{"port":"Brest"}'})),
        _choice(_TOP_B, _call(1, id="call_b", type="function", function=_TIDE)),
        _choice(_TOP_B, _call(1, function={"arguments": '{"port":"Cork"}'})),
        _choice(_TOP_B, {}, "tool_calls"),
        b"data: [DONE]\n\n",
    ]
)
CALLS_B = [
    {"id": "call_a", "type": "function", "function": {"name": "tide", "arguments": '{"port":"Brest"}'}},
    {"id": "call_b", "type": "function", "function": {"name": "tide", "arguments": '{"port":"Cork"}'}},
]
