"""One table of good and bad values for each field, and the rules between fields."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict

from playground.catalog.form_schema import build_body, carry_over, read_form, validate
from playground.catalog.models import Model
from playground.catalog.schemas import shipped_schema

STRICT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
BIG = 2**63 - 1


def strict(**changes) -> dict:
    return {**STRICT, **changes}


GOOD = [
    ("temperature", "0", 0),
    ("temperature", "2", 2),
    ("temperature", " 0.70 ", 0.7),
    ("temperature", ".5", 0.5),
    ("temperature", "1e-2", 0.01),
    ("temperature", 1.5, 1.5),
    ("top_p", "1", 1),
    ("top_p", 0, 0),
    ("presence_penalty", "-2", -2),
    ("frequency_penalty", "+2.0", 2.0),
    ("seed", "9007199254740993", 9007199254740993),
    ("seed", str(BIG), BIG),
    ("seed", str(-(2**63)), -(2**63)),
    ("seed", 7.0, 7),
    ("max_completion_tokens", "32768", 32768),
    ("max_completion_tokens", 1, 1),
    ("response_format", "text", "text"),
    ("image_detail", "high", "high"),
    ("stop", ["a", "", "b\r\n"], ["a", "b\n"]),
    ("stop", "END", ["END"]),
    ("stop", ["1", "2", "3", "4"], ["1", "2", "3", "4"]),
    ("stream", "false", False),
    ("stream", "on", True),
    ("stream", True, True),
    ("system_prompt", "a\r\nb\rc", "a\nb\nc"),
    ("system_prompt", "  kept  ", "  kept  "),
    ("json_schema_name", "an-answer_1", "an-answer_1"),
    ("prompt", "Hello", "Hello"),
    ("image_urls", ["https://example.org/a.png", "data:image/png;base64,AA=="], None),
]
BAD = [
    *(
        ("temperature", raw)
        for raw in ("nan", "NaN", "inf", "-Infinity", "1e999", "2.01", "-0.01", "1,5", "0x1", "٣", "one")
    ),
    *(("temperature", raw) for raw in (float("nan"), float("inf"), 10**400, True, [1, 2], {"a": 1}, "1" * 41, "--1")),
    *(("top_p", raw) for raw in ("1.01", "-0.1")),
    *(("presence_penalty", raw) for raw in ("2.1", "-2.1")),
    *(("frequency_penalty", raw) for raw in ("3", "-3")),
    *(("seed", raw) for raw in ("1.5", str(BIG + 1), str(-(2**63) - 1), "9" * 5000, "1e3", True, 1.5, 1e300, "NaN")),
    *(("max_completion_tokens", raw) for raw in ("0", "-1", "32769", "1.5", "4,096")),
    *(("response_format", raw) for raw in ("xml", ["text"], 1)),
    *(("image_detail", raw) for raw in ("original", "LOW")),
    *(("stop", raw) for raw in (["1", "2", "3", "4", "5"], ["a\x00"], ["x" * 1001], [1], [["a"]])),
    *(("stream", raw) for raw in ("yes!", 1, "maybe")),
    *(("system_prompt", raw) for raw in ("a\x00", "\ud800", 1, ["x"], "x" * 1_000_001)),
    *(("json_schema", raw) for raw in ("[]", "1", "{", '{"a": NaN}', '{"a": 1, "a": 2}', [1], '{"type": "objekt"}')),
    *(("json_schema_name", raw) for raw in ("", "has space", "x" * 65, "é")),
    *(("image_urls", raw) for raw in (["ftp://a"], ["javascript:alert(1)"], [1])),
    ("bogus", "1"),
    ("model", "x"),
    ("messages", "[]"),
]


@pytest.mark.parametrize(("name", "raw", "value"), GOOD)
def test_good_value_is_read_as_its_type(vision_model, name, raw, value):
    when = {"response_format": "json_schema", "json_schema": STRICT} if name == "json_schema_name" else {}
    validated = validate(vision_model, {**when, name: raw})
    assert validated.errors == ()
    assert validated.values[name] == (raw if value is None else value)
    assert type(validated.values[name]) is type(raw if value is None else value)


@pytest.mark.parametrize(("name", "raw"), BAD)
def test_bad_value_is_refused_and_named(vision_model, name, raw):
    when = {"response_format": "json_schema"} if name.startswith("json_schema") else {}
    if name == "json_schema_name":
        when["json_schema"] = STRICT
    validated = validate(vision_model, {**when, name: raw})
    if raw == "":
        assert name not in validated.values
        return
    assert [problem.field for problem in validated.errors] == [name]
    assert validated.errors[0].message
    assert name not in validated.values


@pytest.mark.parametrize("raw", [None, "", [], ["", ""]])
def test_unset_is_not_a_value(vision_model, raw):
    validated = validate(vision_model, dict.fromkeys(("temperature", "seed", "stop", "stream", "json_schema"), raw))
    assert validated.values == {}
    assert validated.errors == ()


def test_broken_json_is_located_by_line_and_column(vision_model):
    raw = {"response_format": "json_schema", "json_schema": '{\n  "type": oops\n}'}
    [problem] = validate(vision_model, raw).errors
    assert (problem.line, problem.column) == (2, 11)


def test_deep_schema_is_refused_without_a_crash(vision_model):
    text = '{"properties":{"a":' * 5000 + "{}" + "}}" * 5000
    [problem] = validate(vision_model, {"response_format": "json_schema", "json_schema": text}).errors
    assert problem.field == "json_schema"
    fits = '{"properties":{"a":' * 30 + "{}" + "}}" * 30
    assert validate(vision_model, {"response_format": "json_schema", "json_schema": fits}).errors == ()


def test_hidden_schema_does_not_stand_in_the_way(vision_model):
    assert validate(vision_model, {"response_format": "text", "json_schema": "{"}).errors == ()


# --- Rules between fields ---


def fields_of(problems) -> list[str]:
    return [problem.field for problem in problems]


def test_temperature_and_top_p_together_are_warned_about(vision_model):
    assert fields_of(validate(vision_model, {"temperature": 1, "top_p": 1}).warnings) == ["top_p"]
    assert validate(vision_model, {"temperature": 1}).warnings == ()


def test_seed_is_warned_about_where_it_is_deprecated_only(vision_model, local_model):
    assert fields_of(validate(vision_model, {"seed": 1}).warnings) == ["seed"]
    assert validate(local_model, {"seed": 1}).warnings == ()


@pytest.mark.parametrize(
    ("raw", "texts", "is_warned"),
    [
        ({}, [], True),
        ({}, ["as a list, please"], True),
        ({"system_prompt": "Answer in json."}, [], False),
        ({"prompt": "Give me JSON"}, [], False),
        ({}, ["first", "As JSON."], False),
    ],
)
def test_json_object_needs_the_word_json_in_some_message(vision_model, raw, texts, is_warned):
    validated = validate(vision_model, {"response_format": "json_object", **raw}, texts=texts)
    assert fields_of(validated.warnings) == (["response_format"] if is_warned else [])


def test_json_schema_without_a_schema_is_an_error(vision_model, local_model):
    for model in (vision_model, local_model):
        assert fields_of(validate(model, {"response_format": "json_schema"}).errors) == ["json_schema"]


DEEP: dict = {"type": "string"}
for _level in range(11):
    DEEP = strict(properties={"a": DEEP})

NOT_STRICT = [
    {"type": "array", "items": {"type": "string"}},
    {"anyOf": [STRICT]},
    strict(additionalProperties=True),
    {"type": "object", "properties": {}, "required": []},
    strict(required=[]),
    *(strict(properties={"a": {keyword: [{"type": "string"}]}}) for keyword in ("allOf", "oneOf")),
    strict(properties={"a": {"not": {"type": "string"}}}),
    strict(properties={"a": {"type": "string", "minLength": 1}}),
    strict(properties={"a": {"type": "string", "format": "uri"}}),
    strict(properties={"a": {"type": "object", "properties": {"b": {"type": "string"}}}}),
    strict(properties={"a": True}),
    strict(properties={"a": {"$ref": "https://example.org/schema.json"}}),
    strict(properties={"a": {"$ref": "#/$defs/absent"}}),
    strict(**{"if": {"type": "object"}}),
    strict(patternProperties={"^x": {"type": "string"}}),
    strict(properties={"a": {"enum": [str(number) for number in range(1001)]}}),
    strict(properties={"a": {"enum": [str(number).rjust(70) for number in range(251)]}}),
    strict(properties={f"p{n}": {"type": "string"} for n in range(5001)}, required=[f"p{n}" for n in range(5001)]),
    DEEP,
]
YES_STRICT = [
    STRICT,
    strict(properties={"a": {"type": ["string", "null"], "pattern": "^x", "format": "email"}}),
    strict(properties={"a": {"type": "number", "minimum": 0, "exclusiveMaximum": 9, "multipleOf": 0.5}}),
    strict(properties={"a": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}}),
    strict(properties={"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}),
    strict(properties={"a": {"$ref": "#/$defs/b"}}, **{"$defs": {"b": strict()}}),
    strict(properties={"a": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}),
    strict(properties={"a": {"enum": ["x", "y"], "description": "one of two"}}),
]


@pytest.mark.parametrize("schema", NOT_STRICT)
def test_strict_mode_refuses_what_is_outside_its_subset(vision_model, schema):
    raw = {"response_format": "json_schema", "json_schema": schema, "json_schema_strict": True}
    assert set(fields_of(validate(vision_model, raw).errors)) == {"json_schema"}
    assert validate(vision_model, {**raw, "json_schema_strict": False}).errors == ()


@pytest.mark.parametrize("schema", YES_STRICT)
def test_strict_mode_takes_its_subset(vision_model, schema):
    raw = {"response_format": "json_schema", "json_schema": schema, "json_schema_strict": True}
    assert validate(vision_model, raw).errors == ()


# --- From values to the body ---


def test_what_is_unset_is_left_out_and_stream_is_always_said(vision_model):
    body, receipt = build_body(vision_model, {})
    assert body == {"model": "gpt-4.1", "stream": True, "stream_options": {"include_usage": True}}
    assert receipt["set"] == {"model": "user", "stream": "always", "stream_options": "always"}
    assert {"temperature", "seed", "stop", "response_format", "system_prompt"} <= set(receipt["left_out"])
    assert "prompt" not in receipt["left_out"]


def test_what_is_set_is_sent_exactly(vision_model):
    raw = {"temperature": "0.7", "seed": "9007199254740993", "stop": ["END"], "max_completion_tokens": "64"}
    values = validate(vision_model, {**raw, "stream": "false", "system_prompt": "Be brief."}).values
    body, receipt = build_body(vision_model, values, {"temperature": "default"})
    assert json.dumps(body) == (
        '{"model": "gpt-4.1", "temperature": 0.7, "seed": 9007199254740993, '
        '"max_completion_tokens": 64, "stop": ["END"], "stream": false}'
    )
    assert receipt["set"]["temperature"] == "default"
    assert receipt["set"]["system_prompt"] == "user"
    assert not {"temperature", "system_prompt"} & set(receipt["left_out"])


def test_value_equal_to_the_default_is_sent_when_it_was_set(vision_model):
    assert build_body(vision_model, validate(vision_model, {"temperature": "1"}).values)[0]["temperature"] == 1


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ({"response_format": "text"}, {"type": "text"}),
        ({"response_format": "json_object"}, {"type": "json_object"}),
        (
            {"response_format": "json_schema", "json_schema": STRICT},
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": STRICT}},
        ),
        (
            {
                "response_format": "json_schema",
                "json_schema": json.dumps(STRICT),
                "json_schema_name": "plan",
                "json_schema_strict": "true",
            },
            {"type": "json_schema", "json_schema": {"name": "plan", "schema": STRICT, "strict": True}},
        ),
    ],
)
def test_response_format_expands(vision_model, raw, sent):
    body, _receipt = build_body(vision_model, validate(vision_model, raw).values)
    assert body["response_format"] == sent
    assert not any(name.startswith("json_schema") for name in body)


def test_schema_kept_for_later_is_not_sent(vision_model):
    values = validate(vision_model, {"response_format": "text", "json_schema": STRICT}).values
    assert values["json_schema"] == STRICT
    assert build_body(vision_model, values)[0]["response_format"] == {"type": "text"}


# --- Other models ---


def test_values_that_still_fit_stay_and_the_others_are_named(vision_model, local_model):
    old = validate(
        vision_model,
        {
            "temperature": "0.5",
            "image_detail": "low",
            "seed": str(BIG),
            "max_completion_tokens": "20000",
            "stop": ["x"],
        },
    ).values
    kept, dropped = carry_over(old, local_model)
    assert kept == {"temperature": 0.5, "stop": ["x"]}
    assert {item.field for item in dropped} == {"image_detail", "seed", "max_completion_tokens"}
    assert all(item.reason and item.title for item in dropped)


def test_values_that_all_fit_drop_nothing(vision_model, local_model):
    assert carry_over({"temperature": 1, "stream": False}, local_model) == ({"temperature": 1, "stream": False}, [])


def test_max_tokens_follow_the_row_of_the_model(vision_model):
    vision_model.max_output_tokens = 100
    assert validate(vision_model, {"max_completion_tokens": 101}).errors
    vision_model.max_output_tokens = None
    assert not validate(vision_model, {"max_completion_tokens": 2_000_000}).errors


def test_model_without_a_schema_has_the_generic_one(local_model):
    bare = Model(provider=local_model.provider, name="any", title="any")
    assert validate(bare, {"temperature": "0.5", "max_completion_tokens": "10"}).errors == ()
    assert fields_of(validate(bare, {"image_detail": "low"}).errors) == ["image_detail"]
    bare.max_images = 4
    assert validate(bare, {"image_detail": "low"}).errors == ()


def test_form_post_is_read_without_the_composers_own_fields(vision_model):
    post = QueryDict("csrfmiddlewaretoken=x&text=hi&prompt=hi&temperature=0.5&top_p=&stop=a&stop=b&seed=&model=m")
    assert read_form(vision_model, post) == {"temperature": "0.5", "stop": ["a", "b"]}


@pytest.mark.parametrize("name", ["openai", "generic", "llama-cpp"])
def test_shipped_schemas_are_json_schemas(name):
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(shipped_schema(name))
