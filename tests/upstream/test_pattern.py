"""The short cut for chunks that differ in their text only never changes what an answer says."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.upstream.chunks import Answer, joined
from playground.upstream.pattern import ChunkPattern

DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "content": st.one_of(st.none(), st.text(max_size=8), st.just('"content":"x"')),
        "role": st.just("assistant"),
        "reasoning": st.text(max_size=3),
        "refusal": st.one_of(st.none(), st.text(max_size=3)),
    },
)
CHUNKS = st.builds(
    lambda delta, index, finish, more: {
        "id": "x",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
        **more,
    },
    DELTAS,
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([None, None, None, "stop", "length"]),
    st.sampled_from(
        [{}, {}, {"usage": None}, {"provider": "content"}, {"usage": {"prompt_tokens": 1, "completion_tokens": 2}}]
    ),
)


def read(frames: list[bytes], *, with_pattern: bool):
    answer, out = Answer(answer_bytes=10**6), []
    for frame in frames:
        if not with_pattern:
            answer._pattern = ChunkPattern()  # forgets what it has learnt
        answer.feed(b"", frame, out)
    answer.feed(b"", b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}', out)
    completed = answer.finish(out)
    return joined(out), completed.response["choices"], completed.usage


@settings(max_examples=300, deadline=None)
@given(st.lists(CHUNKS, max_size=12))
def test_the_short_cut_and_the_long_way_say_the_same(chunks):
    frames = [orjson.dumps(chunk) for chunk in chunks]
    assert read(frames, with_pattern=True) == read(frames, with_pattern=False)


def test_the_short_cut_is_taken():
    pattern = ChunkPattern()
    frame = b'{"id":"x","choices":[{"index":0,"delta":{"content": "a"},"finish_reason":null}]}'
    pattern.learn(frame, orjson.loads(frame))
    assert pattern.text(frame.replace(b'"a"', b'"b\\n\\u00e9"')) == "b\n\u00e9"
    assert pattern.text(frame.replace(b'"a"', b'"b","c":"d"')) is None
    assert pattern.text(frame.replace(b'"a"', b"null")) is None
    assert pattern.text(frame.replace(b"null", b'"stop"')) is None


def test_a_long_chunk_teaches_nothing():
    """Matching its string once more would take 130 bytes of memory for each of it."""
    pattern = ChunkPattern()
    frame = b'{"id":"x","choices":[{"index":0,"delta":{"content":"%b"},"finish_reason":null}]}'
    pattern.learn(frame % (b"a" * 900_000), {"choices": [{"index": 0, "delta": {"content": "a" * 900_000}}]})
    assert pattern.text(frame % b"a") is None
