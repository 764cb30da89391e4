"""Events as other processes read them: whole, and each part once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.runs.events import (
    FirstToken,
    ReasoningDelta,
    RunFinished,
    RunQueued,
    RunRetrying,
    RunStarted,
    TextDelta,
)
from playground.runs.wire import Entry, Extent, decode, encode

EVERY_KIND = [
    RunQueued(3),
    RunStarted(),
    RunRetrying(2, 3, 0.5, "busy"),
    FirstToken(120),
    ReasoningDelta("hm"),
    TextDelta("é😀\u2028"),
    RunFinished("failed", {"message": "no", "param": None}),
]
events = st.lists(
    st.one_of(
        st.builds(TextDelta, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)),
        st.builds(ReasoningDelta, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)),
        st.just(RunStarted()),
    ),
    max_size=30,
)


def said(events):
    """Text, thoughts, and how many other events."""
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    thoughts = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    return text, thoughts, sum(not isinstance(event, TextDelta | ReasoningDelta) for event in events)


def test_every_kind_of_event_survives_the_way():
    assert decode(encode(Entry(Extent(1, 2, 3), EVERY_KIND))) == Entry(Extent(1, 2, 3), EVERY_KIND)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'[[0,0,0],[["unknown"]]]', b'[[0,0,0],[["text"]]]', b"[[0,0],[3]]"]
)
def test_what_is_no_entry_is_refused(data):
    with pytest.raises(ValueError):  # noqa: PT011 - orjson has words of its own
        decode(data)


@given(events, st.data())
def test_whoever_knows_a_part_gets_the_rest_and_nothing_twice(events, data):
    cut = data.draw(st.integers(0, len(events)))
    known = Extent()
    for event in events[:cut]:
        known.add(event)
    if cut < len(events) and isinstance(events[cut], TextDelta) and len(events[cut].text) > 1:
        known.text += 1
        head = events[cut].text[:1]
    else:
        head = ""
    new = Entry(Extent(), events).new_to(known)
    before = said(events[:cut])
    rest = said(new)
    assert (before[0] + head + rest[0], before[1] + rest[1], before[2] + rest[2]) == said(events)


def test_an_entry_that_begins_behind_what_is_known_lacks_something():
    assert Entry(Extent(5, 0, 1), []).lacks(Extent(4, 0, 1))
    assert not Entry(Extent(5, 0, 1), []).lacks(Extent(5, 2, 1))
