"""A table of inputs: CSV as a spreadsheet saves or copies it, its first row naming the variables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from playground.compare.sweeps.plan import MAX_COLUMNS, MAX_INPUTS

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)
MAX_CHARACTERS = 1_000_000  # of the whole table; one value has at most what the csv module takes, 131,072
_DELIMITERS = "\t;,"  # as copied from a spreadsheet; as saved where the comma is the decimal sign; as everywhere else


class BadTable(Exception):
    """`str(error)` is a sentence for the person, with the row where there is one."""


def read_table(text: str) -> tuple[dict[str, str], ...]:
    """A row for each input, {variable: value}. Empty for an empty text. Raises BadTable."""
    if len(text) > MAX_CHARACTERS:
        raise BadTable(_("The table is longer than 1,000,000 characters."))
    text = text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return ()
    rows = [row for row in _parsed(text) if any(value.strip() for value in row)]
    names = _names(rows[0])
    if len(rows) == 1:
        raise BadTable(_("The table has names but no rows."))
    if len(rows) - 1 > MAX_INPUTS:
        raise BadTable(_("The table has more than %(limit)d rows.") % {"limit": MAX_INPUTS})
    return tuple(_row(names, row, number) for number, row in enumerate(rows[1:], start=1))


def write_table(rows: Sequence[Mapping[str, str]]) -> str:
    """The text that `read_table` reads `rows` from, to be changed by hand."""
    if not rows:
        return ""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    names = list(rows[0])
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return written.getvalue()


def _parsed(text: str) -> list[list[str]]:
    head = text.split("\n", 1)[0]
    delimiter = next((one for one in _DELIMITERS if one in head), ",")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True):
            rows.append(row)
            if len(rows) > 2 * MAX_INPUTS + 2:  # empty lines count too: nobody gets to make us read a million
                break
    except csv.Error as error:
        raise BadTable(_("This is not a table that can be read: %(reason)s.") % {"reason": str(error)}) from None
    return rows


def _names(row: Sequence[str]) -> list[str]:
    names = [name.strip().removeprefix("{{").removesuffix("}}").strip() for name in row]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise BadTable(_("The table has more than %(limit)d columns.") % {"limit": MAX_COLUMNS})
    for name in names:
        if not NAME.fullmatch(name):
            raise BadTable(
                _("“%(name)s” cannot name a variable: the first row holds names of letters, digits and _.")
                % {"name": name[:60]}
            )
    if len(set(names)) < len(names):
        raise BadTable(_("Two columns have the same name."))
    return names


def _row(names: Sequence[str], row: Sequence[str], number: int) -> dict[str, str]:
    values = list(row)
    while len(values) > len(names) and not values[-1].strip():
        values.pop()
    if len(values) > len(names):
        raise BadTable(_("Row %(row)d has more values than there are names.") % {"row": number})
    if any("\0" in value for value in values):
        raise BadTable(_("Row %(row)d holds a NUL character.") % {"row": number})
    return dict(zip(names, [*values, *[""] * (len(names) - len(values))], strict=True))
