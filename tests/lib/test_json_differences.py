"""Differences of JSON by path: from the places of a difference, both values can be built again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.lib.json_differences import Change, NotJson, parse, structure, written

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([1.0, 0.5]), st.text(max_size=3))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.lists(VALUES, max_size=5) | st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


def build(places: list[tuple[tuple[str | int, ...], Any]]) -> Any:
    """The value that has these values at these places."""
    if places and places[0][0] == ():
        return places[0][1]
    names = list(dict.fromkeys(path[0] for path, _value in places))
    inner = {name: build([(path[1:], value) for path, value in places if path[0] == name]) for name in names}
    return [inner[number] for number in sorted(inner)] if isinstance(names[0], int) else inner


@given(a=DOCUMENTS, b=DOCUMENTS)
@settings(max_examples=500)
def test_places_put_both_values_together_again(a: Any, b: Any) -> None:
    changes = structure(json.dumps(a), json.dumps(b))
    assert build([(one.path_before, one.before) for one in changes if one.kind != "added"]) == parse(json.dumps(a))
    assert build([(one.path, one.after) for one in changes if one.kind != "removed"]) == parse(json.dumps(b))
    assert (written(parse(json.dumps(a, sort_keys=True))) == written(parse(json.dumps(b, sort_keys=True)))) == all(
        one.kind == "same" for one in changes
    )


@given(value=DOCUMENTS, indent=st.sampled_from([None, 2]))
def test_a_value_is_written_as_it_was_read(value: Any, indent: int | None) -> None:
    assert json.loads(written(parse(json.dumps(value)), indent=indent)) == value
    assert written(parse(json.dumps(value)), indent=indent) == json.dumps(value, ensure_ascii=False, indent=indent)


def changed(a: str, b: str) -> list[tuple[str, Any, Any, Any]]:
    return [(one.kind, one.path, one.before, one.after) for one in structure(a, b) if one.kind != "same"]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', []),
        ('{"a": 1}', '{"a": 1.0}', [("changed", ("a",), "1", "1.0")]),
        ('{"a": 1}', '{"a": true}', [("changed", ("a",), "1", True)]),
        ('{"a": null}', "{}", [("changed", (), {"a": None}, {})]),
        ('{"a": 1, "c": 2}', '{"a": 1, "b": []}', [("removed", ("c",), "2", None), ("added", ("b",), None, [])]),
        ("[1, 2, 3]", "[0, 1, 2, 3]", [("added", (0,), None, "0")]),
        ('[{"n": 1, "k": 0}]', '[{"n": 2, "k": 0}]', [("changed", (0, "n"), "1", "2")]),
        ("[1]", "{}", [("changed", (), ["1"], {})]),
    ],
)
def test_what_changed_is_named_by_its_path(a: str, b: str, expected: list[Any]) -> None:
    assert changed(a, b) == expected


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "1", '"text"', '{"a": 1, "a": 2}', "[NaN]", "[" * 5000, "[" * 200 + "]" * 200, '{"a": 1} and more'],
)
def test_what_has_no_one_meaning_is_not_json(text: str) -> None:
    with pytest.raises(NotJson):
        parse(text)


def test_a_long_number_is_neither_lost_nor_slow() -> None:
    [change] = structure(f"[{'1' * 100_000}]", f"[{'1' * 100_001}]")
    assert change == Change("changed", (0,), "1" * 100_000, "1" * 100_001, (0,))


def test_half_of_a_surrogate_pair_can_be_written() -> None:
    assert written(parse('{"\\ud800": "\\udc00"}')).encode() == b'{"\\ud800": "\\udc00"}'
