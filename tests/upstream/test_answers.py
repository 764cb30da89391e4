"""What an answer says, whatever the server's habits: rules 2 to 10 of the protocol reference, section 6, over HTTP."""

from __future__ import annotations

import pytest

from playground.upstream import errors
from playground.upstream.types import Accepted, Completed
from tests.fake_openai import Reply, scenario
from tests.fake_openai.scenarios_streams import TEXT
from tests.upstream.worked_streams import CALLS_B, STREAM_A, STREAM_B, TEXT_A, USAGE_A

SAME_TEXT = [
    # rule 1, over the wire
    "crlf", "cr", "bom", "no-space", "multi-data", "fields", "split-utf8", "comments", "no-last-blank",
    # rule 2
    "no-done",
    # rule 3
    "two-finishes", "azure-filter",
    # rule 4
    "error-null",
    # rule 5
    "null-choices", "null-deltas", "roles", "numeric-ids", "no-index", "wrong-index", "together", "obfuscation",
    # rule 6
    "parts", "full-message", "legacy-text", "reasoning", "reasoning-ollama", "reasoning-details", "think",
    # rule 8
    "no-usage", "usage", "usage-float", "usage-negative", "usage-huge", "usage-garbage", "usage-then-null", "usage-every",
    "openrouter", "timings",
    # rule 10
    "json-to-stream", "sse-to-json",
]  # fmt: skip


@pytest.mark.parametrize("name", SAME_TEXT)
async def test_habits_of_servers_do_not_change_the_answer(ask, name):
    got = await ask(scenario(name))
    assert got.text == TEXT
    assert got.end.finish_reason == "stop"
    assert got.message["content"] == TEXT
    assert [type(event) for event in got.events if isinstance(event, (Accepted, Completed))] == [Accepted, Completed]


async def test_the_worked_streams_are_assembled_wherever_reads_are_cut(ask):
    for stream in (STREAM_A, STREAM_B):
        for cut in range(1, len(stream), 97):
            got = await ask(Reply.events(stream[:cut], stream[cut:]))
            assert got.end.response["object"] == "chat.completion"
    assert got.message["tool_calls"] == CALLS_B


def feed(*reads: bytes):
    """The same path as over HTTP, without the network: for tables of every cut."""
    from playground.upstream.chunks import Answer, joined
    from playground.upstream.sse import SSEDecoder

    decoder, answer, out = SSEDecoder(10**6), Answer(answer_bytes=10**6), []
    for events in [*map(decoder.feed, reads), decoder.flush()]:
        for name, data in events:
            answer.feed(name, data, out)
    completed = answer.finish(out)
    return joined(out), completed


def test_worked_stream_a_split_at_every_byte():
    for cut in range(len(STREAM_A)):
        events, end = feed(STREAM_A[:cut], STREAM_A[cut:])
        assert "".join(event.text for event in events[1:]) == TEXT_A
        assert events[0] == Accepted(id="chatcmpl-A1", model="gpt-4.1-2025-04-14", created=1767225600)
        assert (end.finish_reason, end.system_fingerprint) == ("stop", "fp_0a1")
        assert end.usage is not None
        assert (end.usage.prompt_tokens, end.usage.completion_tokens, end.usage.total_tokens) == (21, 9, 30)
        assert end.response == {
            "id": "chatcmpl-A1",
            "object": "chat.completion",
            "created": 1767225600,
            "model": "gpt-4.1-2025-04-14",
            "service_tier": "default",
            "system_fingerprint": "fp_0a1",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": TEXT_A, "refusal": None},
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": USAGE_A,
        }


def test_worked_stream_b_split_at_every_byte():
    for cut in range(len(STREAM_B)):
        _events, end = feed(STREAM_B[:cut], STREAM_B[cut:])
        assert end.finish_reason == "tool_calls"
        assert end.response["choices"][0]["message"] == {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": CALLS_B,
        }


async def test_rule_2_without_a_finish_reason_the_answer_is_cut_off(ask):
    for name in ("no-finish", "cut-clean"):
        got = await ask(scenario(name))
        assert got.text
        assert isinstance(got.error, errors.CutOff)


async def test_rule_3_text_and_usage_after_the_finish_count(ask):
    got = await ask(scenario("text-after-finish"))
    assert got.text == f"{TEXT} And more."
    got = await ask(scenario("two-finishes"))
    assert got.end.finish_reason == "stop"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("error-mid", "The server had an error"),
        ("error-event", "Stream failed"),
        ("error-text", "out of memory"),
        ("error-string", "out of memory"),
        ("error-object", "engine died"),
        ("error-choice", "Provider disconnected"),
        ("error-finish", "The server ended the answer with an error."),
    ],
)
async def test_rule_4_an_error_in_a_stream_keeps_the_text_before_it(ask, name, message):
    got = await ask(scenario(name))
    assert got.text == TEXT
    assert isinstance(got.error, errors.ServerFailed)
    assert got.error.message == message
    assert got.retries == []


async def test_rule_5_the_other_choices_of_a_stream_are_kept_apart(ask):
    frames = [
        b'data: {"choices":[{"index":0,"delta":{"content":"one"}},{"index":1,"delta":{"content":"two"}}]}\n\n',
        b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"}]}\n\n',
        b"data: [DONE]\n\n",
    ]
    got = await ask(Reply.events(*frames))
    assert got.text == "one"
    assert [choice["message"]["content"] for choice in got.end.response["choices"]] == ["one", "two"]


@pytest.mark.parametrize("name", ["reasoning", "reasoning-ollama", "reasoning-details", "think"])
async def test_rule_6_reasoning_is_kept_apart_from_text(ask, name):
    got = await ask(scenario(name))
    assert got.reasoning == "Let me think."
    assert got.message["reasoning_content"] == "Let me think."
    assert "think" not in got.text


def test_rule_6_think_marks_are_split_wherever_they_are_cut():
    from playground.upstream.think import ThinkSplitter

    whole = "\n<think>\nWhy < not </thin?</think>\n\nBecause <think> is a word here."
    for size in (1, 2, 3, 5, 7, 100):
        splitter = ThinkSplitter()
        pieces = [splitter.feed(whole[start : start + size]) for start in range(0, len(whole), size)]
        pieces.append(splitter.flush())
        assert "".join(thought for thought, _text in pieces) == "Why < not </thin?"
        assert "".join(text for _thought, text in pieces) == "Because <think> is a word here."


@pytest.mark.parametrize("text", ["<", "<thin", " <table>", "plain", "", "<thinking>"])
def test_rule_6_text_that_only_looks_like_a_mark_is_kept(text):
    from playground.upstream.think import ThinkSplitter

    splitter = ThinkSplitter()
    fed, flushed = splitter.feed(text), splitter.flush()
    assert (fed[0] + flushed[0], fed[1] + flushed[1]) == ("", text)


async def test_rule_7_tool_calls_without_index_or_id_are_mended(ask):
    got = await ask(scenario("tools"))
    assert got.message["tool_calls"] == CALLS_B
    got = await ask(scenario("tools-odd"))
    (call,) = got.message["tool_calls"]
    assert call["id"]
    assert call["function"] == {"name": "tide", "arguments": '{"port":"Brest"}'}


def test_rule_7_calls_are_told_apart_by_index_then_id_then_order():
    from playground.upstream.choices import ChoiceState

    def calls(*deltas):
        state = ChoiceState(0)
        for delta in deltas:
            state.add_calls([delta])
        return [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in state.tool_calls()]

    def part(text, **fields):
        return {"function": {"arguments": text}, **fields}

    assert calls(part("a", index=0, id="x"), part("c", index=1), part("b", index=0, id="x")) == [
        ("x", "", "ab"),
        ("call_0_1", "", "c"),
    ]
    assert calls(part("a", id="x"), part("b", id="y"), part("c", id="x"), part("d")) == [
        ("x", "", "ac"),
        ("y", "", "bd"),
    ]
    assert calls({"index": 0, "id": 7, "function": {"name": "f", "arguments": ""}}) == [("7", "f", "{}")]
    named = {"index": 0, "id": "x", "function": {"name": "f"}}
    assert calls(named, named | {"id": ""}, named) == [("x", "f", "{}")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no-usage", None),
        ("usage", (21, 9, 30)),
        ("usage-float", (21, 9, 30)),
        ("usage-negative", None),
        ("usage-huge", None),
        ("usage-garbage", None),
        ("usage-then-null", (21, 9, 30)),
        ("usage-every", (21, 9, 30)),
        ("openrouter", (21, 9, 30)),
    ],
)
async def test_rule_8_the_last_usage_that_can_be_true_wins(ask, name, expected):
    usage = (await ask(scenario(name))).end.usage
    assert (usage and (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)) == expected


async def test_rule_8_cached_tokens_are_read(ask):
    usage = (await ask(scenario("timings"))).end.usage
    assert usage is not None
    assert usage.cached_tokens == 7


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eos", "stop"),
        ("length", "length"),
        ("tools", "tool_calls"),
        ("filtered", "filtered"),
        ("odd-finish", "weather"),
    ],
)
async def test_rule_9_finish_reasons_are_mapped(ask, name, expected):
    assert (await ask(scenario(name))).end.finish_reason == expected


async def test_rule_10_a_plain_request_gives_the_same_events(ask, fake):
    got = await ask(Reply.text("High water at four.", usage={"prompt_tokens": 3, "completion_tokens": 4}), stream=False)
    assert fake.last.json["stream"] is False
    assert got.text == "High water at four."
    assert [type(event).__name__ for event in got.events] == ["Accepted", "TextDelta", "Completed"]
    assert got.end.usage is not None
    assert got.end.usage.total_tokens == 7


@pytest.mark.parametrize("name", ["200-html", "garbage"])
async def test_rule_10_what_is_no_answer_is_a_bad_reply(ask, name):
    got = await ask(scenario(name))
    assert isinstance(got.error, errors.BadReply)
    assert got.error.code == "not_an_answer"


async def test_rule_10_a_200_that_holds_only_an_error_is_that_error(ask):
    got = await ask(*(scenario("200-error") for _try in range(3)))
    assert isinstance(got.error, errors.ServerFailed)
    assert got.error.message == "Provider died"


@pytest.mark.parametrize("name", ["bad-json", "not-object"])
async def test_a_frame_that_cannot_be_read_ends_the_answer_and_keeps_its_text(ask, name):
    got = await ask(scenario(name))
    assert got.text == TEXT
    assert isinstance(got.error, errors.BadReply)


async def test_a_refusal_is_shown_and_kept_as_one(ask):
    got = await ask(scenario("refusal"))
    assert got.text == "I can't help."
    assert (got.message["refusal"], got.message["content"]) == ("I can't help.", None)


def test_half_a_character_becomes_a_replacement_mark():
    events, end = feed(
        b'data: {"choices":[{"delta":{"content":"a\\ud83d b"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    assert events[1].text == "a\ufffd b"
    assert end.response["choices"][0]["message"]["content"] == "a\ufffd b"


def test_fields_we_do_not_know_survive_in_the_response():
    frame = b'data: {"id":"x","provider":"P","choices":[{"index":0,"delta":{"content":"a","mood":"good"},"finish_reason":"stop","native":"eos"}]}\n\n'
    _events, end = feed(frame)
    assert end.response["provider"] == "P"
    assert end.response["choices"][0]["native"] == "eos"
    assert end.response["choices"][0]["message"]["mood"] == "good"


def test_log_probabilities_are_appended():
    frame = b'data: {"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}]}}]}\n\n'
    last = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    _events, end = feed(frame, frame, last)
    assert end.response["choices"][0]["logprobs"] == {"content": [{"token": "a"}, {"token": "a"}]}
