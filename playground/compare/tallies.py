"""Who won how often, by model and by preset: what a person's verdicts add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.compare.models import Comparison, Verdict

if TYPE_CHECKING:
    from playground.accounts.models import User

VERDICTS_AT_ONCE = 500


@dataclass(slots=True)
class Count:
    wins: int = 0
    losses: int = 0
    ties: int = 0

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.ties

    @property
    def share(self) -> float | None:
        """Of the votes, how many it won, in percent; None without votes."""
        return 100 * self.wins / self.votes if self.votes else None

    def add(self, *, won: bool, is_tie: bool) -> None:
        if is_tie:
            self.ties += 1
        elif won:
            self.wins += 1
        else:
            self.losses += 1


@dataclass(frozen=True, slots=True)
class Tally:
    """One model or preset."""

    name: str  # empty: without a preset
    open: Count  # given while the names were seen
    blind: Count

    @property
    def all(self) -> Count:
        return Count(
            self.open.wins + self.blind.wins,
            self.open.losses + self.blind.losses,
            self.open.ties + self.blind.ties,
        )


@dataclass(frozen=True, slots=True)
class Tallies:
    """Most wins first. `votes` counts all verdicts, those too that set nobody against another."""

    models: Sequence[Tally]
    presets: Sequence[Tally]
    votes: int = 0
    blind_votes: int = 0


def count_verdicts(user: User) -> Tallies:
    """All verdicts in the comparisons of `user`. One query; reads the names of contenders, no text."""
    mine = Verdict.objects.filter(comparison__in=Comparison.objects.visible_to(user)).order_by()
    rows = mine.values_list("contenders", "is_tie", "was_blind").iterator(chunk_size=VERDICTS_AT_ONCE)
    return add_up(rows)


def add_up(rows: Iterable[tuple[Sequence[Mapping[str, Any]], bool, bool]]) -> Tallies:
    """Of contenders, whether it was a tie, and whether it was blind."""
    models: dict[str, Tally] = {}
    presets: dict[str, Tally] = {}
    votes = blind_votes = 0
    for contenders, is_tie, was_blind in rows:
        votes += 1
        blind_votes += was_blind
        for tallies, field in ((models, "model"), (presets, "preset")):
            _count(tallies, contenders, field, is_tie=is_tie, was_blind=was_blind)
    return Tallies(_ranked(models), _ranked(presets), votes, blind_votes)


def _count(
    tallies: dict[str, Tally], contenders: Sequence[Mapping[str, Any]], field: str, *, is_tie: bool, was_blind: bool
) -> None:
    """One vote for each name, however many columns had it. When all had the same, it says nothing about it."""
    won: dict[str, bool] = {}
    for one in contenders:
        name = str(one.get(field, ""))
        won[name] = won.get(name, False) or bool(one.get("won"))
    if len(won) < 2:
        return
    for name, is_winner in won.items():
        tally = tallies.setdefault(name, Tally(name, Count(), Count()))
        (tally.blind if was_blind else tally.open).add(won=is_winner, is_tie=is_tie)


def _ranked(tallies: Mapping[str, Tally]) -> list[Tally]:
    return sorted(tallies.values(), key=lambda one: (-one.all.wins, -(one.all.share or 0), one.name))
