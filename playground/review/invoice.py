"""A provider's invoice as a CSV file: read for one comparison, and kept nowhere. Every cell of it is hostile text."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from playground.review.invoice_columns import FIGURES, TOKENS, places_of, plain
from playground.review.numbers import NotANumber, read_dollars, read_tokens

MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 100_000
MOST_MODELS = 2000
MOST_PROBLEMS = 25  # that are shown
MOST_NAME_CHARS = 250
DELIMITERS = ",;\t|"
_DOLLARS = {"", "usd", "us$", "$"}
_TOTALS = {"total", "totals", "sum", "subtotal", "grand_total"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-\d{2})?", re.ASCII)
_UNIX_SECONDS = re.compile(r"\d{9,10}", re.ASCII)


class UnreadableInvoice(Exception):
    """Nothing in the file can be compared. `str(error)` is a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that could not be read, and why."""

    line: int
    text: str


@dataclass(slots=True)
class Billed:
    """What the invoice says of one model; None where it has no such column."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    amount: Decimal | None = None

    def add(self, figures: dict[str, Any]) -> None:
        for name, value in figures.items():
            setattr(self, name, (getattr(self, name) or 0) + value)


@dataclass(slots=True)
class Invoice:
    """All that was read, by the names of models as they stand in the file."""

    columns: tuple[str, ...] = ()  # which of FIGURES the file has
    models: dict[str, Billed] = field(default_factory=dict)
    lines: int = 0  # that were added up
    other_months: int = 0
    totals: int = 0  # lines with sums, left out
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def complain(self, line: int, text: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(line, text))


def read_invoice(content: bytes, month: datetime.date) -> Invoice:
    """The lines of `content` that are of `month` or of no date. UnreadableInvoice when nothing can be made of it."""
    if len(content) > MOST_BYTES:
        raise UnreadableInvoice(_("The file is larger than %(size)d MB.") % {"size": MOST_BYTES // 1024**2})
    text = _decode(content)
    delimiter = _delimiter_of(text)
    rows = _rows(text, delimiter)
    header_line, header = next(((line, cells) for line, cells in rows if any(map(str.strip, cells))), (0, []))
    places = places_of(header)
    columns = tuple(name for name in FIGURES if name in places)
    if "model" not in places or not columns:
        raise UnreadableInvoice(
            _("Line %(line)d names no columns that we know: one for the model is needed, and one for tokens or cost.")
            % {"line": header_line}
        )
    invoice = Invoice(columns=columns)
    reader = _Reader(invoice, places, month, header[places["model"]], has_decimal_comma=delimiter == ";")
    for line, cells in rows:
        if line - header_line > MOST_LINES:
            raise UnreadableInvoice(_("The file has more than %(count)d lines.") % {"count": MOST_LINES})
        reader.take(line, cells)
    return invoice


def _decode(content: bytes) -> str:
    """UTF-8 or, with its mark, UTF-16, as spreadsheets write it; else as Western Europe's, where no byte is refused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter_of(text: str) -> str:
    """What stands most often in the first line that has anything."""
    first = text.lstrip()[:10_000].partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells. A row that `csv` cannot read comes without cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            yield reader.line_num + 1, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, []


class _Reader:
    """Adds rows to an invoice, or says what is wrong with them."""

    def __init__(
        self, invoice: Invoice, places: dict[str, int], month: datetime.date, title: str, *, has_decimal_comma: bool
    ) -> None:
        self.invoice, self.places, self.month = invoice, places, month
        self.is_line_item = plain(title) == "line_item"
        self.has_decimal_comma = has_decimal_comma

    def take(self, line: int, cells: Sequence[str]) -> None:
        if not any(map(str.strip, cells)):
            return
        model = self._model(cells)
        if plain(model) in _TOTALS:
            self.invoice.totals += 1
        elif self._is_of_another_month(cells):
            self.invoice.other_months += 1
        elif problem := self._problem(model, cells):
            self.invoice.complain(line, problem)
        else:
            self._add(line, model, cells)

    def _model(self, cells: Sequence[str]) -> str:
        name = _CONTROL.sub(" ", self._cell(cells, "model")).strip()
        if self.is_line_item:  # "gpt-4.1-2025-04-14, cached input"
            name = name.partition(",")[0].strip()
        return name[:MOST_NAME_CHARS]

    def _problem(self, model: str, cells: Sequence[str]) -> str:
        if not model:
            return _("no model")
        if plain(self._cell(cells, "currency")) not in _DOLLARS:
            return _("another currency than US dollars")
        if model not in self.invoice.models and len(self.invoice.models) >= MOST_MODELS:
            return _("more than %(count)d models") % {"count": MOST_MODELS}
        return ""

    def _add(self, line: int, model: str, cells: Sequence[str]) -> None:
        figures: dict[str, Any] = {}
        for name in self.invoice.columns:
            cell = self._cell(cells, name)
            if not cell:
                continue
            read = read_tokens if name in TOKENS else read_dollars
            try:
                figures[name] = read(cell, has_decimal_comma=self.has_decimal_comma)
            except NotANumber:
                shown = _CONTROL.sub(" ", cell)[:40]
                self.invoice.complain(line, _("“%(cell)s” is no figure that we read") % {"cell": shown})
                return
        if not figures:
            self.invoice.complain(line, _("no figures"))
            return
        self.invoice.models.setdefault(model, Billed()).add(figures)
        self.invoice.lines += 1

    def _is_of_another_month(self, cells: Sequence[str]) -> bool:
        cell = self._cell(cells, "day")
        if found := _DAY.match(cell):
            return (int(found[1]), int(found[2])) != (self.month.year, self.month.month)
        if _UNIX_SECONDS.fullmatch(cell):
            day = datetime.datetime.fromtimestamp(int(cell), datetime.UTC)
            return (day.year, day.month) != (self.month.year, self.month.month)
        return False

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self.places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""
