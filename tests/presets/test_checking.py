"""What a preset may hold, and what is said about what it may not."""

from __future__ import annotations

import math

import pytest

from playground.presets.checking import check
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.errors import InvalidPreset

HASH = "0" * 64


def system(text: str) -> Content:
    return Content(parameters={"system_prompt": text})


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (system("x" * 256 * 1024), "content"),
        (system("ü" * 132_000), "content"),
        (system("a\0b"), "content"),
        (system("\ud800"), "content"),
        (Content(parameters={"temperature": math.nan}), "content"),
        (Content(parameters={"x": object()}), "content"),
        (Content(parameters={"a b": 1}), "parameters"),
        (Content(parameters={"x" * 81: 1}), "parameters"),
        (Content(parameters={f"p{number}": 1 for number in range(101)}), "parameters"),
        (Content(parameters={"system_prompt": 1}), "parameters.system_prompt"),
        (Content("m" * 262), "model"),
        (Content("a\nb"), "model"),
        (Content(messages=(Starter("system", "x"),)), "messages.0.role"),
        (Content(messages=(Starter("user", "x"), Starter("user", " \n"))), "messages.1.text"),
        (Content(messages=(Starter("user", "x"),) * 51), "messages"),
        (Content(messages=(Starter("assistant", "x", (Picture(HASH),)),)), "messages.0.images"),
        (Content(messages=(Starter("user", "x", (Picture(),)),)), "messages.0.images.0"),
        (Content(messages=(Starter("user", "x", (Picture(HASH, "https://a.b/c"),)),)), "messages.0.images.0"),
        (Content(messages=(Starter("user", "x", (Picture("../../etc"),)),)), "messages.0.images.0"),
        (Content(messages=(Starter("user", "x", (Picture(url="javascript:alert(1)"),)),)), "messages.0.images.0"),
        (Content(messages=(Starter("user", "x", (Picture(url="https://me:pass@a.b/"),)),)), "messages.0.images.0"),
        (Content(messages=(Starter("user", "x", (Picture(HASH, detail="huge"),)),)), "messages.0.images.0"),
        (Content(messages=(Starter("user", "x", (Picture(HASH),) * 51),)), "messages"),
        (Content(variables=(Variable("1a"),)), "variables.0.name"),
        (Content(variables=(Variable("a" * 41),)), "variables.0.name"),
        (Content(variables=(Variable("a"), Variable("a"))), "variables.1.name"),
        (Content(variables=tuple(Variable(f"v{number}") for number in range(51))), "variables"),
        (Content(variables=(Variable("a", "date"),)), "variables.0.type"),
        (Content(variables=(Variable("a", help="x" * 501),)), "variables.0.help"),
        (Content(variables=(Variable("a", "choice"),)), "variables.0.options"),
        (Content(variables=(Variable("a", "choice", options=tuple(map(str, range(101)))),)), "variables.0.options"),
        (Content(variables=(Variable("a", "choice", "c", options=("a", "b")),)), "variables.0.default"),
        (Content(variables=(Variable("a", "number", "one"),)), "variables.0.default"),
    ],
)
def test_what_is_refused_is_named(content, field):
    with pytest.raises(InvalidPreset) as caught:
        check(content)
    assert field in {error.field for error in caught.value.errors}
    assert all(error.message for error in caught.value.errors)


def test_deep_json_is_refused_and_does_not_recurse():
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InvalidPreset):
        check(Content(parameters={"x": deep}))


def test_everything_that_is_wrong_is_said_at_once():
    content = Content("a\nb", {"a b": 1}, (Starter("tool", ""),), (Variable("1"),))
    with pytest.raises(InvalidPreset) as caught:
        check(content)
    assert len({error.field for error in caught.value.errors}) >= 5


def test_what_is_stored_is_tidy():
    content = Content(
        " m ",
        {"system_prompt": "a\r\nb", "seed": None, "stop": []},
        (Starter("user", "c\rd"),),
        (Variable(" a ", "choice", options=("x", " x ", "", "y")), Variable("b", options=("x",))),
    )
    assert check(content) == Content(
        "m",
        {"system_prompt": "a\nb"},
        (Starter("user", "c\nd"),),
        (Variable("a", "choice", options=("x", "y")), Variable("b")),
    )


def test_unknown_parameters_are_kept():
    content = Content("gone/model", {"mirostat": {"tau": 5.5}, "logit_bias": {"1": -100}})
    assert check(content) == content
