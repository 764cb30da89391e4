"""The body of a request to chat completions or responses: what importers and pasted code all come down to.

Shapes: openai/openai-python, `types/chat/completion_create_params.py` and `types/responses/response_create_params.py`.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import Content, Variable
from playground.presets.transfer.fields import Fields, as_text, texts
from playground.presets.transfer.imported import refuse
from playground.presets.transfer.messages import read_messages, short
from playground.presets.transfer.placeholders import settle

NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "top_k", "min_p", "repetition_penalty")
INTEGERS = ("seed",)
WORDS = ("reasoning_effort", "verbosity")
# The newest name first; all of them bound the answer.
TOKEN_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
FORMATS = ("text", "json_object", "json_schema")
MAX_MODEL = 250
MAX_SHOWN_TOOLS = 10
_SCHEMA_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_request(fields: Fields) -> Content:
    """Everything of a request that a preset holds; the rest is noted."""
    model = read_model(fields)
    parameters = read_parameters(fields)
    system, starters = _read_input(fields)
    if system:
        parameters = {"system_prompt": system, **parameters}
    declared = read_variables(fields)
    read_tools(fields)
    fields.note_rest()
    return settle(Content(model, parameters, starters), fields.notes, fields.where, declared=declared)


def read_model(fields: Fields) -> str:
    model = fields.text("model").strip()
    if len(model) > MAX_MODEL:
        refuse(fields.place("model"), _("This is longer than %(limit)d characters.") % {"limit": MAX_MODEL})
    return model


def read_parameters(fields: Fields) -> dict[str, Any]:
    """Form values by name, as the inspector has them. What stands for "not set" is left out."""
    values: dict[str, Any] = {}
    for name in NUMBERS:
        values[name] = fields.number(name)
    for name in INTEGERS:
        values[name] = read_integer(fields, name)
    for name in WORDS:
        values[name] = fields.text(name) or None
    values["max_completion_tokens"] = _read_token_limit(fields)
    values["stop"] = read_stop(fields)
    values["stream"] = fields.boolean("stream")
    if reasoning := fields.fields("reasoning"):
        values["reasoning_effort"] = reasoning.text("effort") or values["reasoning_effort"]
        reasoning.note_rest()
    values |= _read_response_format(fields)
    if text := fields.fields("text"):
        values |= _read_format(text, "format")
        values["verbosity"] = text.text("verbosity") or values["verbosity"]
        text.note_rest()
    # Said again by us with each request.
    fields.ignore("stream_options")
    return {name: value for name, value in values.items() if value is not None}


def read_integer(fields: Fields, name: str) -> int | None:
    value = fields.number(name)
    if value is not None and value != int(value):
        refuse(fields.place(name), _("This must be a whole number."))
    return None if value is None else int(value)


def read_stop(fields: Fields) -> list[str] | None:
    value = fields.take("stop")
    if value is None:
        return None
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple):
        refuse(fields.place("stop"), _("This must be a text or a list of texts."))
    return [text for text in texts(found, fields.place("stop")) if text] or None


def read_tools(fields: Fields) -> None:
    """Tools are named: a preset holds none."""
    for name in ("tools", "functions"):
        for at, tool in enumerate(fields.list(name)[:MAX_SHOWN_TOOLS]):
            shown = _tool_name(tool)
            fields.note(f"{name}[{at}]", _("the tool “%(tool)s” was left out: presets have none") % {"tool": shown})


def read_variables(fields: Fields) -> dict[str, Variable]:
    """`variables`: values by name, or a list of objects. Values become defaults."""
    value = fields.take("variables")
    if isinstance(value, dict):
        return {
            name: Variable(name, default=_default(inner, f"{fields.place('variables')}.{name}", fields))
            for name, inner in value.items()
        }
    found: dict[str, Variable] = {}
    for at, row in enumerate(value if isinstance(value, list) else []):
        place = f"{fields.place('variables')}[{at}]"
        if isinstance(row, str):
            found[row] = Variable(row)
            continue
        one = Fields(row, place, fields.notes)
        name = one.first_text("name", "key")
        if not name:
            refuse(place, _("A variable needs a name."))
        default = _default(one.take("default") if one.has("default") else one.take("value"), place, fields)
        help_text = one.first_text("description", "help")
        one.ignore("type", "id", "value")
        one.note_rest()
        found[name] = Variable(name, default=default, help=help_text)
    return found


def _default(value: Any, where: str, fields: Fields) -> str:
    if isinstance(value, dict):
        if value.get("type") == "input_text":
            return as_text(value.get("text", ""), f"{where}.text")
        fields.notes.add(where, _("only texts can stand for a variable: its value was left out"))
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else as_text(value if isinstance(value, str) else short(value), where)


def _read_input(fields: Fields) -> tuple[str, tuple[Any, ...]]:
    """`instructions`, then `messages` or `input`, whichever there is."""
    parts = [fields.text("instructions")]
    starters: tuple[Any, ...] = ()
    for name in ("messages", "input"):
        value = fields.take(name)
        if value is None:
            continue
        rows = [{"role": "user", "content": value}] if name == "input" and isinstance(value, str) else value
        if not isinstance(rows, list):
            refuse(fields.place(name), _("This must be a list of messages."))
        system, more = read_messages(rows, fields.place(name), fields.notes)
        parts.append(system)
        starters += more
    return as_text("\n\n".join(part for part in parts if part), fields.where), starters


def _read_token_limit(fields: Fields) -> int | None:
    found = [value for value in [read_integer(fields, name) for name in TOKEN_LIMITS] if value is not None]
    return found[0] if found else None


def _read_response_format(fields: Fields) -> dict[str, Any]:
    if fields.take("response_format") in ("auto", "text"):  # as the assistants' API has it
        return {}
    return _read_format(fields, "response_format")


def _read_format(fields: Fields, name: str) -> dict[str, Any]:
    """`{"type": "json_schema", "json_schema": {…}}`, or the same without the inner object, as responses have it."""
    value = fields.take(name)
    if value is None:
        return {}
    one = Fields(value, fields.place(name), fields.notes)
    kind = one.text("type")
    if kind not in FORMATS:
        fields.note(name, _("is none of the formats that a preset holds: %(type)s") % {"type": short(kind)})
        return {}
    if kind != "json_schema":
        one.note_rest()
        return {"response_format": kind}
    inner = one.fields("json_schema") or one
    schema = inner.take("schema")
    if not isinstance(schema, dict):
        refuse(inner.place("schema"), _("This must be an object."))
    values: dict[str, Any] = {"response_format": kind, "json_schema": schema}
    schema_name = inner.text("name")
    if _SCHEMA_NAME.fullmatch(schema_name):
        values["json_schema_name"] = schema_name
    elif schema_name:
        inner.note("name", _("is no name that a schema may have"))
    if (strict := inner.boolean("strict")) is not None:
        values["json_schema_strict"] = strict
    inner.note_rest()
    return values


def _tool_name(tool: Any) -> str:
    if not isinstance(tool, dict):
        return short(tool)
    inner = tool.get("function")
    name = tool.get("name") or (inner.get("name") if isinstance(inner, dict) else None) or tool.get("type")
    return short(name)
