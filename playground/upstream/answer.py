"""Reads a 200 reply, whatever its Content-Type says: a stream of events, one JSON body, or something else."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from playground.lib.sentences import Sentence
from playground.upstream.chunks import Answer, joined
from playground.upstream.errors import BadReply, CutOff, UpstreamError
from playground.upstream.exchange import Exchange
from playground.upstream.parts import parse_json
from playground.upstream.redact import kept, shown, title_of
from playground.upstream.sse import BOM, SSEDecoder, TooLongError
from playground.upstream.types import UpstreamEvent

_TITLE_CHARS = 200  # of a web page; the whole message has at most 300
_PAGE_BYTES = 64 * 1024  # of a page that is no answer; enough for its title


async def open_answer(exchange: Exchange, answer: Answer) -> AsyncGenerator[UpstreamEvent, None]:
    """Look at the first bytes, and return the reader of the events. It raises UpstreamError after what came before."""
    head = b""
    while not (start := head.removeprefix(BOM).lstrip()) or BOM.startswith(head):
        data = await exchange.read()
        if not data:
            break
        # Blank lines mean nothing before the first event: keep the head short however many come.
        head = (head + data).lstrip() or b"\n"
    if start[:1] in {b"{", b"["}:
        return _read_json(exchange, answer, head)
    if start[:1] == b"<":
        raise await _page(exchange, answer, head)
    return _read_stream(exchange, answer, head)


async def _read_stream(exchange: Exchange, answer: Answer, head: bytes) -> AsyncGenerator[UpstreamEvent, None]:
    decoder = SSEDecoder(exchange.limits.line_bytes)
    clocks = exchange.clocks
    read = exchange.read
    data = head
    seen = 0
    while data:
        out: list[Any] = []
        failed = _feed(decoder, answer, data, out)
        if answer.outputs != seen:
            seen = answer.outputs
            clocks.output()
        for event in joined(out):
            yield event
        if failed:
            raise failed
        if answer.is_done:
            break
        data = await _read_or_end(exchange, answer) if seen or answer.has_begun else await read()
    out = []
    failed = None if answer.is_done else _flush(decoder, answer, out)
    try:
        completed = None if failed else answer.finish(out)
    except UpstreamError as error:
        completed, failed = None, _nothing_like_it(head, answer) if not answer.has_begun and head.strip() else error
    for event in joined(out):
        yield event
    if completed is None:
        raise failed or CutOff(message="The answer was cut off.")
    if answer.is_done:
        await exchange.drain()
    yield completed


async def _read_or_end(exchange: Exchange, answer: Answer) -> bytes:
    """The next bytes. A connection that breaks after the finish reason lost nothing that counts."""
    try:
        return await exchange.read()
    except CutOff:
        if answer.is_finished:
            return b""
        raise


def _feed(decoder: SSEDecoder, answer: Answer, data: bytes, out: list[Any]) -> UpstreamError | None:
    """Decode one read into `out`. Returns the error that ends the answer, so that what came before it is not lost."""
    try:
        for name, payload in decoder.feed(data):
            answer.feed(name, payload, out)
            if answer.is_done:
                return None
    except TooLongError:
        return BadReply(message="The server sent a line longer than we accept.", code="line_too_long")
    except UpstreamError as error:
        return error
    return None


def _flush(decoder: SSEDecoder, answer: Answer, out: list[Any]) -> UpstreamError | None:
    """At the end of the input a pending event counts if it is whole; half of one is no error of its own."""
    try:
        for name, payload in decoder.flush():
            answer.feed(name, payload, out)
    except BadReply:
        return None
    except UpstreamError as error:
        return error
    return None


def _nothing_like_it(head: bytes, answer: Answer) -> UpstreamError:
    """The input was over without one event."""
    message = "The server answered with something that is not an answer of this API."
    return BadReply(message=message, code="not_an_answer", raw=kept(head, answer.secrets))


async def _read_json(exchange: Exchange, answer: Answer, head: bytes) -> AsyncGenerator[UpstreamEvent, None]:
    body = head + await exchange.read_all(exchange.limits.answer_bytes)
    try:
        payload = parse_json(body.strip().removeprefix(BOM))
    except ValueError as error:
        message = "The server answered with JSON that cannot be read."
        raise BadReply(message=message, code="bad_json", raw=kept(body, answer.secrets)) from error
    out: list[Any] = []
    answer.add(payload, out)
    completed = answer.finish(out, is_whole=True)
    for event in joined(out):
        yield event
    yield completed


async def _page(exchange: Exchange, answer: Answer, head: bytes) -> BadReply:
    body = (head + await exchange.read_all(_PAGE_BYTES, is_cut=True))[:_PAGE_BYTES]
    title = shown(title_of(body.decode("utf-8", "replace")), answer.secrets)[:_TITLE_CHARS]
    message = Sentence("The server answered with a web page instead of an answer: %(title)s", title=title)
    return BadReply(message=message, code="not_an_answer", raw=kept(body, answer.secrets))
