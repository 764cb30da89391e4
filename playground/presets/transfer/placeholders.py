"""`{{name}}` in the texts of a preset: other products' spellings brought to ours, and a variable for each name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from playground.presets.content import Content, Variable
from playground.presets.transfer.fields import Notes
from playground.presets.transfer.imported import MAX_VARIABLES

MAX_NAME = 40
# Everything between two braces on one line, bounded so that a text full of braces stays cheap.
_PLACEHOLDER = re.compile(r"\{\{([^{}\n]{1,2000})\}\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_NEARLY_A_NAME = re.compile(r"[^\W\d][\w .-]{0,79}")
# How a product writes more than a name: what stands between the braces to a variable, or None when it is only a name.
Definition = Callable[[str], Variable | None]


def _only_names(inner: str) -> Variable | None:
    return None


def settle(
    content: Content,
    notes: Notes,
    where: str,
    *,
    declared: Mapping[str, Variable] | None = None,
    define: Definition = _only_names,
) -> Content:
    """`content` with placeholders as ours, and its variables: the declared ones first, then each name that is found."""
    settling = _Settling(notes, where, dict(declared or {}), define)
    parameters = dict(content.parameters)
    if isinstance(system := parameters.get("system_prompt"), str):
        parameters["system_prompt"] = settling.text(system)
    messages = tuple(replace(message, text=settling.text(message.text)) for message in content.messages)
    return replace(content, parameters=parameters, messages=messages, variables=settling.variables())


def is_name(text: str) -> bool:
    """Whether a variable may have this name."""
    return _NAME.fullmatch(text) is not None


class _Settling:
    def __init__(self, notes: Notes, where: str, declared: dict[str, Variable], define: Definition) -> None:
        self._notes, self._where, self._define = notes, where, define
        self._found: dict[str, Variable] = {}  # by the name as the file has it
        self._declared = declared
        for name, variable in declared.items():
            self._keep(name, variable)

    def text(self, text: str) -> str:
        return _PLACEHOLDER.sub(self._replace, text)

    def variables(self) -> tuple[Variable, ...]:
        kept = tuple(self._found.values())
        if len(kept) > MAX_VARIABLES:
            self._notes.add(
                self._where, _("more than %(limit)d variables: the last ones were left out") % {"limit": MAX_VARIABLES}
            )
        return kept[:MAX_VARIABLES]

    def _replace(self, match: re.Match[str]) -> str:
        inner = match.group(1).strip()
        variable = self._define(inner)
        name = variable.name if variable else inner
        if not _NEARLY_A_NAME.fullmatch(name):
            self._notes.add(self._where, _("“%(text)s” was left as it stands") % {"text": match.group()[:80]})
            return match.group()
        if name not in self._found:
            self._keep(name, variable or Variable(name))
        return "{{" + self._found[name].name + "}}"

    def _keep(self, name: str, variable: Variable) -> None:
        ours = name if _NAME.fullmatch(name) else self._free(re.sub(r"[^A-Za-z0-9_]", "_", name)[:MAX_NAME])
        if ours != name:
            self._notes.add(
                self._where,
                _("the variable “%(old)s” is named “%(new)s” here") % {"old": name[:MAX_NAME], "new": ours},
            )
        self._found[name] = replace(variable, name=ours)

    def _free(self, wanted: str) -> str:
        if not _NAME.fullmatch(wanted):
            wanted = f"v_{wanted}"[:MAX_NAME]
        taken = {variable.name for variable in self._found.values()} | set(self._declared)
        tries = (f"{wanted[: MAX_NAME - 4]}_{number}" for number in range(2, 1000))
        return wanted if wanted not in taken else next(name for name in tries if name not in taken)
