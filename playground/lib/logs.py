"""Log records as lines: one event is one line whatever it says, as text for people or as a JSON object for machines.

A record knows the request and the run that it belongs to by two context variables, which asgiref and asyncio carry along.
What else a line shall say in fields of its own comes by `extra=fields(...)`; other extras, such as Django's whole request, stay
out. No value is longer than 2 kB, none holds a key, and of an exception only the first line of what it says is taken: a
database puts the row that it refused into the second.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from playground.lib.keys import mask_keys

VALUE_BYTES = 2048
SAID_CHARS = 300  # of what an exception says
FRAMES = 30  # of a traceback, the innermost; a recursion has a thousand
INNER = 5  # exceptions of a group

request_id: ContextVar[str] = ContextVar("request_id", default="")
run_id: ContextVar[str] = ContextVar("run_id", default="")


def fields(**values: Any) -> dict[str, Any]:
    """For `extra=`: values that a JSON line holds under their own names. Text, numbers, True, False or None."""
    return {"fields": values}


class JsonFormatter(logging.Formatter):
    """One JSON object, in ASCII: no reader of lines finds an end of line in it."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": cut(record.name),
            "message": _message(record),
        }
        entry |= _ids()
        for name, value in getattr(record, "fields", {}).items():
            entry.setdefault(name, _plain(value))
        if error := _error(record):
            entry["exception"] = cut_front(exception_text(error, with_source=False))
        return json.dumps(entry, allow_nan=False)


class LineFormatter(logging.Formatter):
    """One line for people. Only a traceback takes more of them, each behind four spaces."""

    def format(self, record: logging.LogRecord) -> str:
        ids = "".join(f" {name}={value}" for name, value in _ids().items())
        line = f"{_time(record)} {record.levelname} {escape(record.name)}: {escape(_message(record))}{escape(ids)}"
        if error := _error(record):
            shown = exception_text(error, with_source=True).split("\n")
            line = "\n    ".join([line, *map(escape, shown)])
        return line


def cut(text: str) -> str:
    """At most 2 kB of UTF-8, from the beginning."""
    data = text[: VALUE_BYTES + 1].encode("utf-8", "surrogatepass")
    return text if len(data) <= VALUE_BYTES else data[: VALUE_BYTES - 3].decode("utf-8", "ignore") + "…"


def cut_front(text: str) -> str:
    """At most 2 kB of UTF-8, from the end: that is where a traceback says what happened."""
    data = text[-VALUE_BYTES - 1 :].encode("utf-8", "surrogatepass")
    return text if len(data) <= VALUE_BYTES else "…" + data[3 - VALUE_BYTES :].decode("utf-8", "ignore")


def escape(text: str) -> str:
    """`text` with all that could break, colour or turn around a line written as `\\x1b` or `\\u2028`."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _code(ord(c)) for c in text)


def exception_text(error: BaseException, *, with_source: bool) -> str:
    """Where it was raised and the first line of what it says, after those that caused it."""
    return "\n".join(_told(error, set(), with_source=with_source))


def take_over() -> None:
    """Let what Python itself would print in several lines be log records: warnings, and exceptions that nobody caught."""
    logging.captureWarnings(capture=True)
    log = logging.getLogger("python")

    def uncaught(kind: type[BaseException], error: BaseException, tb: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            log.critical("Nobody caught an exception", exc_info=(kind, error, tb))
        else:
            sys.__excepthook__(kind, error, tb)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and issubclass(args.exc_type, Exception):
            log.critical("A thread ended by an exception", exc_info=args.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = lambda args: log.error("An exception was ignored", exc_info=args.exc_value)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit; a log that fails would print a traceback of its own
        text = str(record.msg)
    return cut(mask_keys(cut(text)))


def _ids() -> dict[str, str]:
    known = {"request_id": request_id.get(), "run_id": run_id.get()}
    return {name: cut(value) for name, value in known.items() if value}


def _plain(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    return cut(mask_keys(cut(str(value))))


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _told(error: BaseException, seen: set[int], *, with_source: bool) -> list[str]:
    seen.add(id(error))
    told: list[str] = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    inner = error.exceptions[:INNER] if isinstance(error, BaseExceptionGroup) else ()
    for other in (before, *inner):
        if other is not None and id(other) not in seen:
            told += [*_told(other, seen, with_source=with_source), ""]
    told += _frames(error.__traceback__, with_source=with_source)
    return [*told, f"{type(error).__module__}.{type(error).__qualname__}: {_said(error)}"]


def _frames(tb: TracebackType | None, *, with_source: bool) -> list[str]:
    stack = traceback.StackSummary.extract(traceback.walk_tb(tb), lookup_lines=with_source)[-FRAMES:]
    lines = []
    for frame in stack:
        lines.append(f"{frame.filename}:{frame.lineno} in {frame.name}")
        if with_source and frame.line:
            lines.append(f"    {frame.line}")
    return lines


def _said(error: BaseException) -> str:
    try:
        first = (str(error).splitlines() or [""])[0]
    except Exception:  # noqa: BLE001 - whatever another's __str__ raises
        return "(it cannot be shown)"
    return mask_keys(first[:SAID_CHARS])


def _code(number: int) -> str:
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
