"""`{{name}}`: what is found, what is filled in, what is missing."""

from __future__ import annotations

import pytest

from playground.presets.content import Content, Starter, Variable
from playground.presets.errors import BadVariables, Missing
from playground.presets.variables import fill, fill_text, find_names, names_in, resolve


def test_names_are_found_once_in_their_order():
    assert find_names(["{{b}} {{ a }} {{b}}", "{{c1}} {{1c}} {{ü}} {x} {{}} {{a b}}"]) == ["b", "a", "c1"]
    content = Content(parameters={"system_prompt": "{{one}}"}, messages=(Starter("user", "{{two}}"),))
    assert names_in(content) == ["one", "two"]


def test_a_name_has_forty_characters_at_most():
    assert find_names(["{{" + "a" * 40 + "}}", "{{" + "a" * 41 + "}}"]) == ["a" * 40]


def test_what_is_filled_in_is_not_filled_in_again():
    assert fill_text("{{a}} {{b}} {{other}}", {"a": "{{b}}", "b": "{{a}}"}) == "{{b}} {{a}} {{other}}"


def test_values_with_backslashes_stay_as_they_are():
    assert fill_text("{{a}}", {"a": r"\1 \g<0>"}) == r"\1 \g<0>"


def test_fill_reaches_system_prompt_and_messages():
    content = Content(
        parameters={"system_prompt": "As {{who}}", "stop": ["{{who}}"]},
        messages=(Starter("user", "I am {{who}}"),),
        variables=(Variable("who"),),
    )
    filled = fill(content, {"who": "Ada"})
    assert filled.parameters == {"system_prompt": "As Ada", "stop": ["{{who}}"]}
    assert filled.messages[0].text == "I am Ada"


def test_missing_ones_are_named_all_at_once():
    variables = (Variable("a"), Variable("b", is_required=False), Variable("c"), Variable("d", default="x"))
    with pytest.raises(Missing) as caught:
        resolve(variables, {"c": "  "})
    assert caught.value.names == ("a", "c")
    assert [error.field for error in caught.value.errors] == ["variable-a", "variable-c"]


def test_a_default_stands_for_what_is_not_given_and_not_for_what_is_emptied():
    variable = Variable("a", default="x", is_required=False)
    assert resolve((variable,), {}) == {"a": "x"}
    assert resolve((variable,), {"a": ""}) == {"a": ""}


@pytest.mark.parametrize(
    ("variable", "value", "is_good"),
    [
        (Variable("a", "number"), "1.5", True),
        (Variable("a", "number"), "-2e3", True),
        (Variable("a", "number"), "one", False),
        (Variable("a", "number"), "NaN", False),
        (Variable("a", "number"), "Infinity", False),
        (Variable("a", "number"), "9" * 50, False),
        (Variable("a", "choice", options=("x", "y")), "y", True),
        (Variable("a", "choice", options=("x", "y")), "z", False),
        (Variable("a", "boolean"), "true", True),
        (Variable("a", "boolean"), "yes", False),
        (Variable("a", "text"), "a\0b", False),
        (Variable("a", "long"), "x" * 1_000_001, False),
    ],
)
def test_values_are_of_their_type(variable, value, is_good):
    if is_good:
        assert resolve((variable,), {"a": value}) == {"a": value}
    else:
        with pytest.raises(BadVariables):
            resolve((variable,), {"a": value})


def test_a_box_that_is_not_ticked_is_false():
    assert resolve((Variable("a", "boolean", is_required=False),), {"a": ""}) == {"a": "false"}


def test_what_is_not_declared_is_ignored():
    assert resolve((), {"a": "x"}) == {}
