"""T27: whatever somebody writes into a log, one event stays one line, and a machine reads it back."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sqlite3

import pytest

from playground.lib import logs
from playground.lib.asgi import RequestId

HOSTILE = [
    "plain",
    "line\nfeed",
    "carriage\r\nreturn",
    '\r\n{"time":"2020-01-01T00:00:00Z","level":"info","logger":"playground.access","message":"forged"}',
    '"},{"message":"forged"}',
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "back\x08space",
    "\x00nul",
    "vertical\x0btab and form\x0cfeed",
    "file\x1cseparator, group\x1dseparator, record\x1eseparator",
    "next\x85line",
    "line\u2028separator",
    "paragraph\u2029separator",
    "right to left \u202eevil",
    "isolate \u2066\u2069",
    "half \ud83d of a character",
    "zero\u200bwidth",
    "x" * 1_000_000,
    "é" * 1_000_000,
    "\U0001f600" * 1_000_000,
    "\n" * 10_000,
    "%s %d %(name)s",
    "{0} {name!r} {",
    "\\n\\u2028\\",
    "'; DROP TABLE runs_run; --",
    "${jndi:ldap://localhost/x}",
    "<script>alert(1)</script>",
    "\ufeffmark",
    "\uffff\U0010ffff",
]


class Lines:
    """A logger of its own, and what it wrote."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(formatter)
        self.log = logging.Logger("playground.test", logging.DEBUG)  # noqa: LOG001 - out of the tree
        self.log.addHandler(handler)

    def raw(self) -> list[str]:
        text = self.stream.getvalue()
        assert text.endswith("\n")
        return text[:-1].split("\n")

    def objects(self) -> list[dict]:
        return [json.loads(line) for line in self.raw()]


@pytest.fixture
def as_json() -> Lines:
    return Lines(logs.JsonFormatter())


@pytest.fixture
def as_lines() -> Lines:
    return Lines(logs.LineFormatter())


def fail(error: Exception) -> None:
    raise error


def one_of_each(log: logging.Logger, value: str) -> None:
    """The hostile value everywhere it can get to in one event."""
    try:
        fail(ValueError(value))
    except ValueError:
        log.exception("said %s", value, extra=logs.fields(agent=value, **{"a\nb": value}))


def test_thirty_hostile_events_are_thirty_objects(as_json):
    assert len(HOSTILE) == 30
    for value in HOSTILE:
        one_of_each(as_json.log, value)
    assert len(as_json.objects()) == 30
    # Nor does a reader with other ideas of a line see more of them.
    assert len(as_json.stream.getvalue().splitlines()) == 30
    assert as_json.stream.getvalue().isascii()
    for value, entry in zip(HOSTILE, as_json.objects(), strict=True):
        assert entry["logger"] == "playground.test"
        if len(value) < 100:
            shown = value.encode("utf-8", "ignore").decode()
            assert entry["agent"].encode("utf-8", "ignore").decode() == shown
        for name in ("message", "agent", "exception"):
            assert len(entry[name].encode("utf-8", "surrogatepass")) <= logs.VALUE_BYTES


def test_thirty_hostile_events_are_thirty_lines_for_people(as_lines):
    for value in HOSTILE:
        as_lines.log.info("said %s", value)
    lines = as_lines.stream.getvalue().splitlines()
    assert len(lines) == 30
    assert all("INFO playground.test: said " in line and line.isprintable() for line in lines)


def test_a_traceback_cannot_pass_for_an_event(as_lines):
    for value in HOSTILE:
        one_of_each(as_lines.log, value)
    lines = as_lines.stream.getvalue().splitlines()
    assert len([line for line in lines if not line.startswith("    ")]) == 30


def test_without_these_formatters_the_values_do_break_lines():
    """The positive control: they bite what is not protected."""
    plain = Lines(logging.Formatter("{message}", style="{"))
    for value in HOSTILE[:20]:
        plain.log.info("said %s", value.replace("\ud83d", ""))
    assert len(plain.stream.getvalue().splitlines()) > 25


def test_an_object_says_when_how_bad_who_and_what(as_json):
    as_json.log.warning("%d runs", 3, extra=logs.fields(status=200, duration_ms=1.5, is_new=True, none=None))
    (entry,) = as_json.objects()
    assert entry["time"].endswith("Z")
    assert "T" in entry["time"]
    del entry["time"]
    assert entry == {
        "level": "warning",
        "logger": "playground.test",
        "message": "3 runs",
        "status": 200,
        "duration_ms": 1.5,
        "is_new": True,
        "none": None,
    }


def test_fields_cannot_take_the_place_of_what_every_object_has(as_json):
    as_json.log.info("true", extra=logs.fields(message="forged", level="forged", logger="forged"))
    (entry,) = as_json.objects()
    assert (entry["message"], entry["level"], entry["logger"]) == ("true", "info", "playground.test")


def test_figures_that_json_does_not_know_are_text(as_json):
    as_json.log.info("x", extra=logs.fields(a=float("nan"), b=float("inf")))
    (entry,) = as_json.objects()
    assert entry["b"] == "inf"


def test_extras_of_others_stay_out(as_json):
    as_json.log.error("Internal Server Error: /x/", extra={"request": "GET /x/?token=hunter2", "status_code": 500})
    assert "hunter2" not in as_json.stream.getvalue()


def test_arguments_that_do_not_fit_do_not_lose_the_event(as_json):
    as_json.log.info("%d of %d", *["one"])
    assert as_json.objects()[0]["message"] == "%d of %d"


@pytest.mark.parametrize("key", ["sk-proj-abcdefghij0123456789", "Bearer abcdef0123456789", "api_key=abcdef0123"])
def test_keys_are_masked_everywhere(as_json, as_lines, key):
    secret = key.removeprefix("Bearer ").removeprefix("api_key=")
    for lines in (as_json, as_lines):
        one_of_each(lines.log, key)
        assert secret not in lines.stream.getvalue()
        assert "***" in lines.stream.getvalue()


def test_of_what_an_exception_says_only_the_first_line_is_taken(as_json, as_lines):
    """PostgreSQL's second line is the row that it refused, a prompt perhaps."""
    said = "null value in column\nDETAIL:  Failing row contains (1, my secret prompt\nis long)."
    for lines in (as_json, as_lines):
        try:
            fail(sqlite3.IntegrityError(said))
        except sqlite3.IntegrityError:
            lines.log.exception("It failed")
        assert "sqlite3.IntegrityError: null value in column" in lines.stream.getvalue()
        assert "secret prompt" not in lines.stream.getvalue()


def test_the_causes_of_an_exception_are_told(as_json):
    try:
        try:
            fail(KeyError("first"))
        except KeyError as error:
            raise RuntimeError("second") from error
    except RuntimeError:
        as_json.log.exception("It failed")
    told = as_json.objects()[0]["exception"]
    assert told.index("builtins.KeyError: 'first'") < told.index("builtins.RuntimeError: second")
    assert "test_logs.py" in told


def test_a_group_tells_what_it_holds(as_json):
    try:
        fail(ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [OSError("two")])]))
    except ExceptionGroup:
        as_json.log.exception("It failed")
    told = as_json.objects()[0]["exception"]
    assert "builtins.ValueError: one" in told
    assert "builtins.OSError: two" in told


def test_a_recursion_tells_its_end(as_json):
    def again(depth: int) -> None:
        if depth == 0:
            raise ValueError("deep")
        again(depth - 1)

    try:
        again(500)
    except ValueError:
        as_json.log.exception("It failed")
    assert as_json.objects()[0]["exception"].endswith("builtins.ValueError: deep")


async def test_records_of_a_request_bear_its_id_also_in_threads(as_json):
    async def application(scope, receive, send):
        as_json.log.info("on the loop")
        await asyncio.to_thread(as_json.log.info, "in a thread")
        await asyncio.create_task(later())

    async def later():
        as_json.log.info("in a task")

    async def nowhere(message):
        pass

    scope = {"type": "http", "path": "/", "headers": [(b"x-request-id", b"given-0001")]}
    await RequestId(application)(scope, nowhere, nowhere)
    as_json.log.info("afterwards")
    entries = as_json.objects()
    assert [entry.get("request_id") for entry in entries] == ["given-0001"] * 3 + [None]


def test_lines_for_people_end_with_the_ids(as_lines):
    token = logs.run_id.set("0000")
    as_lines.log.info("x")
    logs.run_id.reset(token)
    assert as_lines.raw()[0].endswith("playground.test: x run_id=0000")
