"""Every word of the shipped form schemas and model cards can be translated, and is where it is shown."""

from __future__ import annotations

import pytest

from playground.catalog.card_wording import CARDS
from playground.catalog.schemas import read_data, shipped_schema
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


# Names, addresses and figures: the same in every language.
SAME_EVERYWHERE = {"variant", "snapshots", "service_tiers", "priority_price", "parameters", "license", "path"}


def texts_of(value: object) -> set[str]:
    if isinstance(value, str):
        return {value} if value else set()
    if isinstance(value, dict):
        return set().union(*(texts_of(inner) for key, inner in value.items() if key not in SAME_EVERYWHERE))
    return set().union(*(texts_of(inner) for inner in value)) if isinstance(value, list) else set()


def card_texts() -> set[str]:
    models = read_data("models")
    texts = set().union(*(texts_of(row["card"]) | texts_of(row.get("description", "")) for row in models))
    return texts | {row["name"] for row in read_data("providers")}


def test_every_word_of_a_shipped_card_is_marked_for_translation_and_no_other():
    assert card_texts() == set(CARDS)
