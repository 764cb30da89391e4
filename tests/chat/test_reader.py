"""What a page is sent of a live answer: everything once, in messages of bounded size, wherever it comes in."""

from __future__ import annotations

from uuid import uuid4

import pytest

from playground.chat.live import LiveAnswer
from playground.chat.reader import MESSAGE_CHARS, Reader


def fed(text):
    answer = LiveAnswer(uuid4())
    answer.stream.feed(text)
    answer.open = answer.stream.preview()
    return answer


def read_all(reader):
    frames = []
    while frame := reader.frame():
        frames.append(frame)
        if not reader.is_behind:
            return frames
    return frames


def blocks_of(frames):
    inner = "".join(frame.get("content", "") for frame in frames)
    return inner.count("<p>")


def test_a_page_that_comes_late_gets_a_long_answer_in_messages_of_bounded_size():
    answer = fed("A paragraph of some words.\n\n" * 20_000 + "The open one")
    frames = read_all(Reader(answer, uuid4()))
    assert len(frames) > 3
    assert max(len(frame.get("content", "")) for frame in frames) < MESSAGE_CHARS * 1.1
    assert blocks_of(frames) == 19_999  # the last paragraph stays open until a line follows
    assert "The open one" in frames[-1]["open"]["html"] + frames[-1]["open"]["text"]
    assert not any("open" in frame for frame in frames[:-1])


def test_an_open_code_block_grows_by_its_text_alone_and_in_bounded_pieces():
    code = "".join(f"line {number}\n" for number in range(20_000))
    answer = fed(f"```text\n{code}")
    frames = read_all(Reader(answer, uuid4()))
    assert "".join(frame["open"].get("text", "") for frame in frames).startswith(code.rstrip("\n"))
    assert [("html" in frame["open"]) for frame in frames] == [True] + [False] * (len(frames) - 1)


@pytest.mark.parametrize("cursor", ["", "x", "9999999.0", "-1.0", "1", "1.1.1", "\u0663.\u0660"])
def test_a_cursor_that_makes_no_sense_here_starts_over(cursor):
    answer = fed("One.\n\nTwo.\n\nThree.\n\nOpen")
    reader = Reader(answer, uuid4())
    reader.resume(cursor)
    assert blocks_of(read_all(reader)) == 2


def test_a_cursor_gives_what_lies_behind_it():
    answer = fed("One.\n\nTwo.\n\nThree.\n\nOpen")
    first = Reader(answer, uuid4())
    read_all(first)
    answer.stream.feed(" goes on.\n\nFour.\n\nOpen")
    second = Reader(answer, uuid4())
    second.resume(first.cursor)
    frames = read_all(second)
    assert blocks_of(frames) == 2
    assert "goes on" in frames[0]["content"]
