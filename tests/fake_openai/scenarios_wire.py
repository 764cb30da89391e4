"""Streams that hurt: cuts, stalls, floods, bombs, redirects."""

from __future__ import annotations

import functools
import itertools
import zlib
from collections.abc import Callable, Iterable

from tests.fake_openai.asked import Request
from tests.fake_openai.frames import DONE, Chunks, pieces_of
from tests.fake_openai.reply import STREAM_HEADERS, Reply
from tests.fake_openai.scenarios import add
from tests.fake_openai.script import End, Framing, Head, Piece, Step, Wait

MIB = 1024 * 1024
WORDS = "It was going so well until"


def _add(name: str, about: str, play: Callable[[Request, Chunks], Iterable[Step]]) -> None:
    add(name, about, lambda: Reply(lambda request: play(request, Chunks(request.model))))


def _begin(chunks: Chunks) -> Iterable[Step]:
    yield Head(200, STREAM_HEADERS)
    yield chunks.role()


def _started(chunks: Chunks, words: str = WORDS) -> Iterable[Step]:
    yield from _begin(chunks)
    yield from (Piece(chunks.text(piece)) for piece in pieces_of(words))


_add("cut", "the connection closes in the middle", lambda r, c: [*_started(c), End.CUT])
_add("cut-clean", "the stream ends in the middle, politely", lambda r, c: _started(c))
_add("cut-first", "closed after the headers", lambda r, c: [Head(200, STREAM_HEADERS), End.CUT])
_add("cut-headers", "closed before any answer", lambda r, c: [End.CUT])
_add("reset", "reset in the middle", lambda r, c: [*_started(c), Wait(0.05), End.RESET])
_add("reset-headers", "reset before any answer", lambda r, c: [End.RESET])
_add("stall", "nothing more after some words", lambda r, c: [*_started(c), End.STALL])
_add("stall-first", "200, then nothing", lambda r, c: [Head(200, STREAM_HEADERS), End.STALL])
_add("stall-role", "a role chunk, then nothing", lambda r, c: [*_begin(c), End.STALL])
_add("stall-headers", "not even a status line", lambda r, c: [End.STALL])
_add("slow-first", "three seconds to the first token", lambda r, c: [*_begin(c), Wait(3), *_rest(c)])
_add("drip", "one byte every 50 ms", lambda r, c: [Head(200, STREAM_HEADERS), *_drip(b"".join(_body(c)))])
_add("slow", "one token a second", lambda r, c: [*_begin(c), *_rest(c, pause=1)])
_add("endless", "never ends, as fast as it can", lambda r, c: itertools.chain(_begin(c), _words(c, 0)))
_add("endless-slow", "never ends, at 50 tokens/s", lambda r, c: itertools.chain(_begin(c), _words(c, 0.02)))
_add("comments-only", "comments for ever", lambda r, c: itertools.chain(_begin(c), _comments(0.05)))
_add("comments-flood", "comments for ever, as fast as it can", lambda r, c: itertools.chain(_begin(c), _comments(0)))
_add("empty-deltas", "chunks without text for ever", lambda r, c: itertools.chain(_begin(c), _empty(c)))
_add("giant-line", "a line of 300 MB", lambda r, c: itertools.chain(_begin(c), [b"data: "], [b"x" * MIB] * 300))
_add("giant-json", "a JSON body of 300 MB", lambda r, c: itertools.chain(
    [Head(200, {"Content-Type": "application/json"}), b'{"a":"'], [b"x" * MIB] * 300))  # fmt: skip
_add("giant-error", "500 with a body of 300 MB", lambda r, c: itertools.chain(
    [Head(500, {"Content-Type": "text/plain"})], [b"x" * MIB] * 300))  # fmt: skip
_add("giant-chunk", "one chunk of 900 KB of text", lambda r, c: [*_begin(c), c.text("word " * 180_000), *_rest(c)])
_add("many-data", "one event of endless data lines", lambda r, c: itertools.chain(
    _begin(c), itertools.repeat(b"data: x\n" * 8192)))  # fmt: skip
_add("gzip-bomb", "a gzip body that grows to 1 GB", lambda r, c: [
    Head(200, STREAM_HEADERS | {"Content-Encoding": "gzip"}), _bomb()])  # fmt: skip
_add("gzip-error", "a gzip error body that grows to 1 GB", lambda r, c: [
    Head(500, {"Content-Encoding": "gzip"}), _bomb()])  # fmt: skip
_add("header-flood", "200 KB of headers", lambda r, c: [
    Head(200, STREAM_HEADERS | {f"X-Flood-{n}": "y" * 200 for n in range(1000)}), *_body(c)])  # fmt: skip
_add(
    "header-line",
    "one header of 200 KB",
    lambda r, c: [Head(200, STREAM_HEADERS | {"X-Flood": "y" * 200_000}), *_body(c)],
)
_add("redirect", "307 to another origin", lambda r, c: [
    Head(307, {"Location": "http://localhost:9/v1/chat/completions"}, Framing.LENGTH), b""])  # fmt: skip
_add("redirect-same", "308 to the same origin", lambda r, c: [Head(308, {"Location": "/v2/x"}, Framing.LENGTH), b""])
_add("close-framed", "the end of the connection ends the answer", lambda r, c: [
    Head(200, STREAM_HEADERS, Framing.CLOSE), *_body(c)])  # fmt: skip


def _body(chunks: Chunks) -> Iterable[bytes]:
    yield chunks.role()
    yield from map(chunks.text, pieces_of(WORDS))
    yield chunks.finish()
    yield DONE


def _rest(chunks: Chunks, pause: float = 0) -> Iterable[Step]:
    for piece in pieces_of(WORDS):
        yield Wait(pause)
        yield Piece(chunks.text(piece))
    yield chunks.finish()
    yield DONE


def _drip(body: bytes) -> Iterable[Step]:
    for byte in body:
        yield Wait(0.05)
        yield bytes([byte])


def _words(chunks: Chunks, pause: float) -> Iterable[Step]:
    for number in itertools.count(1):
        if pause:
            yield Wait(pause)
        yield Piece(chunks.text(f"word{number} "))


def _comments(pause: float) -> Iterable[Step]:
    while True:
        if pause:
            yield Wait(pause)
        yield b": still here\n\n"


def _empty(chunks: Chunks) -> Iterable[Step]:
    while True:
        yield Wait(0.05)
        yield chunks.text("")


@functools.cache
def _bomb() -> bytes:
    """About 1 MB that expands to 1 GiB: one packed block, repeated."""
    packer = zlib.compressobj(9, wbits=31)
    first = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * 63 + packer.flush()
