"""Daphne's websockets, mended: the limit on messages, the codes to close with, what a bad client hoards, the way out.

The limit is for what comes in alone, and a message above it is answered with a close code that says so.

Autobahn holds what we send to the limit on what we receive, and refuses a longer message; the page would wait for ever for
the end of a long answer. What goes out is bounded by the answer, and by `chat.window` for pages that do not read.

That window believes what the page acknowledges, and pings are answered before any application hears of them. So for clients
that lie there is a hard bound here on what waits to be written, and one on the frames that wait to be looked at.
"""

from __future__ import annotations

import struct
from typing import Any

from autobahn.exception import Disconnected
from daphne import ws_protocol

# A page that acknowledges as ours does has a window of 256 KB and one last message under way, which is seldom a megabyte.
MAX_UNWRITTEN_BYTES = 2 * 1024 * 1024
# At most 64 KB each. A page of ours sends a few a second; while the loop is busy nothing is taken from the network either.
MAX_UNREAD_FRAMES = 64
FLOOD = 4429
FINAL, TEXT, BINARY = 0x80, 0x1, 0x2


class Protocol(ws_protocol.WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    maxMessagePayloadSize: int  # noqa: N815 - Autobahn's name

    def _connectionMade(self) -> None:  # noqa: N802 - Autobahn's name
        super()._connectionMade()
        self.failByDrop = False  # a message that is too large is answered by 1009, not by a line gone dead

    def sendMessage(self, payload: bytes, isBinary: bool = False, **_options: Any) -> None:  # noqa: N802, N803 - Autobahn's names
        """One message in one frame, whatever its length."""
        if self.state != self.STATE_OPEN:
            raise Disconnected
        self.sendData(frame(BINARY if isBinary else TEXT, payload))

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802 - Autobahn's name
        """Everything that is written passes here: the handshake, messages, pongs, close frames.

        At once where the line takes it. Autobahn and Twisted would compose a log line that nobody reads, and ask the loop
        to say when the line can be written to, for each of the many small messages of a live answer.
        """
        held = self._unwritten_bytes
        if held > MAX_UNWRITTEN_BYTES:
            # It reads nothing, so there is no saying goodbye; the buffer goes with the line.
            self.dropConnection(abort=True)
        elif held or self.transport.disconnecting:
            self.transport.write(data)
        else:
            taken = self.transport.writeSomeData(data)
            if not isinstance(taken, int):  # the line is gone, which the ordinary way will find out and report
                taken = 0
            if taken < len(data):
                self.transport.write(data[taken:])

    @property
    def _unwritten_bytes(self) -> int:
        transport = self.transport
        held: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001 - told nowhere else
        return held

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - Autobahn's names
        if self.state != self.STATE_OPEN:  # closed by us: what was on its way is for nobody
            return
        if self.application_queue.qsize() >= MAX_UNREAD_FRAMES:
            self.serverClose(FLOOD)
        else:
            super().onMessage(payload, isBinary)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - daphne's name
        """Close with any code of the protocol: Autobahn's own way lets applications use 1000 and 3000 upwards alone."""
        self.sendCloseFrame(code=1000 if code is None else code, isReply=False)


def frame(opcode: int, payload: bytes) -> bytes:
    """A whole message as a server sends it: unmasked, in one frame (RFC 6455, section 5.2)."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", FINAL | opcode, length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", FINAL | opcode, 126, length)
    else:
        head = struct.pack("!BBQ", FINAL | opcode, 127, length)
    return head + payload


def install() -> None:
    """From now on, in this process. Daphne's factory makes its protocols of this class, and offers no other way."""
    ws_protocol.WebSocketFactory.protocol = Protocol
