"""Bytes of a file, or a pasted text, to the presets in it. Pure: knows neither database nor request.

The format is told by its marks, or given. Whatever is wrong is a `BadImport` with its place; nothing is then imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.lib.json_input import BadJson, is_storable, read_json
from playground.presets.transfer.fields import Fields, Notes
from playground.presets.transfer.formats import FORMATS, openai, recognise
from playground.presets.transfer.formats.common import make_imported
from playground.presets.transfer.imported import MAX_BYTES, MAX_IMAGES, BadImport, Imported, VersionDraft, refuse
from playground.presets.transfer.request import read_request
from playground.presets.transfer.snippets.body import located
from playground.presets.transfer.snippets.curl import is_curl, read_curl
from playground.presets.transfer.snippets.javascript import is_javascript, read_javascript, read_literal
from playground.presets.transfer.snippets.python import is_python, read_python
from playground.presets.transfer.snippets.values import without_unknown
from playground.presets.transfer.tree import check_tree
from playground.presets.transfer.yaml_text import read_yaml

CURL, PYTHON, JAVASCRIPT = "curl", "python", "javascript"
SNIPPETS: dict[str, str | Promise] = {
    CURL: gettext_lazy("curl command"),
    PYTHON: gettext_lazy("Python call"),
    JAVASCRIPT: gettext_lazy("JavaScript call"),
}
TITLES: dict[str, str | Promise] = {**{one.key: one.title for one in FORMATS}, **SNIPPETS}
# What a file begins with that is no text, whatever its name says.
ARCHIVES = {b"PK\x03\x04": "ZIP", b"PK\x05\x06": "ZIP", b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z", b"Rar!": "RAR"}
# Code with a mistake in it is still Python: the mistake is then told with its line.
_PYTHON_IMPORT = re.compile(r"^(?:from \w[\w.]* import |import [\w., ]+$)", re.MULTILINE)
_FENCE = re.compile(r"\A\s*```[\w+-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """`format` is a key of TITLES."""

    format: str
    presets: list[Imported]


def read_import(data: bytes, format_key: str = "") -> Reading:
    """What is in the file or paste. Raises BadImport. Takes a second or two for the largest and oddest files."""
    text = _text_of(data)
    reading = _read_snippet(text, format_key) or _read_data(text, format_key)
    pictures = {
        picture.url
        for preset in reading.presets
        for version in preset.versions
        for message in version.content.messages
        for picture in message.images
        if picture.url.startswith("data:")
    }
    if len(pictures) > MAX_IMAGES:
        refuse("", _("There are more than %(limit)d images.") % {"limit": MAX_IMAGES})
    return reading


def _text_of(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        refuse("", _("This is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2})
    for mark, name in ARCHIVES.items():
        if data.startswith(mark):
            refuse("", _("This is a %(name)s archive. Unpack it and choose the file inside.") % {"name": name})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadImport("", _("This is not text in UTF-8."), line) from None
    if not is_storable(text):
        raise BadImport(
            "", _("There is a NUL character in it: this is no text file."), text.count("\n", 0, text.find("\0")) + 1
        )
    text = text.replace("\r\n", "\n")
    if not text.strip():
        refuse("", _("There is nothing in it."))
    fenced = _FENCE.match(text)
    return fenced.group(1) if fenced else text


def _read_snippet(text: str, format_key: str) -> Reading | None:
    """None for what is no code."""
    key = format_key or _snippet_of(text)
    notes = Notes()
    if key == CURL:
        values: Any = read_curl(text, notes)
    elif key == PYTHON:
        values = without_unknown(read_python(text, notes), "", notes)
    elif key == JAVASCRIPT:
        values = without_unknown(read_javascript(text), "", notes)
    else:
        return None
    check_tree(values)
    content = read_request(Fields(values, "", notes))
    return Reading(key, [make_imported(name="", versions=[VersionDraft(content)], notes=notes)])


def _snippet_of(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        return ""
    if is_curl(text):
        return CURL
    if (
        ".create" not in text
        and ".parse" not in text
        and ".stream" not in text
        and "post(" not in text
        and "fetch(" not in text
    ):
        return ""
    if is_python(text) or _PYTHON_IMPORT.search(text):
        return PYTHON
    if is_javascript(text):
        return JAVASCRIPT
    return ""


def _read_data(text: str, format_key: str) -> Reading:
    data = _parse(text)
    chosen = next((one for one in FORMATS if one.key == format_key), None) or recognise(data)
    if chosen is None:
        refuse("", _("This is none of the formats that are understood. If it is, choose which one."))
    return Reading(chosen.key, chosen.read(data))


def _parse(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return read_yaml(text)
    try:
        return read_json(text.encode("utf-8", "surrogatepass"))
    except BadJson as error:
        literal = _object_literal(text)
        if literal is not None:
            return literal
        raise located(text, str(error)) from None


def _object_literal(text: str) -> Any:
    """A request body as code has it, with keys without quotes; None for anything else that is not JSON."""
    try:
        value = read_literal(text)
        check_tree(value)
    except BadImport:
        return None
    return value if isinstance(value, dict) and openai.recognises(value) else None
