"""What a preset may hold: sizes, roles, names of variables. What its model makes of it is said elsewhere (flags.py)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from playground.catalog.problems import Problem
from playground.lib.json_input import BadJson, read_json
from playground.lib.numbers import number
from playground.presets.content import ROLES, VARIABLE_TYPES, Content, Picture, Starter, Variable
from playground.presets.errors import InvalidPreset
from playground.presets.variables import NAME, value_problem

MAX_BYTES = 256 * 1024  # of all texts together, as JSON
MAX_MESSAGES = 50
MAX_VARIABLES = 50
MAX_PARAMETERS = 100
MAX_IMAGES = 50  # in all messages together
MAX_OPTIONS = 100
MAX_HELP_CHARS = 500
MAX_OPTION_CHARS = 500
MAX_MODEL_CHARS = 261  # the slug of a provider, a slash, and the name of a model
MAX_PICTURE_CHARS = 2000  # of an address; names and descriptions are shorter
DETAILS = ("auto", "low", "high")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_HASH = re.compile(r"[0-9a-f]{64}")


def check(content: Content) -> Content:
    """`content` as it is stored: line ends of Unix, names stripped. Raises InvalidPreset with everything that is wrong."""
    clean = _normal(content)
    problems = [*_sizes(clean), *_parameters(clean), *_messages(clean), *_variables(clean)]
    if problems:
        raise InvalidPreset(problems)
    return clean


def _normal(content: Content) -> Content:
    parameters = {
        name: _lines(value) if isinstance(value, str) else value
        for name, value in content.parameters.items()
        if value not in (None, "", [])  # unset, as in forms
    }
    messages = tuple(replace(one, text=_lines(one.text), images=tuple(one.images)) for one in content.messages)
    variables = tuple(
        replace(one, name=one.name.strip(), default=_lines(one.default), options=_options(one))
        for one in content.variables
    )
    return Content(content.model.strip(), parameters, messages, variables)


def _options(variable: Variable) -> tuple[str, ...]:
    """Only a choice has options; each once, in their order."""
    if variable.type != "choice":
        return ()
    return tuple(dict.fromkeys(option.strip() for option in variable.options if option.strip()))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sizes(content: Content) -> Iterator[Problem]:
    try:
        # Whatever JSON cannot carry or a database may refuse, wherever it stands: NaN, NUL, halves of surrogate pairs.
        read_json(json.dumps(content.as_json()).encode())
    except (BadJson, TypeError, ValueError, RecursionError) as error:
        message = str(error) if isinstance(error, BadJson) else _("A parameter holds what JSON cannot carry.")
        yield Problem("content", message)
        return
    if len(json.dumps(content.as_json(), ensure_ascii=False).encode()) > MAX_BYTES:
        yield Problem("content", _("A preset holds at most 256 KB of text in all."))
    if len(content.model) > MAX_MODEL_CHARS or not content.model.isprintable():
        yield Problem("model", _("This is not the name of a model."))
    for field, count, most, message in (
        ("messages", len(content.messages), MAX_MESSAGES, _("A preset holds at most %(most)s messages.")),
        ("variables", len(content.variables), MAX_VARIABLES, _("A preset has at most %(most)s variables.")),
        ("parameters", len(content.parameters), MAX_PARAMETERS, _("A preset has at most %(most)s parameters.")),
        (
            "messages",
            sum(len(one.images) for one in content.messages),
            MAX_IMAGES,
            _("A preset holds at most %(most)s images."),
        ),
    ):
        if count > most:
            yield Problem(field, message % {"most": number(most)})


def _parameters(content: Content) -> Iterator[Problem]:
    for name, value in content.parameters.items():
        if not _PARAMETER.fullmatch(name):
            yield Problem("parameters", _("“%(name)s” is not the name of a parameter.") % {"name": name[:80]})
        elif name == "system_prompt" and not isinstance(value, str):
            yield Problem("parameters.system_prompt", _("The system prompt is a text."))


def _messages(content: Content) -> Iterator[Problem]:
    for position, starter in enumerate(content.messages):
        field = f"messages.{position}"
        if starter.role not in ROLES:
            yield Problem(f"{field}.role", _("A message is of the user or of the assistant."))
        if not starter.text.strip() and not starter.images:
            yield Problem(f"{field}.text", _("Message %(number)s is empty.") % {"number": position + 1})
        if starter.role == "assistant" and starter.images:
            yield Problem(f"{field}.images", _("Only messages of the user carry images."))
        yield from _pictures(starter, field)


def _pictures(starter: Starter, field: str) -> Iterator[Problem]:
    for position, picture in enumerate(starter.images):
        if bool(picture.sha256) == bool(picture.url) or not _is_good(picture):
            yield Problem(f"{field}.images.{position}", _("This image is neither stored here nor at a web address."))
        if picture.detail not in DETAILS:
            yield Problem(f"{field}.images.{position}", _("The detail of an image is auto, low or high."))


def _is_good(picture: Picture) -> bool:
    if max(len(picture.url), len(picture.name), len(picture.alt)) > MAX_PICTURE_CHARS:
        return False
    if picture.sha256:
        return bool(_HASH.fullmatch(picture.sha256))
    try:
        parts = urlsplit(picture.url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _variables(content: Content) -> Iterator[Problem]:
    names = [variable.name for variable in content.variables]
    for position, variable in enumerate(content.variables):
        field, facts = f"variables.{position}", {"name": variable.name[:40] or str(position + 1)}
        if not NAME.fullmatch(variable.name):
            message = _("“%(name)s” is not a name for a variable: take letters, digits and _, at most 40.")
            yield Problem(f"{field}.name", message % facts)
        elif names.index(variable.name) != position:
            yield Problem(f"{field}.name", _("There are two variables of the name “%(name)s”.") % facts)
        yield from _typed(variable, field, facts)


def _typed(variable: Variable, field: str, facts: dict[str, str]) -> Iterator[Problem]:
    if variable.type not in VARIABLE_TYPES:
        yield Problem(f"{field}.type", _("“%(name)s” has a type that we do not know.") % facts)
        return
    if len(variable.help) > MAX_HELP_CHARS:
        yield Problem(f"{field}.help", _("The help of “%(name)s” is longer than 500 characters.") % facts)
    if variable.type == "choice" and not variable.options:
        yield Problem(f"{field}.options", _("“%(name)s” is a choice and needs options.") % facts)
    if len(variable.options) > MAX_OPTIONS or any(len(option) > MAX_OPTION_CHARS for option in variable.options):
        yield Problem(f"{field}.options", _("“%(name)s” has more than 100 options, or one that is too long.") % facts)
    elif variable.default.strip() and (message := value_problem(variable, variable.default.strip())):
        yield Problem(f"{field}.default", _("Its default: %(message)s") % {"message": message})
