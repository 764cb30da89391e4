"""Text tokens: the check values of the reference, the fallback, and the time a long text takes."""

from __future__ import annotations

import threading
import time

import pytest

from playground.lib import tokens
from playground.lib.tokens import EXACT_CHARS, ChatText, TokenCount, chat_tokens, text_tokens

O200K = "o200k_base"
COOKBOOK = [
    (
        "system",
        "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
        "",
    ),
    ("system", "New synergies will help drive top-line growth.", "example_user"),
    ("system", "Things working well together will increase revenue.", "example_assistant"),
    (
        "system",
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        "example_user",
    ),
    ("system", "Let's talk later when we're less busy about how to do better.", "example_assistant"),
    ("user", "This late pivot means we don't have time to boil the ocean for the client deliverable.", ""),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("You are a helpful assistant.", 6),
        ("Hello!", 2),
        ("hello world", 2),
        ("2 + 2 = 4", 7),
        ("お誕生日おめでとう", 8),
        ("antidisestablishmentarianism", 6),
        ("The quick brown fox jumps over the lazy dog.", 10),
    ],
)
def test_texts_count_as_in_the_reference(text, expected):
    assert text_tokens(text, O200K) == TokenCount(expected)


def test_a_system_and_user_pair_counts_19():
    pair = [ChatText("system", "You are a helpful assistant."), ChatText("user", "Hello!")]
    assert chat_tokens(pair, O200K) == TokenCount(19)


def test_the_cookbook_example_counts_124():
    assert chat_tokens([ChatText(*message) for message in COOKBOOK], O200K) == TokenCount(124)


@pytest.mark.parametrize("tokenizer", ["", "no_such_base"])
def test_without_a_tokenizer_the_count_is_marked_an_estimate(tokenizer):
    assert text_tokens("hello world!", tokenizer) == TokenCount(3, is_approximate=True)
    assert text_tokens("hello", tokenizer) == TokenCount(2, is_approximate=True)
    assert text_tokens("日本語", tokenizer) == TokenCount(3, is_approximate=True)
    assert text_tokens("日本語 abc", tokenizer) == TokenCount(4, is_approximate=True)
    assert text_tokens("", tokenizer) == TokenCount(0, is_approximate=True)


@pytest.mark.parametrize("tokenizer", [O200K, ""])
def test_half_characters_and_control_characters_are_counted_not_refused(tokenizer):
    assert text_tokens("a\ud800b\x00", tokenizer).tokens > 0


@pytest.mark.parametrize("piece", ["a", " ", "hello world ", "a b\n", "\U0001f600", "あ", "-="])
@pytest.mark.parametrize("tokenizer", [O200K, ""])
def test_four_megabytes_of_anything_are_counted_in_bounded_time(piece, tokenizer):
    text = piece * (4_000_000 // len(piece.encode()))
    text_tokens("warm", tokenizer)
    started = time.thread_time()
    assert text_tokens(text, tokenizer).tokens > 0
    assert time.thread_time() - started < 30  # seconds of this thread; what is not linear takes minutes


def test_beyond_the_bound_a_text_is_counted_in_proportion_and_marked():
    text = "hello world " * (EXACT_CHARS // 6)
    count = text_tokens(text, O200K)
    assert count.is_approximate
    assert count.tokens == pytest.approx(len(text) / 6, rel=0.01)


@pytest.mark.parametrize(
    "piece",
    [
        "It's a fine day, isn't it? Yes -- 1,234 of them; see (a) and (b).\n\n  indented\n",
        "def f(x):\n    return x+1  # why not\n\n",
        "吾輩は猫である。名前はまだ無い。どこで生れたか、とんと見当がつかぬ。",
        "Ünïcödé wörds, größer als 7\u202f000 · ok\r\n",
    ],
)
def test_counting_in_pieces_gives_what_counting_at_once_gives(piece, monkeypatch):
    text = piece * (60_000 // len(piece))
    count = text_tokens(text, O200K)
    monkeypatch.setattr(tokens, "PIECE_CHARS", len(text))
    assert count == text_tokens(text, O200K)
    assert not count.is_approximate


def test_a_text_without_any_seam_is_marked_an_estimate():
    assert text_tokens("-=" * 20_000, O200K).is_approximate


def test_other_threads_run_while_a_long_text_is_counted():
    text_tokens("warm", O200K)
    counting = threading.Thread(target=text_tokens, args=("a b\n" * 1_000_000, O200K))
    counting.start()
    turns = 0
    while counting.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 5
