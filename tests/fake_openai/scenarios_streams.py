"""Streams that arrive whole but odd: what compatible servers do to chunks, usage and endings. All say `TEXT`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from tests.fake_openai.asked import Request
from tests.fake_openai.frames import DONE, Chunks, pieces_of, sse
from tests.fake_openai.reply import STREAM_HEADERS, Reply
from tests.fake_openai.scenarios import add
from tests.fake_openai.script import Framing, Head, Piece, Step

TEXT = "The tide is high at 04:12, \N{WATER WAVE} she said."
USAGE = {"prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 30}

Make = Callable[[Chunks], Iterable[bytes]]


def _stream(name: str, about: str, make: Make, encode: Callable[[bytes], bytes] = lambda data: data) -> None:
    def play(request: Request) -> Iterable[Step]:
        yield Head(200, STREAM_HEADERS)
        yield from (Piece(encode(part)) for part in make(Chunks(request.model)))

    add(name, about, lambda: Reply(play))


def _say(chunks: Chunks, text: str = TEXT) -> Iterable[bytes]:
    yield chunks.role()
    yield from map(chunks.text, pieces_of(text))


def _whole(chunks: Chunks, *after: bytes) -> Iterable[bytes]:
    """Text, finish, then what `after` says, then [DONE]."""
    yield from _say(chunks)
    yield chunks.finish()
    yield from after
    yield DONE


def _each(chunks: Chunks, change: Callable[[dict[str, Any]], Any]) -> Iterable[bytes]:
    """A whole answer, each chunk changed."""
    for number, piece in enumerate(["", *pieces_of(TEXT), None]):
        delta = {"content": piece} if piece is not None else {}
        chunk = chunks.choice(delta | ({"role": "assistant"} if number == 0 else {}), None if delta else "stop")
        changed = change(chunk)
        yield sse(chunk if changed is None else changed)
    yield DONE


def _set(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda chunk: chunk.update(fields)


def _in_delta(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda chunk: chunk["choices"][0]["delta"].update(fields)


def _together(chunk: dict[str, Any]) -> None:
    choice = chunk["choices"][0]
    choice.update(text=choice["delta"].get("content"), seed=5)
    choice["delta"]["tool_calls"] = None


def _without_index(chunk: dict[str, Any]) -> None:
    del chunk["choices"][0]["index"]


# --- endings ---
_stream("no-done", "finish, then the end without [DONE]", lambda c: [*_say(c), c.finish()])
_stream("no-finish", "[DONE] without a finish reason", lambda c: [*_say(c), DONE])
_stream("two-finishes", "finish twice, then null", lambda c: _whole(c, c.finish("length"), c.delta({}, None)))
_stream("text-after-finish", "text after the finish", lambda c: _whole(c, c.text(" And more.")))
_stream("no-last-blank", "the last event lacks its blank line", lambda c: [*_say(c), c.finish(), b"data: [DONE]"])
_stream("eos", "finish_reason eos", lambda c: [*_say(c), c.finish("eos"), DONE])
_stream("length", "finish_reason length", lambda c: [*_say(c), c.finish("length"), DONE])
_stream("filtered", "content_filter", lambda c: [*_say(c), c.finish("content_filter"), DONE])
_stream("odd-finish", "a finish reason nobody knows", lambda c: [*_say(c), c.finish("weather"), DONE])
_stream("empty", "an answer without text", lambda c: [c.role(), c.finish(), DONE])

# --- usage ---
_stream("no-usage", "never any usage", _whole)
_stream("usage", "usage in a last chunk", lambda c: _whole(c, c.usage(USAGE)))
_stream(
    "usage-float",
    "usage as floats and nulls",
    lambda c: _whole(c, c.usage(USAGE | {"completion_tokens": 9.0, "total_tokens": None})),
)
_stream("usage-negative", "negative usage", lambda c: _whole(c, c.usage(USAGE | {"completion_tokens": -5})))
_stream("usage-huge", "usage of 10^30", lambda c: _whole(c, c.usage(USAGE | {"completion_tokens": 1e30})))
_stream("usage-garbage", "usage is words", lambda c: _whole(c, c.usage("plenty")))
_stream("usage-then-null", "usage, then a chunk with null", lambda c: _whole(c, c.usage(USAGE), c.usage(None)))
_stream("usage-every", "usage in every chunk, growing", lambda c: _each(c, _set(usage=USAGE)))
_stream(
    "openrouter",
    "comments, usage after the finish in a chunk with a choice",
    lambda c: [
        b": OPENROUTER PROCESSING\n\n",
        *_each_without_done(c, _in_delta(role="assistant")),
        sse(c.choice({"role": "assistant", "content": ""}) | {"usage": USAGE | {"cost": 0.01}, "provider": "X"}),
        DONE,
    ],
)
_stream(
    "timings",
    "llama.cpp: extra timings, cached tokens",
    lambda c: _whole(
        c, sse(c.chunk(choices=[], usage=USAGE | {"prompt_tokens_details": {"cached_tokens": 7}}, timings={"n": 1}))
    ),
)

# --- chunks ---
_stream("roles", "role in every chunk", lambda c: _each(c, _in_delta(role="assistant")))
_stream(
    "numeric-ids",
    "ids are numbers that change",
    lambda c: _each(c, lambda chunk: chunk.update(id=hash(str(chunk)) % 999)),
)
_stream(
    "null-choices",
    "chunks with choices null, missing and empty",
    lambda c: [sse({"choices": None}), sse({"id": "x"}), sse({"choices": []}), *_whole(c)],
)
_stream(
    "null-deltas",
    "deltas missing and null",
    lambda c: [sse({"choices": [{"index": 0}]}), sse({"choices": [{"index": 0, "delta": None}]}), *_whole(c)],
)
_stream("no-index", "choices without index", lambda c: _each(c, _without_index))
_stream(
    "wrong-index",
    "a choice number 7",
    lambda c: [
        *_each(c, lambda chunk: chunk["choices"][0].update(index=7)),
    ],
)
_stream("error-null", "error: null in every chunk", lambda c: _each(c, _set(error=None)))
_stream(
    "parts",
    "content as a list of parts",
    lambda c: [
        c.role(),
        *(c.delta({"content": [{"type": "text", "text": piece}]}) for piece in pieces_of(TEXT)),
        c.finish(),
        DONE,
    ],
)
_stream(
    "full-message", "a full message in a stream", lambda c: [sse(c.completion(TEXT, reason="stop", usage=USAGE)), DONE]
)
_stream(
    "legacy-text",
    "choices[].text",
    lambda c: [*(sse(c.chunk(choices=[{"index": 0, "text": piece}])) for piece in pieces_of(TEXT)), c.finish(), DONE],
)
_stream(
    "azure-filter",
    "Azure: filter results first, and choices without delta after the finish",
    lambda c: [
        sse({"id": "", "object": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": []}),
        *_say(c),
        c.finish(),
        sse(c.chunk(choices=[{"index": 0, "content_filter_offsets": {}}])),
        DONE,
    ],
)
_stream(
    "together",
    "Together: text beside delta, tool_calls null",
    lambda c: _each(
        c,
        _together,
    ),
)
_stream("obfuscation", "padding in every chunk", lambda c: _each(c, _set(obfuscation="qqqq")))
_stream(
    "refusal",
    "a refusal",
    lambda c: [c.role(), c.delta({"refusal": "I can't "}), c.delta({"refusal": "help."}), c.finish(), DONE],
)

# --- reasoning ---
_stream(
    "reasoning",
    "reasoning_content",
    lambda c: [
        c.role(),
        c.delta({"reasoning_content": "Let me "}),
        c.delta({"reasoning_content": "think."}),
        *_whole(c),
    ],
)
_stream("reasoning-ollama", "reasoning", lambda c: [c.delta({"reasoning": "Let me think."}), *_whole(c)])
_stream(
    "reasoning-details",
    "reasoning_details",
    lambda c: [c.delta({"reasoning_details": [{"type": "reasoning.text", "text": "Let me think."}]}), *_whole(c)],
)
_stream(
    "think",
    "<think> in the text, cut anywhere",
    lambda c: [
        c.role(),
        *map(c.text, ["<", "thi", "nk>Let me ", "think.<", "/thi", "nk>\n\n", *pieces_of(TEXT)]),
        c.finish(),
        DONE,
    ],
)
_stream(
    "think-open",
    "<think> that never ends",
    lambda c: [c.role(), *map(c.text, ["<think>", "For ever"]), c.finish(), DONE],
)

# --- tools ---
_stream(
    "tools",
    "two parallel tool calls",
    lambda c: [
        c.delta({"role": "assistant", "content": None, "tool_calls": [_call(0, "call_a", "tide", "")]}),
        c.delta({"tool_calls": [{"index": 0, "function": {"arguments": '{"port":"Brest"}'}}]}),
        c.delta({"tool_calls": [_call(1, "call_b", "tide", "")]}),
        c.delta({"tool_calls": [{"index": 1, "function": {"arguments": '{"port":"Cork"}'}}]}),
        c.finish("tool_calls"),
        DONE,
    ],
)
_stream(
    "tools-odd",
    "tool calls without index and id, arguments as an object",
    lambda c: [
        c.delta({"tool_calls": [{"function": {"name": "tide", "arguments": {"port": "Brest"}}}]}),
        c.finish("stop"),
        DONE,
    ],
)

# --- errors inside a 200 stream ---
_stream(
    "error-mid",
    "an error frame, no [DONE]",
    lambda c: [
        *_say(c),
        sse({"error": {"message": "The server had an error", "type": "server_error", "param": None, "code": None}}),
    ],
)
_stream(
    "error-event",
    "event: error with a bare message",
    lambda c: [*_say(c), b"event: error\n" + sse({"message": "Stream failed", "type": "server_error"})],
)
_stream("error-text", "event: error with words", lambda c: [*_say(c), b"event: error\ndata: out of memory\n\n"])
_stream("error-string", "error is a string", lambda c: [*_say(c), sse({"error": "out of memory"}), DONE])
_stream(
    "error-object",
    "vLLM: object error",
    lambda c: [
        *_say(c),
        sse({"object": "error", "message": "engine died", "type": "InternalServerError", "code": 500}),
        DONE,
    ],
)
_stream(
    "error-choice",
    "choices[].error",
    lambda c: [*_say(c), c.delta({}, "error", error={"code": 502, "message": "Provider disconnected"}), DONE],
)
_stream("error-finish", "finish_reason error", lambda c: [*_say(c), c.finish("error"), DONE])
_stream(
    "error-first",
    "an error in the first frame",
    lambda c: [sse({"error": {"message": "Overloaded", "type": "server_error", "code": 503}})],
)

# --- bytes ---
_stream("crlf", "lines end in CRLF", _whole, lambda data: data.replace(b"\n", b"\r\n"))
_stream("cr", "lines end in CR", _whole, lambda data: data.replace(b"\n", b"\r"))
_stream("bom", "a byte order mark first", lambda c: [b"\xef\xbb\xbf", *_whole(c)])
_stream("no-space", "data: without a space", _whole, lambda data: data.replace(b"data: ", b"data:"))
_stream(
    "multi-data",
    "JSON over several data lines",
    lambda c: [
        b"data: "
        + orjson.dumps(c.choice({"content": TEXT}), option=orjson.OPT_INDENT_2).replace(b"\n", b"\ndata: ")
        + b"\n\n",
        c.finish(),
        DONE,
    ],
)
_stream(
    "fields",
    "id, retry, event and unknown fields",
    lambda c: [b"retry: 100\nid: 4\nevent: message\nfoo: bar\n" + part for part in _whole(c)],
)
_stream("split-utf8", "one byte at a time", lambda c: [bytes([byte]) for part in _whole(c) for byte in part])
_stream("comments", "comments between", lambda c: [b": hello\n\n" + part for part in _whole(c)])
_stream("bad-json", "a frame that is not JSON", lambda c: [*_say(c), b"data: {oops\n\n", c.finish(), DONE])
_stream("not-object", "a frame that is a list", lambda c: [*_say(c), b"data: [1]\n\n", c.finish(), DONE])
_stream("garbage", "random bytes", lambda c: [bytes(range(256)) * 4])


def _call(index: int, call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _each_without_done(chunks: Chunks, change: Callable[[dict[str, Any]], Any]) -> list[bytes]:
    return list(_each(chunks, change))[:-1]


def _json_to_stream(request: Request) -> Iterable[Step]:
    yield Head(200, STREAM_HEADERS, Framing.LENGTH)
    yield orjson.dumps(Chunks(request.model).completion(TEXT, reason="stop", usage=USAGE))


def _sse_to_json(request: Request) -> Iterable[Step]:
    yield Head(200, {"Content-Type": "application/json"})
    yield from _whole(Chunks(request.model))


add("json-to-stream", "JSON whatever was asked", lambda: Reply(_json_to_stream))
add("sse-to-json", "a stream whatever was asked, called JSON", lambda: Reply(_sse_to_json))
