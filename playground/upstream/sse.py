"""Bytes to server-sent events, incrementally: https://html.spec.whatwg.org/multipage/server-sent-events.html

The hot path of every token. Lines are split as bytes, so a character cut between two reads is whole again before anyone
decodes it: no byte of a multi-byte UTF-8 character is a line end.
"""

from __future__ import annotations

MAX_LINES = 65_536  # of data in one event: short lines cost more than their bytes
BOM = b"\xef\xbb\xbf"

# (event name, data); the data of several lines is joined with LF
Event = tuple[bytes, bytes]


class TooLongError(Exception):
    """A line, or the data of one event, is over the limit."""


class SSEDecoder:
    """Feed it what was read; it returns the events that are complete. `max_bytes` bounds a line and an event's data.

    Lines end in LF, CRLF or CR, also when CR and LF come in different reads. Comments and the fields `id` and `retry`
    are dropped, events without data too. Raises TooLongError.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._tail: list[bytes] = []  # of a line that is not complete
        self._tail_bytes = 0
        self._skip_lf = False  # the last read ended in CR
        self._is_first_line = True
        self._name = b""
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, read: bytes) -> list[Event]:
        if self._skip_lf or b"\r" in read:
            read = self._only_lf(read)
        if b"\n" not in read:
            self._keep(read)
            return []
        lines = read.split(b"\n")
        if self._tail:
            lines[0] = b"".join((*self._tail, lines[0]))
        rest = lines.pop()
        self._tail, self._tail_bytes = [], 0
        if rest:
            self._keep(rest)
        return self._take(lines)

    def flush(self) -> list[Event]:
        """The input is over: what is pending, as if its blank line had come. It may be half an event."""
        return self._take([b"".join(self._tail), b""])

    def _only_lf(self, read: bytes) -> bytes:
        if self._skip_lf and read[:1] == b"\n":
            read = read[1:]
            self._skip_lf = False
        if read:
            self._skip_lf = read[-1:] == b"\r"
        return read.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _keep(self, part: bytes) -> None:
        self._tail.append(part)
        self._tail_bytes += len(part)
        if self._tail_bytes > self._max_bytes:
            raise TooLongError
        if len(self._tail) > 1024:  # a server that drips: keep the list short
            self._tail = [b"".join(self._tail)]

    def _take(self, lines: list[bytes]) -> list[Event]:
        if self._is_first_line:
            self._is_first_line = False
            lines[0] = lines[0].removeprefix(BOM)
        events: list[Event] = []
        for line in lines:
            if line[:5] == b"data:":
                self._add_data(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    events.append((self._name, self._data[0] if len(self._data) == 1 else b"\n".join(self._data)))
                    self._data, self._data_bytes = [], 0
                self._name = b""
            elif line[:6] == b"event:":
                self._name = line[6:].strip()
        return events

    def _add_data(self, data: bytes) -> None:
        if data.isspace() or not data:
            return
        self._data.append(data)
        self._data_bytes += len(data)
        if self._data_bytes > self._max_bytes or len(self._data) > MAX_LINES:
            raise TooLongError
