"""Eight columns on one socket: how late their tokens come against those of one answer, and what the browser's main thread does.

The delays are from the moment the upstream wrote a token. The browser part counts the tasks of the page's main thread that take
longer than `LONG_MS` while eight answers are being written, by the clock and by the thread's own CPU time, which other work on
the machine does not lengthen.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
from playwright.sync_api import expect, sync_playwright

from bench import processes
from bench.browser import FLAGS, LOOK_EVERY_MS, VIEWPORT
from bench.clients import ACK_EVERY, LARGE_CHARS, RUN, Page, Seen, open_pages
from bench.markdown import CHARS_PER_TOKEN, SAMPLE
from bench.streams import RATE, percentile, window_after, window_of
from bench.trace import recording
from tests.browser.comparing import Board
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

COLUMNS = 8
SECONDS = 12
LONG_MS = 50
TOKENS = RATE * (SECONDS + 3)
COMPARISON = re.compile(r"/compare/[0-9a-f-]{36}/")


@dataclass
class Delays:
    """How late tokens come, in milliseconds."""

    what: str
    p50_ms: float
    p99_ms: float
    tokens: int
    lost: int

    def __str__(self) -> str:
        return f"{self.what:26} p50 {self.p50_ms:6.1f} ms, p99 {self.p99_ms:6.1f} ms of {self.tokens:,} tokens; lost {self.lost}"


@dataclass
class Tasks:
    """Of the page's main thread, while all columns are being written."""

    what: str
    seconds: int
    messages: int  # of the socket
    tasks: int
    long_by_clock: int
    long_by_cpu: int
    longest_ms: float  # by the clock
    longest_cpu_ms: float

    def __str__(self) -> str:
        return (
            f"{self.what:26} {self.long_by_clock} of {self.tasks:,} tasks over {LONG_MS} ms by the clock ({self.long_by_cpu} by CPU) in "
            f"{self.seconds} s with {self.messages:,} messages; longest {self.longest_ms:.1f} ms, of CPU {self.longest_cpu_ms:.1f} ms"
        )


class ComparingPage(Page):
    """One comparison: a prompt to all its columns, their answers over the one socket."""

    async def begin_comparison(self, columns: int) -> None:
        headers, _text = await self._send("/compare/", {"model": self.model})
        self.conversation = COMPARISON.search(" ".join(headers.values()))[0]  # type: ignore[index]
        for _more in range(columns - 2):
            await self._send(f"{self.conversation}columns/", {})

    async def ask_all(self, tokens: int) -> list[Seen]:
        """Send one prompt to all columns, and read their answers to the end."""
        text = f"tokens={tokens} rate={RATE} burst=0"
        _headers, html = await self._send(
            f"{self.conversation}messages/", {"text": text, "request_id": secrets.token_urlsafe(24)}
        )
        seen = {run: Seen() for run in RUN.findall(html)}
        await self._stop_waiting()
        assert self.socket is not None
        for run in seen:
            await self.socket.send_json({"type": "follow", "run": run, "after": ""})
        async for message in self.socket:
            frame = orjson.loads(message.data)
            if one := seen.get(frame.get("run", "")):
                shown = frame.get("open") or {}
                one.read(frame.get("content", ""))
                one.read(shown.get("html", "") + shown.get("text", ""))
                one.is_done = one.is_done or bool(frame.get("done"))
            if frame["seq"] % ACK_EVERY == 0 or len(message.data) >= LARGE_CHARS:
                await self.socket.send_json({"type": "ack", "seq": frame["seq"]})
            if all(one.is_done for one in seen.values()):
                break
        return list(seen.values())


def measure() -> Iterator[Delays | Tasks]:
    yield from asyncio.run(_delays())
    for columns in (1, COLUMNS):
        yield _tasks(columns)


async def _delays() -> list[Delays]:
    with processes.upstream() as upstream, processes.product(upstream.url) as product:
        client, pages = await open_pages(product.url, 2, page_class=ComparingPage)
        try:
            alone, comparing = pages
            assert isinstance(comparing, ComparingPage)
            await alone.ask(RATE, RATE)  # warm
            one = await alone.ask(TOKENS, RATE)
            await comparing.begin_comparison(COLUMNS)
            eight = await comparing.ask_all(TOKENS)
        finally:
            await asyncio.gather(*(page.close() for page in pages))
            await client.close()
    return [_delay("one answer", [one]), _delay(f"{COLUMNS} columns on one socket", eight)]


def _delay(what: str, seen: list[Seen]) -> Delays:
    delays = window_of(seen, *window_after(seen))
    lost = sum(one.lost_of(TOKENS) for one in seen)
    return Delays(what, percentile(delays, 0.5), percentile(delays, 0.99), len(delays), lost)


def _tasks(columns: int) -> Tasks:
    """The page with `columns` columns (one of them alone on the screen when it is one) while all are being written."""
    with (
        FakeOpenAI() as fake,
        tempfile.TemporaryDirectory(prefix="playground-bench-") as data,
        Server(Path(data), openai_base_url=fake.base_url) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PLAYGROUND_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        page = browser.new_page(base_url=server.url, viewport=VIEWPORT)
        board = Board(page).begin(max(columns, 2))
        if columns == 1:
            board.menu(2, "Remove")
            expect(board.columns).to_have_count(1)
        fake.play(*(_reply() for _column in range(columns)))
        board.ask("Go on")
        page.wait_for_timeout(2 * LOOK_EVERY_MS)  # the first frames bring the figures
        with recording(page, page.context.new_cdp_session(page)) as trace:
            page.wait_for_timeout(SECONDS * 1000)
        browser.close()
    thread, arrivals = trace.arrivals()
    tasks = [one for one in trace.of(thread) if one["name"] == "RunTask"]
    clock = [one["dur"] / 1000 for one in tasks]
    cpu = [one.get("tdur", 0) / 1000 for one in tasks]
    return Tasks(
        what=f"Chromium, {columns} column{'s' if columns > 1 else ''}",
        seconds=SECONDS,
        messages=len(arrivals),
        tasks=len(tasks),
        long_by_clock=sum(ms > LONG_MS for ms in clock),
        long_by_cpu=sum(ms > LONG_MS for ms in cpu),
        longest_ms=max(clock),
        longest_cpu_ms=max(cpu),
    )


def _reply() -> Reply:
    end = TOKENS * CHARS_PER_TOKEN
    text = SAMPLE * (end // len(SAMPLE) + 1)
    return Reply.text(
        [text[at : at + CHARS_PER_TOKEN] for at in range(0, end, CHARS_PER_TOKEN)], tokens_per_second=RATE
    )


if __name__ == "__main__":
    for row in measure():
        print(row, flush=True)
