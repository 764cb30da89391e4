"""CSV as RFC 4180 has it, streamed, and no cell of it is a formula in anybody's spreadsheet.

It begins with a byte order mark: without one, the spreadsheet that most people open such a file with takes UTF-8 for the code
page of their country. Programs skip it by the encoding "utf-8-sig".
"""

from __future__ import annotations

import csv
import datetime
import io
import math
import re
import unicodedata
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from playground.lib.threads import database_step
from playground.lib.turns import turns

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_FORMULA = "=+-@"
_STRAY = "\t\r\n\0"
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})  # categories of spaces, controls and marks that nobody sees
_NO_NAME_CHARACTER = re.compile(r"[^A-Za-z0-9._-]")
_END: Final = object()


def guard(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet could take it for a formula: OWASP ASVS 5.0, 1.2.10.

    What counts is the first character that is seen; its full-width and small forms count as it does.
    """
    if not text:
        return text
    first = next((character for character in text if unicodedata.category(character) not in _UNSEEN), "")
    is_formula = unicodedata.normalize("NFKC", first)[:1] in _FORMULA if first else False
    return f"'{text}" if is_formula or text[0] in _STRAY else text


def cell(value: Any) -> str:
    """A value as it stands in a cell: numbers stay numbers, times are ISO 8601 in UTC, nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)) and math.isfinite(value):
        return f"{value:f}" if isinstance(value, Decimal) else repr(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    return guard(str(value))


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as lines that end with CR and LF."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def csv_response(name: str, head: Sequence[str], batches: Iterator[Sequence[Sequence[Any]]]) -> StreamingHttpResponse:
    """A file to be saved under `name`. `batches` gives some rows at a time, and is asked for more only when those are sent."""

    async def parts() -> AsyncIterator[bytes]:
        yield (BOM + lines([head])).encode()
        async for rows in pull(batches):
            yield lines(rows).encode()

    return file_response(name, "text/csv; charset=utf-8", parts())


def file_response(name: str, content_type: str, parts: AsyncIterator[bytes]) -> StreamingHttpResponse:
    """A streamed file, kept by no cache."""
    response = StreamingHttpResponse(parts, content_type=content_type)
    safe = _NO_NAME_CHARACTER.sub("-", name)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=safe) or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def pull(batches: Iterator[Any]) -> AsyncIterator[Any]:
    """What an iterator that asks the database gives, step by step in the request's thread, each in a turn of its own."""
    while (batch := await sync_to_async(_next, thread_sensitive=True)(batches)) is not _END:
        yield batch


def _next(batches: Iterator[Any]) -> Any:
    turns.take()
    try:
        return database_step(next, batches, _END)
    finally:
        turns.give()
