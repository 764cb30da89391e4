"""Differences of texts: whatever they are, both can be put together again from the pieces."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.lib import differences
from playground.lib.differences import Piece, lines, paragraphs, words

# Few words, so that texts have much in common; and everything a text can hold, so that nothing is assumed about it.
COMMON = st.lists(
    st.sampled_from(["a", "b", "the", "The", "x1", " ", "  ", "\n", "\n\n", ".", ",", "é", "日", "本", "\r\n", "<b>"])
)
TEXTS = st.one_of(COMMON.map("".join), st.text())


def marked(pieces: list[Piece]) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(marks[kind].format(text) for kind, text in pieces)


@given(a=TEXTS, b=TEXTS)
@settings(max_examples=500)
def test_pieces_of_words_put_both_texts_together_again(a: str, b: str) -> None:
    pieces = words(a, b)
    assert "".join(text for kind, text in pieces if kind != "added") == a
    assert "".join(text for kind, text in pieces if kind != "removed") == b
    assert all(text for _kind, text in pieces)


@given(a=TEXTS, b=TEXTS)
@settings(max_examples=500)
def test_lines_put_both_texts_together_again(a: str, b: str) -> None:
    found = lines(a, b)
    assert "".join(line.text for line in found if line.kind != "added") == a
    assert "".join(line.text for line in found if line.kind != "removed") == b
    assert [line.before for line in found if line.before] == list(
        range(1, len(a.split("\n")) + 1 - (a[-1:] in ("", "\n")))
    )
    assert all(piece.kind in ("same", line.kind) for line in found for piece in line.pieces)


@given(a=TEXTS, b=TEXTS)
def test_texts_that_are_cut_before_they_are_aligned_are_put_together_again(a: str, b: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differences, "MOST_CELLS", 4)
        pieces = words(a, b)
    assert "".join(text for kind, text in pieces if kind != "added") == a
    assert "".join(text for kind, text in pieces if kind != "removed") == b


@given(a=TEXTS, b=TEXTS)
def test_paragraphs_hold_the_same_pieces(a: str, b: str) -> None:
    pieces = words(a, b)
    parts = [piece for paragraph in paragraphs(pieces) for piece in paragraph]
    for kind in ("same", "removed", "added"):
        assert "".join(t for k, t in parts if k == kind) == "".join(t for k, t in pieces if k == kind)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "[+new+]"),
        ("old", "", "[-old-]"),
        ("It is twice as fast.", "It is up to 2.1 times as fast.", "It is [-twice-][+up to 2.1 times+] as fast."),
        ("one two three", "one three", "one [-two -]three"),
        ("a  b", "a b", "a [- -]b"),
        ("end.", "end.\n\nMore.", "end.[+\n\nMore.+]"),
        ("使用日本語", "使用英語", "使用[-日本-][+英+]語"),
        ("key_name = 1", "key_name = 2", "key_name = [-1-][+2+]"),
        # What both have by chance, a dot and an "a", does not shred what was rewritten.
        (
            "Cats sleep all day. They like a warm place in the sun.",
            "Dogs run outside often. Owners throw a heavy ball very far.",
            "[-Cats sleep all day. They like a warm place in the sun-][+Dogs run outside often. Owners throw a heavy ball very far+].",
        ),
    ],
)
def test_words_are_marked_as_a_reader_would(a: str, b: str, expected: str) -> None:
    assert marked(words(a, b)) == expected


def test_a_changed_line_shows_the_words_that_changed() -> None:
    found = lines("def f():\n    return old_value\n", "def f():\n    return new_value\n")
    assert [(line.kind, line.before, line.after) for line in found] == [
        ("same", 1, 1),
        ("removed", 2, None),
        ("added", None, 2),
    ]
    assert marked(list(found[1].pieces)) == "    return [-old_value-]\n"
    assert marked(list(found[2].pieces)) == "    return [+new_value+]\n"


def test_lines_that_have_little_in_common_are_changed_as_a_whole() -> None:
    found = lines("import os\n", "x = compute(1, 2, 3)\n")
    assert [marked(list(line.pieces)) for line in found] == ["[-import os\n-]", "[+x = compute(1, 2, 3)\n+]"]


def _prose(seed: int, length: int, vocabulary: int) -> list[str]:
    chance = random.Random(seed)
    return [f"w{int(chance.paretovariate(0.7)) % vocabulary}" for _ in range(length)]


@pytest.mark.parametrize("vocabulary", [50, 5000])
@pytest.mark.parametrize("share", [0.05, 1.0])
def test_two_answers_of_32k_tokens_take_well_under_a_second(vocabulary: int, share: float) -> None:
    a = _prose(1, 25_000, vocabulary)
    chance = random.Random(2)
    b = [f"n{chance.randrange(vocabulary)}" if chance.random() < share else word for word in a]
    began = time.thread_time()
    pieces = words(" ".join(a), " ".join(b))
    assert time.thread_time() - began < 2  # of CPU, on a busy machine; see the docstring for what it is on a calm one
    assert "".join(text for kind, text in pieces if kind != "added") == " ".join(a)
