"""What a square's repeats add up to: means of what was measured, and how much the answers are alike. No database here.

With n answers of which some are equal:
    identical    the share of the largest group of equal answers: 1 when all are the same
    distinct     how many different answers there are
    similarity   mean of 1 - d / max(length) over all pairs, d being the edit distance in characters (Levenshtein)
    fingerprints how often `system_fingerprint` changed from one repeat to the next that has one
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from statistics import fmean
from typing import Any

from rapidfuzz.distance import Levenshtein

from playground.compare.models import CellState
from playground.lib.markdown import plain_text

# Characters of an answer that are compared with others: 4 ms a pair at most, in which nothing else runs. Of many answers fewer
# are compared, so that a square takes no longer than FREELY pairs of that length.
COMPARED = 16_000
FREELY = 50
# Of the answer that stands in the grid.
EXCERPT = 280


@dataclass(frozen=True, slots=True)
class Repeat:
    """One cell and what its run left."""

    state: str
    text: str = ""
    model: str = ""
    first_token_ms: int | None = None
    tokens_per_second: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None
    finish_reason: str = ""
    fingerprint: str = ""
    problem: str = ""
    results: tuple[bool | None, ...] = ()


def figures_of(repeats: Sequence[Repeat]) -> dict[str, Any]:
    """As a square keeps them, JSON throughout; a figure that nobody knows is left out."""
    states = Counter(one.state for one in repeats)
    ended = [one for one in repeats if one.state not in (CellState.WAITING, CellState.RUNNING)]
    answers = [one for one in repeats if one.state == CellState.DONE]
    shown = next((one for one in repeats if one.text), None)
    problem = next((one.problem for one in repeats if one.problem), "")
    figures = {
        "states": dict(states),
        "text": excerpt(shown.text) if shown else "",
        "problem": problem,
        "first_token_ms": _mean(one.first_token_ms for one in ended),
        "tokens_per_second": _mean(one.tokens_per_second for one in ended),
        "prompt_tokens": _mean(one.prompt_tokens for one in ended),
        "completion_tokens": _mean(one.completion_tokens for one in ended),
        "length": _mean(len(one.text) for one in answers),
        "cost": _cost(ended),
        "is_unpriced": any(one.cost is None for one in answers),
        "finish": dict(Counter(one.finish_reason for one in ended if one.finish_reason)),
        **(likeness([one.text for one in answers]) if _may_compare(repeats) else {}),
        **_fingerprints(answers),
        **_passed(answers),
    }
    return {name: value for name, value in figures.items() if value is not None}


def _may_compare(repeats: Sequence[Repeat]) -> bool:
    """Few, or all of them there: not fifty times over while fifty come in."""
    return len(repeats) <= 10 or all(one.state not in (CellState.WAITING, CellState.RUNNING) for one in repeats)


def likeness(texts: Sequence[str]) -> dict[str, Any]:
    """`identical`, `distinct` and `similarity` of two answers or more; nothing of fewer."""
    if len(texts) < 2:
        return {}
    groups = Counter(texts)
    return {
        "identical": max(groups.values()) / len(texts),
        "distinct": len(groups),
        "similarity": _similarity(groups),
    }


def _similarity(groups: Counter[str]) -> float:
    """Equal answers are not compared again: their pairs count by how many there are."""
    total, pairs = 0.0, 0
    most = int(COMPARED / max(len(groups) * (len(groups) - 1) / 2 / FREELY, 1) ** 0.5)
    for count in groups.values():
        same = count * (count - 1) // 2
        total, pairs = total + same, pairs + same
    for (one, many), (other, more) in combinations(groups.items(), 2):
        alike = Levenshtein.normalized_similarity(one[:most], other[:most])
        total, pairs = total + alike * many * more, pairs + many * more
    return total / pairs


def _fingerprints(answers: Iterable[Repeat]) -> dict[str, Any]:
    known = [one.fingerprint for one in answers if one.fingerprint]
    return {"fingerprints": sum(a != b for a, b in pairwise(known))} if len(known) > 1 else {}


def _passed(answers: Sequence[Repeat]) -> dict[str, Any]:
    """How many answers pass each check, and how many were judged."""
    judged = [one.results for one in answers if one.results]
    if not judged:
        return {}
    columns = list(zip(*judged, strict=True))
    return {
        "passed": [sum(result is True for result in column) for column in columns],
        "judged": [sum(result is not None for result in column) for column in columns],
    }


def _cost(ended: Iterable[Repeat]) -> str | None:
    """Mean of what is priced, in dollars."""
    known = [one.cost for one in ended if one.cost is not None]
    return f"{sum(known) / len(known):.9f}" if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def excerpt(text: str) -> str:
    """The beginning of an answer, in one line."""
    line = " ".join(plain_text(text[: 4 * EXCERPT]).split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1].rstrip() + "…"
