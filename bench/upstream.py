"""A model server for measuring: answers with numbered, time-stamped tokens at an exact rate, at almost no cost.

The last user message says what to send: ``tokens=200 rate=50``, with ``burst=100`` that many of them at once. Every token is ``number:milliseconds `` where the
milliseconds are CLOCK_MONOTONIC at the moment of writing, which all processes of one machine share. One timer serves all
streams, so that the upstream's own wake-ups do not grow with their number.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time

TICK_S = 0.005
WISH = re.compile(rb"tokens=(\d+) rate=(\d+)(?: burst=(\d+))?")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST = {"role": "assistant", "content": ""}


def frame(delta: dict[str, str], finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    """One HTTP chunk with one server-sent event."""
    body: dict[str, object] = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "bench",
        "system_fingerprint": "fp_bench",
        "choices": [] if usage else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        "usage": usage,
    }
    return chunk(b"data: " + json.dumps(body).encode() + b"\n\n")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class Stream:
    """One answer on its way."""

    def __init__(self, writer: asyncio.StreamWriter, tokens: int, rate: int, burst: int = 0) -> None:
        self.writer = writer
        self.tokens = tokens
        self.burst = burst
        self.period_s = 1 / rate
        self.sent = 0
        self.due = time.monotonic()
        self.done = asyncio.get_running_loop().create_future()

    def send_due(self, now: float) -> None:
        while self.sent < self.tokens and self.due <= now:
            # A line of fifteen tokens, a paragraph of sixty: ordinary prose.
            space = "\n\n" if self.sent % 60 == 59 else "\n" if self.sent % 15 == 14 else " "
            self.writer.write(frame({"content": f"{self.sent}:{time.monotonic() * 1000:.1f}{space}"}))
            self.sent += 1
            self.due += self.period_s if self.sent >= self.burst else 0
        if self.sent == self.tokens and not self.done.done():
            usage = {"prompt_tokens": 10, "completion_tokens": self.tokens, "total_tokens": self.tokens + 10}
            self.writer.write(frame({}, "stop") + frame({}, usage=usage) + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            self.done.set_result(None)


class Upstream:
    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.left_at = 0.0  # CLOCK_MONOTONIC, when a client last closed before its answer's end

    async def tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            for stream in list(self.streams):
                if stream.writer.is_closing():
                    self.left_at = now
                    self.end(stream)
                    continue
                stream.send_due(now)
                if stream.done.done():
                    self.end(stream)

    def end(self, stream: Stream) -> None:
        self.streams.discard(stream)
        if not stream.done.done():
            stream.done.set_result(None)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1])) if length else b""
                if not head.startswith(b"POST"):
                    models = {"object": "list", "data": [{"id": "bench", "object": "model"}], "left_at": self.left_at}
                    answer = json.dumps(models).encode()
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                    writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))
                    continue
                wish = WISH.findall(body)[-1]
                writer.write(HEAD + frame(FIRST))
                stream = Stream(writer, int(wish[0]), int(wish[1]), int(wish[2] or 0))
                stream.send_due(stream.due)  # the first token goes at once
                self.streams.add(stream)
                await stream.done
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main(port: int) -> None:
    upstream = Upstream()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", port, limit=64 * 1024 * 1024, backlog=2048)
    async with server:
        await upstream.tick()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(main(parser.parse_args().port))
