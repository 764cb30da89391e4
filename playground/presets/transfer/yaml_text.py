"""YAML in the bounds of JSON: no aliases, no tags, no dates, bounded depth and size, and each key once.

Values mean what they look like: only `true` and `false` are booleans, and `2024-01-01`, `1:30` and `no` are texts.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from django.utils.translation import gettext as _

from playground.lib.json_input import MAX_DEPTH
from playground.presets.transfer.imported import BadImport
from playground.presets.transfer.tree import check_tree

MAX_NODES = 200_000  # five megabytes of one-letter items would keep a processor busy for half a minute
LINE_CHARS = 120

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class PlainLoader(_Loader):  # type: ignore[misc]  # the one written in C, where there is one
    """Scalars are read as JSON would: each of these patterns is also one of YAML 1.1, so that a dumper quotes the rest."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)\Z"), ["~", "n", ""])
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789")
)
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?\Z"), list("-+0123456789")
)


class PlainDumper(_Dumper):  # type: ignore[misc]
    """Writes everything out, what stands in two places too."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class LiteralDumper(PlainDumper):
    """Texts of several lines stand as they are read, behind a `|`."""


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


LiteralDumper.add_representer(str, _represent_text)


def read_yaml(text: str) -> Any:
    """The value in `text`. Raises BadImport with line and column."""
    try:
        _check_events(text)
        value = yaml.load(text, Loader=_without_repeats())  # noqa: S506 - a safe loader, made narrower
    except BadImport:
        raise
    except yaml.MarkedYAMLError as error:
        raise _located(error) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise BadImport("", _("This is not valid YAML.")) from None
    check_tree(value)
    return value


def write_yaml(value: Any) -> str:
    """`value` as YAML that reads back as the same; readable first, quoted where the readable form would not."""
    settings: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": LINE_CHARS}
    text: str = yaml.dump(value, Dumper=LiteralDumper, **settings)
    try:
        is_same = read_yaml(text) == value
    except BadImport:
        is_same = False
    return text if is_same else yaml.dump(value, Dumper=PlainDumper, sort_keys=False, width=LINE_CHARS)


def _check_events(text: str) -> None:
    """One pass without building anything: before the constructor, which recurses and follows aliases."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _at(event, _("Aliases (*name) are not taken: write the value out."))
        if getattr(event, "tag", None) and not isinstance(event, yaml.DocumentStartEvent):
            raise _at(event, _("Tags (!name) are not taken."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise _at(event, _("This is nested more than %(levels)d levels deep.") % {"levels": MAX_DEPTH})
        if nodes > MAX_NODES:
            raise _at(event, _("This has more than %(limit)d values.") % {"limit": MAX_NODES})


def _without_repeats() -> Any:
    class Loader(PlainLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            made: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, str):
                    raise _at(key_node, _("A name of a field must be a text."))
                if key in made:
                    raise _at(key_node, _("An object has the same key twice."))
                made[key] = self.construct_object(value_node, deep=True)
            return made

    Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node, deep=True))
    return Loader


def _at(marked: Any, message: str) -> BadImport:
    mark = marked.start_mark
    return BadImport("", message, mark.line + 1, mark.column + 1)


def _located(error: yaml.MarkedYAMLError) -> BadImport:
    mark = error.problem_mark or error.context_mark
    message = _("Not valid YAML: %(reason)s.") % {"reason": error.problem or "?"}
    return BadImport("", message, mark.line + 1, mark.column + 1) if mark else BadImport("", message)
