"""The values of an axis as people write them."""

from __future__ import annotations

import pytest

from playground.catalog.problems import BadValue
from playground.catalog.specs import specs_of
from playground.compare.sweeps.plan import MAX_VALUES, MODEL, SYSTEM_PROMPT
from playground.compare.sweeps.values import may_vary, read_range, read_values


@pytest.fixture
def specs(model):
    return specs_of(model)


@pytest.mark.parametrize(
    ("text", "values"),
    [("0, 0.5 1", (0, 0.5, 1)), ("0;0.1\n0.2", (0, 0.1, 0.2)), (" 1 1 1.0 ", (1,)), ("2", (2,))],
)
def test_numbers_are_separated_by_anything_that_is_no_number(specs, text, values):
    assert read_values("temperature", specs["temperature"], [text]) == values


def test_a_range_has_both_its_ends_and_no_rounding_errors(specs):
    assert read_range(specs["temperature"], "0", "1", "0.1") == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
    assert read_range(specs["temperature"], "1", "0", "-0.5") == (1, 0.5, 0)
    assert read_range(specs["seed"], "1", "3", "1") == (1, 2, 3)


@pytest.mark.parametrize(
    ("first", "last", "step"),
    [
        ("0", "1", "0"),
        ("0", "1", "-1"),
        ("0", "2", "1e-9"),
        ("", "1", "1"),
        ("nan", "1", "1"),
        ("0", "1e400", "1"),
        ("0", "x", "1"),
    ],
)
def test_a_range_that_leads_nowhere_or_has_no_end_is_refused(specs, first, last, step):
    with pytest.raises(BadValue):
        read_range(specs["temperature"], first, last, step)


@pytest.mark.parametrize("text", ["", "  ", "warm", "3", "1e999", "0 " * 5 + "9" * 50])
def test_what_the_field_does_not_take_is_refused(specs, text):
    with pytest.raises(BadValue):
        read_values("temperature", specs["temperature"], [text])


def test_more_values_than_a_field_may_have_are_refused(specs):
    with pytest.raises(BadValue, match=str(MAX_VALUES)):
        read_values("seed", specs["seed"], [" ".join(map(str, range(MAX_VALUES + 1)))])


def test_system_prompts_stand_between_lines_of_hyphens(specs):
    text = "Be brief.\n\nVery.\n---\nBe kind - always.\n-----\n"
    assert read_values(SYSTEM_PROMPT, specs["system_prompt"], [text]) == ("Be brief.\n\nVery.", "Be kind - always.")


def test_models_are_taken_as_they_are_named():
    assert read_values(MODEL, None, ["a/b", "c/d", "a/b", ""], is_list=True) == ("a/b", "c/d")


def test_numbers_choices_and_the_system_prompt_can_be_varied(specs):
    names = {name for name, spec in specs.items() if may_vary(spec)}
    assert {"temperature", "top_p", "seed", "max_completion_tokens", "system_prompt"} <= names
    assert not {"stop", "json_schema"} & names
