"""Daphne takes a whole body, to memory and disk, before the application hears of the request. This bounds what it keeps.

`install` makes daphne's requests keep at most what `BodyLimits` allows, and one byte more, by which `BodyLimit` sees that
it was too much; the rest is read and thrown away, so that the client gets its 413, up to a bound where the line is cut. A
length that is beyond that bound already gets its 413 at once, and the line is closed: nobody waits for such a body.
"""

from __future__ import annotations

from typing import Any

from daphne import http_protocol

from playground.lib.asgi import MEGABYTE, BodyLimits

# A person who chose a film instead of a picture gets an answer; whoever sends without end does not.
GIVE_UP_BYTES = 256 * MEGABYTE
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_WebRequest: Any = http_protocol.WebRequest  # daphne's own: what is installed twice must not count each byte twice


def install(limits: BodyLimits) -> None:
    """From now on, in this process. Daphne's factory looks its request class up by this name, and offers no other way."""

    class BoundedRequest(_WebRequest):  # type: ignore[misc]  # daphne has no types
        def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
            path = self.channel._path.partition(b"?")[0].decode("latin-1")  # noqa: SLF001 - known nowhere else yet
            limit = limits.for_request(path, self.requestHeaders.getRawHeaders(b"cookie", []))
            self.room = 0 if length is not None and length > limit else limit + 1
            super().gotLength(length if length is None else min(length, self.room))
            if length is not None and length > limit + GIVE_UP_BYTES:
                self.channel.transport.write(_TOO_LARGE)
                self.channel.loseConnection()

        def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
            if self.room > 0:
                super().handleContentChunk(data[: self.room])
            self.room -= len(data)
            if self.room < -GIVE_UP_BYTES:
                self.channel.forceAbortClient()

    http_protocol.WebRequest = BoundedRequest
