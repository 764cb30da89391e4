"""A catalogue of translations, compiled without GNU gettext."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

MAGIC, HEADER_BYTES = 0x950412DE, 28


def write_catalogue(folder: Path, language: str, texts: Mapping[str, str]) -> None:
    """`django.mo` of `language` below `folder`, which goes into LOCALE_PATHS. The format is in gettext's manual, "MO files"."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **texts}.items())
    place = HEADER_BYTES + 16 * len(pairs)  # two tables of (length, offset), then the texts
    tables, data = [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            text = pair[column].encode()
            tables[column] += struct.pack("<II", len(text), place + len(data))
            data += text + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), HEADER_BYTES, HEADER_BYTES + 8 * len(pairs), 0, 0)
    path = folder / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(head + tables[0] + tables[1] + data)
