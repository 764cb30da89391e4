"""Typed values to the fields of a request body, and the receipt that says where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.catalog.models import Model
from playground.catalog.specs import FieldSpec, specs_of

USER = "user"
ALWAYS = "always"  # sent by Playground itself, whatever the person set

# Become messages, which the source of a run builds.
MESSAGE_FIELDS = frozenset({"system_prompt", "prompt", "image_urls", "image_detail"})
FORMAT_FIELDS = frozenset({"response_format", "json_schema", "json_schema_name", "json_schema_strict"})


def build_body(
    model: Model, values: Mapping[str, Any], origins: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The request body without its messages, and its receipt. `values` are those of `validate`. No queries.

    What is unset is left out; `stream` is always said, since some servers stream by default. `origins` says where a value
    came from ("preset", "default"); without it a value is the user's.
    """
    specs = specs_of(model)
    origins = origins or {}
    body: dict[str, Any] = {"model": model.name}
    sources = {"model": origins.get("model", USER)}
    for name, spec in specs.items():
        if name in MESSAGE_FIELDS or name in FORMAT_FIELDS or name == "stream":
            continue
        if name in values and spec.applies(values):
            body[name] = values[name]
            sources[name] = origins.get(name, USER)
    if "response_format" in specs and "response_format" in values:
        body["response_format"] = _response_format(specs, values)
        sources["response_format"] = origins.get("response_format", USER)
    body["stream"] = values.get("stream", True)
    sources["stream"] = origins.get("stream", USER) if "stream" in values else ALWAYS
    if body["stream"]:
        body["stream_options"] = {"include_usage": True}
        sources["stream_options"] = ALWAYS
    return body, {"set": sources | _message_sources(values, origins), "left_out": _left_out(specs, body, values)}


def _response_format(specs: Mapping[str, FieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    kind = values["response_format"]
    if kind != "json_schema":
        return {"type": kind}
    name = values.get("json_schema_name") or specs["json_schema_name"].default
    inner = {"name": name, "schema": values["json_schema"]}
    if "json_schema_strict" in values and "json_schema_strict" in specs:
        inner["strict"] = values["json_schema_strict"]
    return {"type": kind, "json_schema": inner}


def _message_sources(values: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, str]:
    """What the person set and the messages carry: shown in the receipt under the form's name."""
    return {name: origins.get(name, USER) for name in ("system_prompt", "image_detail") if name in values}


def _left_out(specs: Mapping[str, FieldSpec], body: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    hidden = MESSAGE_FIELDS | (FORMAT_FIELDS - {"response_format"})
    left_out = [name for name in specs if name not in hidden and name not in body]
    if "system_prompt" in specs and "system_prompt" not in values:
        left_out.insert(0, "system_prompt")
    return left_out
