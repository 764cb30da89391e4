"""Every word of the shipped form schemas can be translated."""

from __future__ import annotations

import pytest

from playground.catalog.schemas import shipped_schema
from playground.catalog.wording import CAPABILITIES, FORM_SCHEMAS, capability_label


def words_of(schema: dict) -> set[str]:
    words = {rule["message"] for rule in schema["x-rules"]}
    for shape in schema["properties"].values():
        words |= {shape["title"], shape["description"], *shape.get("x-labels", {}).values()}
        words |= {shape["x-ghost"]} if "x-ghost" in shape else set()
    return words


@pytest.mark.parametrize("name", ["openai", "generic", "llama-cpp"])
def test_every_word_of_a_shipped_schema_is_marked_for_translation(name):
    assert words_of(shipped_schema(name)) <= set(FORM_SCHEMAS)


def test_every_shipped_capability_has_words(family):
    assert {name for model in family.values() for name in model.capabilities} <= set(CAPABILITIES)
    assert capability_label("something new") == "something new"
