"""Daphne's websockets, mended in two places: the limit on messages, and the codes to close with.

The limit is for what comes in alone, and a message above it is answered with a close code that says so.

Autobahn holds what we send to the limit on what we receive, and refuses a longer message; the page would wait for ever for
the end of a long answer. What goes out is bounded by the answer, and by `chat.window` for pages that do not read.
"""

from __future__ import annotations

from typing import Any

from daphne import ws_protocol


class Protocol(ws_protocol.WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    maxMessagePayloadSize: int  # noqa: N815 - Autobahn's name

    def _connectionMade(self) -> None:  # noqa: N802 - Autobahn's name
        super()._connectionMade()
        self.failByDrop = False  # a message that is too large is answered by 1009, not by a line gone dead

    def sendMessage(self, *args: Any, **kwargs: Any) -> None:  # noqa: N802 - Autobahn's name
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(*args, **kwargs)
        finally:
            self.maxMessagePayloadSize = limit

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - daphne's name
        """Close with any code of the protocol: Autobahn's own way lets applications use 1000 and 3000 upwards alone."""
        self.sendCloseFrame(code=1000 if code is None else code, isReply=False)


def install() -> None:
    """From now on, in this process. Daphne's factory makes its protocols of this class, and offers no other way."""
    ws_protocol.WebSocketFactory.protocol = Protocol
