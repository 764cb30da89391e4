"""Files of the folder beside this one, and what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playground.presets.transfer.imported import Imported
from playground.presets.transfer.reading import Reading, read_import

FILES = Path(__file__).with_name("files")


def read_file(name: str, format_key: str = "") -> Reading:
    return read_import((FILES / name).read_bytes(), format_key)


def read(value: Any, format_key: str = "") -> Reading:
    """`value` as a pasted text, or as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    return read_import(text.encode("utf-8", "surrogatepass"), format_key)


def only(reading: Reading) -> Imported:
    assert len(reading.presets) == 1
    return reading.presets[0]


def noted(preset: Imported) -> dict[str, str]:
    """What was not understood, by place; the last of two at one place."""
    return {note.where: note.text for note in preset.notes}
