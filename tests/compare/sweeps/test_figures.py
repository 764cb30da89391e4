"""What repeats add up to, worked out by hand."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from playground.compare.sweeps.figures import Repeat, figures_of, likeness


def done(text: str, **fields) -> Repeat:
    return Repeat("done", text, **fields)


def test_likeness_by_hand():
    # kitten and sitting: 3 edits of 7 letters. Pairs: one equal, two of 1 - 3/7.
    found = likeness(["kitten", "kitten", "sitting"])
    assert found["identical"] == pytest.approx(2 / 3)
    assert found["distinct"] == 2
    assert found["similarity"] == pytest.approx((1 + 2 * (4 / 7)) / 3)


def test_answers_that_are_all_the_same_or_all_different():
    assert likeness(["a", "a"]) == {"identical": 1, "distinct": 1, "similarity": 1}
    assert likeness(["abc", "xyz"]) == {"identical": 0.5, "distinct": 2, "similarity": 0}
    assert likeness(["alone"]) == likeness([]) == {}


def test_means_are_of_what_is_known():
    figures = figures_of(
        [
            done(
                "ab",
                first_token_ms=100,
                tokens_per_second=50.0,
                completion_tokens=10,
                cost=Decimal("0.001"),
                finish_reason="stop",
            ),
            done("abcd", first_token_ms=300, completion_tokens=20, cost=Decimal("0.003"), finish_reason="length"),
            Repeat("failed", problem="It broke."),
            Repeat("waiting"),
        ]
    )
    assert figures["states"] == {"done": 2, "failed": 1, "waiting": 1}
    assert figures["first_token_ms"] == 200
    assert figures["tokens_per_second"] == 50
    assert figures["completion_tokens"] == 15
    assert figures["length"] == 3
    assert Decimal(figures["cost"]) == Decimal("0.002")
    assert figures["finish"] == {"stop": 1, "length": 1}
    assert figures["problem"] == "It broke."
    assert "fingerprints" not in figures


def test_unpriced_is_not_free():
    figures = figures_of([done("a")])
    assert figures["is_unpriced"] is True
    assert "cost" not in figures


def test_fingerprints_count_their_changes_in_order():
    prints = ["fp_1", "fp_1", "", "fp_2", "fp_1"]
    assert figures_of([done("a", fingerprint=one) for one in prints])["fingerprints"] == 2


def test_checks_are_counted_and_what_was_not_judged_is_no_pass():
    figures = figures_of(
        [done("a", results=(True, None)), done("b", results=(False, True)), done("c", results=(True, None))]
    )
    assert (figures["passed"], figures["judged"]) == ([2, 1], [3, 1])


def test_fifty_long_answers_take_no_more_than_a_moment():
    texts = [f"{number} " + "word " * 26_000 for number in range(50)]  # 32k tokens each
    began = time.monotonic()
    likeness(texts)
    assert time.monotonic() - began < 10


def test_the_text_of_the_grid_is_short():
    assert len(figures_of([done("x " * 100_000)])["text"]) <= 280
