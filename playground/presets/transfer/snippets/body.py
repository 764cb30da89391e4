"""The body of a request as text: JSON, or an object literal as code has it."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from playground.lib.json_input import BadJson, read_json
from playground.presets.transfer.imported import BadImport


def parse_body(text: str) -> Any:
    """The JSON value in `text`. Raises BadImport with line and column."""
    try:
        return read_json(text.encode("utf-8", "surrogatepass"))
    except BadJson as error:
        raise located(text, str(error)) from None


def located(text: str, message: str) -> BadImport:
    """Why `text` is no JSON that we take, with the place when the grammar is broken."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return BadImport("", _("Not valid JSON: %(reason)s.") % {"reason": error.msg}, error.lineno, error.colno)
    except (ValueError, RecursionError):
        pass
    return BadImport("", message)
