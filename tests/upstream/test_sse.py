"""Rule 1 of the protocol reference, section 6: bytes to events."""

from __future__ import annotations

import pytest

from playground.upstream.sse import MAX_LINES, SSEDecoder, TooLongError

LIMIT = 1024

TABLE = [
    ("LF", b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
    ("CRLF", b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    ("CR", b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    ("line ends mixed", b"data: a\r\n\ndata: b\n\rdata: c\r\r\n", [b"a", b"b", b"c"]),
    ("byte order mark", b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
    ("comments", b": hello\n\n:\ndata: a\n: in between\n\n", [b"a"]),
    ("no space after data:", b"data:a\n\n", [b"a"]),
    ("one space is dropped, not two", b"data:  a\n\n", [b" a"]),
    ("several data lines", b"data: {\ndata: }\n\n", [b"{\n}"]),
    ("unknown fields", b"id: 4\nretry: 10\nfoo: bar\ndata: a\n\n", [b"a"]),
    ("empty data", b"data:\n\ndata: \n\ndata\n\n", []),
    ("blank lines", b"\n\n\ndata: a\n\n\n\n", [b"a"]),
    ("missing last blank line", b"data: a\n\ndata: b\n", [b"a", b"b"]),
    ("missing last line end", b"data: a\n\ndata: b", [b"a", b"b"]),
    ("a character of four bytes", "data: \N{WATER WAVE}\n\n".encode(), ["\N{WATER WAVE}".encode()]),
    ("a line separator is not a line end", "data: a\u2028b\x0b\u0085\n\n".encode(), ["a\u2028b\x0b\u0085".encode()]),
]


def decode(*reads: bytes) -> list[tuple[bytes, bytes]]:
    decoder = SSEDecoder(LIMIT)
    return [event for read in reads for event in decoder.feed(read)] + decoder.flush()


@pytest.mark.parametrize(("raw", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_bytes_become_events(raw, expected):
    assert [data for _name, data in decode(raw)] == expected


@pytest.mark.parametrize(("raw", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_it_does_not_matter_where_reads_end(raw, expected):
    for cut in range(len(raw) + 1):
        assert [data for _name, data in decode(raw[:cut], raw[cut:])] == expected, cut
    assert [data for _name, data in decode(*(raw[n : n + 1] for n in range(len(raw))))] == expected


def test_the_name_of_an_event_holds_for_that_event_only():
    assert decode(b"event: error\ndata: a\n\ndata: b\n\nevent: x\n\ndata: c\n\n") == [
        (b"error", b"a"),
        (b"", b"b"),
        (b"", b"c"),
    ]


@pytest.mark.parametrize("step", [1, 100, 5000])
def test_a_line_over_the_limit_is_refused_however_it_arrives(step):
    raw = b"data: " + b"x" * 5000
    with pytest.raises(TooLongError):
        decode(*(raw[start : start + step] for start in range(0, len(raw), step)))


def test_an_event_of_many_lines_is_bounded_too():
    with pytest.raises(TooLongError):
        decode(b"data: 0123456789\n" * 200)
    decoder = SSEDecoder(1024 * 1024)
    with pytest.raises(TooLongError):
        decoder.feed(b"data:x\n" * (MAX_LINES + 1))


def test_many_lines_within_the_limit_pass():
    assert len(decode(b"data: 0123456789\n\n" * 1000)) == 1000
