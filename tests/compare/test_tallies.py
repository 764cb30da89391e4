"""What verdicts add up to."""

from __future__ import annotations

from playground.compare.tallies import Count, add_up


def contenders(*names: str, won: str = "", field: str = "model") -> list[dict[str, object]]:
    """Columns with these names; the first one called `won` is the winner."""
    at = names.index(won) if won else -1
    return [{"model": "", "preset": "", field: name, "won": place == at} for place, name in enumerate(names)]


def test_wins_losses_and_ties_are_counted_by_name() -> None:
    found = add_up(
        [
            (contenders("a", "b", won="a"), False, False),
            (contenders("a", "b", "c", won="b"), False, False),
            (contenders("a", "b"), True, False),
        ]
    )
    counts = {one.name: (one.all.wins, one.all.losses, one.all.ties) for one in found.models}
    assert counts == {"a": (1, 1, 1), "b": (1, 1, 1), "c": (0, 1, 0)}
    assert found.votes == 3


def test_a_model_that_stands_against_itself_has_one_vote() -> None:
    [a, b] = add_up([(contenders("a", "a", "b", won="a"), False, False)]).models
    assert (a.all, b.all) == (Count(wins=1), Count(losses=1))


def test_columns_that_all_have_the_same_say_nothing() -> None:
    found = add_up([(contenders("a", "a", won="a"), False, False)])
    assert (list(found.models), found.votes) == ([], 1)


def test_blind_votes_are_counted_apart() -> None:
    found = add_up([(contenders("a", "b", won="a"), False, True), (contenders("a", "b", won="b"), False, False)])
    [a] = [one for one in found.models if one.name == "a"]
    assert (a.blind, a.open, a.all.share) == (Count(wins=1), Count(losses=1), 50)
    assert found.blind_votes == 1


def test_presets_are_counted_by_themselves_and_against_none() -> None:
    found = add_up([(contenders("terse@3", "", won="terse@3", field="preset"), False, False)])
    assert [(one.name, one.all.wins) for one in found.presets] == [("terse@3", 1), ("", 0)]
    assert list(found.models) == []
