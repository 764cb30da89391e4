"""What answers are checked for, by hostile patterns against hostile answers."""

from __future__ import annotations

import json
import time

import pytest

from playground.catalog.problems import BadValue
from playground.compare.sweeps.checks import CONTAINS, EQUALS, JSON_SCHEMA, REGEX, check_check, judge
from playground.compare.sweeps.plan import Check

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"time": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}},
        "required": ["time"],
    }
)


@pytest.mark.parametrize(
    ("kind", "value", "text", "passes"),
    [
        (CONTAINS, "tide", "The tide turns.", True),
        (CONTAINS, "Tide", "The tide turns.", False),
        (CONTAINS, "{{port}}", "High water in Brest", True),
        (CONTAINS, "{{nobody}}", "High water in Brest", False),
        (EQUALS, "yes", " yes\n", True),
        (EQUALS, "yes", "yes.", False),
        (EQUALS, "{{port}}", "Brest", True),
        (REGEX, r"\b\d{2}:\d{2}\b", "at 04:12", True),
        (REGEX, r"^no", "yes", False),
        (REGEX, "in {{odd}}$", "in a.b", True),
        (REGEX, "in {{odd}}$", "in axb", False),
        (JSON_SCHEMA, SCHEMA, '{"time": "04:12"}', True),
        (JSON_SCHEMA, SCHEMA, '```json\n{"time": "04:12"}\n```', True),
        (JSON_SCHEMA, SCHEMA, '{"time": "4"}', False),
        (JSON_SCHEMA, SCHEMA, "04:12", False),
        (JSON_SCHEMA, '{"additionalProperties": false, "patternProperties": {"^a": {}}}', '{"ab": 1}', True),
        (JSON_SCHEMA, '{"additionalProperties": false, "patternProperties": {"^a": {}}}', '{"b": 1}', False),
        (JSON_SCHEMA, '{"uniqueItems": true}', "[1, 2, 1]", False),
        (JSON_SCHEMA, '{"uniqueItems": true}', "[1, 2, 3]", True),
    ],
)
def test_an_answer_passes_or_it_does_not(kind, value, text, passes):
    assert judge([Check(kind, value)], text, {"port": "Brest", "odd": "a.b"}) == [passes]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (REGEX, "("),
        (REGEX, r"(?=look)"),
        (REGEX, r"(a)\1"),
        (REGEX, "x" * 3000),
        (CONTAINS, "  "),
        (JSON_SCHEMA, "[]"),
        (JSON_SCHEMA, '{"type": 3}'),
    ],
)
def test_what_cannot_be_checked_is_refused_when_it_is_planned(kind, value):
    with pytest.raises(BadValue):
        check_check(Check(kind, value))


def test_patterns_that_never_end_elsewhere_end_here():
    began = time.monotonic()
    hostile = [Check(REGEX, "(a+)+$"), Check(JSON_SCHEMA, '{"type": "string", "pattern": "^(a|a)*$"}')]
    judge(hostile, "a" * 50_000 + "!", {})
    judge(hostile[1:], json.dumps("a" * 50_000 + "!"), {})
    assert time.monotonic() - began < 5


def test_a_schema_that_takes_too_long_is_not_judged():
    levels = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(40)} | {"l40": {}}
    endless = [json.dumps({"$ref": "#/$defs/l0", "$defs": levels}), '{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}']
    assert judge([Check(JSON_SCHEMA, schema) for schema in endless], "{}", {}) == [None, None]


def test_a_schema_fetches_nothing():
    schema = '{"$ref": "http://127.0.0.1:9/schema.json"}'
    assert judge([Check(JSON_SCHEMA, schema)], "{}", {}) == [None]


def test_deep_and_large_answers_are_not_a_way_in():
    deep = "[" * 100_000 + "]" * 100_000
    results = judge([Check(JSON_SCHEMA, '{"type": "array", "items": {"$ref": "#"}}')], deep, {})
    assert results in ([None], [False])
    assert judge([Check(CONTAINS, "x")], "y" * 1_000_001, {}) == [None]
