"""HTTP/1.1 on an asyncio protocol: reads requests, plays scripts. Cheap enough for 300 streams on half a core."""

from __future__ import annotations

import asyncio
import http
import socket
import struct
from collections.abc import Awaitable, Callable

from tests.fake_openai.asked import Request
from tests.fake_openai.script import End, Framing, Gate, Head, Piece, Script, Wait

MAX_STEPS = 500  # in a row; then the other connections have their turn
MAX_HEADER_BYTES = 256 * 1024
MAX_BODY_BYTES = 512 * 1024 * 1024


class Connection(asyncio.Protocol):
    """One client. Requests are answered one after the other; pipelined ones wait."""

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Script]],
        on_disconnect: Callable[[Request], None],
        others: set[Connection],  # it is in there while it is open
    ) -> None:
        self._answer, self._on_disconnect, self._others = answer, on_disconnect, others
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._head: tuple[str, str, dict[str, str]] | None = None
        self._request: Request | None = None
        self._script: Script | None = None
        self._framing = Framing.CHUNKED
        self._due = 0.0
        self._is_paused = self._is_waiting = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    # --- transport callbacks ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._others.add(self)

    def abort(self) -> None:
        self._request = None
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._request is None:
            self._parse()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        if not self._is_waiting:
            self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        self._others.discard(self)
        if self._timer:
            self._timer.cancel()
        if self._task:
            self._task.cancel()
        request, self._request, self._script = self._request, None, None
        if request is not None:
            request.disconnected = True
            self._on_disconnect(request)

    # --- reading ---

    def _parse(self) -> None:
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEADER_BYTES:
                    self._transport.abort()
                return
            lines = self._buffer[:end].decode("latin-1").split("\r\n")
            del self._buffer[: end + 4]
            method, path, _version = lines[0].split(" ", 2)
            pairs = (line.partition(":") for line in lines[1:])
            self._head = method, path, {name.strip().lower(): value.strip() for name, _colon, value in pairs}
            if self._head[2].get("expect", "").lower() == "100-continue":
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        method, path, headers = self._head
        length = int(headers.get("content-length", 0))
        if length > MAX_BODY_BYTES or "transfer-encoding" in headers:
            self._transport.abort()
            return
        if len(self._buffer) < length:
            return
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        self._request = Request.read(method, path, headers, body)
        self._task = self._loop.create_task(self._begin(self._request))

    async def _begin(self, request: Request) -> None:
        script = await self._answer(request)
        self._script, self._due = script, self._loop.time()
        self._task = None
        self._advance()

    # --- writing ---

    def _advance(self) -> None:
        """Play steps until one of them waits, the client is slow, or the script is over."""
        self._is_waiting = False
        if self._script is None or self._request is None or self._is_paused or self._transport.is_closing():
            return
        for steps, step in enumerate(self._script):
            if isinstance(step, Piece):
                self._request.pieces_sent += 1
                self._write_body(step.data)
            elif isinstance(step, bytes):
                self._write_body(step)
            elif isinstance(step, Head):
                self._write_head(step)
            elif isinstance(step, End):
                self._end_badly(step)
                return
            elif self._must_wait(step):
                return
            if self._is_paused or self._transport.is_closing():
                return
            if steps == MAX_STEPS:
                self._is_waiting = True
                self._loop.call_soon(self._advance)
                return
        self._finish()

    def _must_wait(self, step: Wait | Gate) -> bool:
        """True when the script goes on later, by itself."""
        if isinstance(step, Gate):
            self._is_waiting = step.holds(lambda: self._loop.call_soon_threadsafe(self._after_gate))
            return self._is_waiting
        self._due += step
        self._is_waiting = self._due > self._loop.time()
        if self._is_waiting:
            self._timer = self._loop.call_at(self._due, self._advance)
        return self._is_waiting

    def _after_gate(self) -> None:
        self._due = self._loop.time()
        self._advance()

    def _write_head(self, head: Head) -> None:
        self._framing = head.framing
        lines = [f"HTTP/1.1 {head.status} {_phrase(head.status)}"]
        lines += [f"{name}: {value}" for name, value in head.headers.items()]
        if head.framing is Framing.CHUNKED:
            lines.append("Transfer-Encoding: chunked")
        elif head.framing is Framing.CLOSE:
            lines.append("Connection: close")
        self._head_text = "\r\n".join(lines)
        if head.framing is not Framing.LENGTH:
            self._transport.write((self._head_text + "\r\n\r\n").encode("latin-1"))

    def _write_body(self, data: bytes) -> None:
        if self._framing is Framing.CHUNKED:
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))
        elif self._framing is Framing.LENGTH:
            head = f"{self._head_text}\r\nContent-Length: {len(data)}\r\n\r\n"
            self._transport.write(head.encode("latin-1") + data)
        else:
            self._transport.write(data)

    def _end_badly(self, end: End) -> None:
        if end is End.STALL:
            self._is_waiting = True
            return
        self._request = self._script = None  # it was us who left, not the client
        if end is End.RESET:
            sock: socket.socket = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        else:
            self._transport.close()

    def _finish(self) -> None:
        if self._framing is Framing.CHUNKED:
            self._transport.write(b"0\r\n\r\n")
        self._request = self._script = None
        if self._framing is Framing.CLOSE:
            self._transport.close()
        elif self._buffer:
            self._parse()


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
