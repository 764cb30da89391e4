"""What one frame of a live answer costs the browser's main thread: at an ordinary rate, by the length that is shown.

The text that the answer begins with comes at once; what is measured is the frames that come then, one token at a time.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from bench.markdown import CHARS_PER_TOKEN, SAMPLE
from bench.trace import FrameWork, recording
from tests.browser.pages import Chat, import_file, long_conversation
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
RATES = (50, 200)  # tokens a second
SIZES = (1_000, 8_000, 32_000)  # tokens that are shown when the measuring begins
LONG = 500  # messages
HEAD_CHARS = 2_000  # a piece of the text that comes at once
SECONDS = 12  # all of the sample at 50 tokens a second, so that every kind of block is among the frames
LOOK_EVERY_MS = 500
SHOWN = "document.querySelector('article:last-of-type')?.textContent.length ?? 0"


@dataclass
class FrameCost:
    """Milliseconds of the main thread's CPU a frame. Script and layout, style included, is what the goal is about."""

    tokens: int  # shown already
    tokens_per_second: int
    messages: int  # shown above it
    frames: int
    median_ms: float
    p95_ms: float
    script_ms: float  # medians, each by itself
    style_ms: float
    layout_ms: float
    paint_ms: float
    all_ms: float

    def __str__(self) -> str:
        return (
            f"{self.tokens:6,} tokens, {self.tokens_per_second:3} a second, below {self.messages:3} messages: "
            f"{self.median_ms:.2f} ms (p95 {self.p95_ms:.2f}) = script {self.script_ms:.2f}, style {self.style_ms:.2f}, "
            f"layout {self.layout_ms:.2f}; paint {self.paint_ms:.2f}, all {self.all_ms:.2f}; {self.frames} frames"
        )


def measure() -> Iterator[FrameCost]:
    """An answer alone at every rate and length, then one in a conversation that shows `LONG` messages."""
    with (
        FakeOpenAI() as fake,
        tempfile.TemporaryDirectory(prefix="playground-bench-") as data,
        Server(Path(data), openai_base_url=fake.base_url) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PLAYGROUND_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        for messages in (0, LONG):
            for rate in RATES[: 1 if messages else None]:
                for tokens in SIZES:
                    page = browser.new_page(base_url=server.url, viewport=VIEWPORT)
                    frames = _frames(page, fake, tokens=tokens, rate=rate, messages=messages)
                    page.close()
                    yield _cost(frames, tokens, rate, messages)
        browser.close()


def _frames(page: Page, fake: FakeOpenAI, *, tokens: int, rate: int, messages: int) -> list[FrameWork]:
    """The frames of some seconds of an answer that shows `tokens` tokens already."""
    chat = Chat(page).open()
    if messages:
        _show_long(chat, messages)
    reply, head = _reply(tokens, rate)
    fake.play(reply.hold_after(head))
    chat.ask("Go on")
    chat.ready()
    reply.wait_held(60)
    _wait_shown(page)
    cdp = page.context.new_cdp_session(page)
    reply.release()
    page.wait_for_timeout(LOOK_EVERY_MS)  # the first frames bring the figures
    with recording(page, cdp) as trace:
        page.wait_for_timeout(SECONDS * 1000)
    return trace.frames()


def _reply(tokens: int, rate: int) -> tuple[Reply, int]:
    """`tokens` tokens in large pieces, then small ones at `rate`; and how many are large."""
    begin, end = tokens * CHARS_PER_TOKEN, (tokens + rate * (SECONDS + 3)) * CHARS_PER_TOKEN
    text = SAMPLE * (end // len(SAMPLE) + 1)
    large = [text[at : min(at + HEAD_CHARS, begin)] for at in range(0, begin, HEAD_CHARS)]
    small = [text[at : at + CHARS_PER_TOKEN] for at in range(begin, end, CHARS_PER_TOKEN)]
    return Reply.text([*large, *small], tokens_per_second=rate), len(large)


def _show_long(chat: Chat, messages: int) -> None:
    """A conversation of that many messages, all of them in the page, its end in sight."""
    conversation = long_conversation(messages, "Long")
    for message in conversation["messages"][1::2]:
        message["text"] = SAMPLE
    import_file(chat.page, json.dumps(conversation))
    while (shown := chat.messages.count()) < messages:
        chat.log.evaluate("log => { log.scrollTop = 0 }")
        chat.page.wait_for_function("count => document.querySelectorAll('.message').length > count", arg=shown)
    chat.page.get_by_role("button", name="Latest").click()
    expect(chat.messages.last).to_be_in_viewport()


def _wait_shown(page: Page) -> None:
    """Return when the answer has stopped growing."""
    before = -1
    while (now := page.evaluate(SHOWN)) != before or not now:
        before = now
        page.wait_for_timeout(LOOK_EVERY_MS)


def _cost(frames: list[FrameWork], tokens: int, rate: int, messages: int) -> FrameCost:
    costs = [frame.script_and_layout for frame in frames]
    parts = [
        median(getattr(frame, kind) for frame in frames) for kind in ("script", "style", "layout", "paint", "tasks")
    ]
    return FrameCost(tokens, rate, messages, len(frames), median(costs), quantiles(costs, n=20)[-1], *parts)


if __name__ == "__main__":
    for row in measure():
        print(row, flush=True)
