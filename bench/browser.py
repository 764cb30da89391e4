"""What one frame of a live answer costs the browser's main thread, as the answer grows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench import processes

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# Timed by Chromium itself, in seconds since the page began.
COSTS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
SLICE_MS = 500
COUNT_FRAMES = """window.benchFrames = 0;
document.addEventListener("htmx:before:ws:message", () => { window.benchFrames += 1; }, true);"""


@dataclass
class FrameCost:
    """One quarter of an answer: milliseconds a frame (script, style and layout), median of half-second slices."""

    characters: int  # where the quarter ends
    frame_ms: float
    slices: int

    def __str__(self) -> str:
        return f"up to {self.characters:7,} characters: {self.frame_ms:.2f} ms a frame (median of {self.slices} slices)"


def measure(tokens: int = 32_000, rate: int = 1000) -> list[FrameCost]:
    """What a frame costs Chromium while an answer of `tokens` tokens streams in, by the length that is shown."""
    with processes.upstream() as upstream, processes.product(upstream.url) as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PLAYGROUND_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(COUNT_FRAMES)
        page.goto(product.url)
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable")
        page.get_by_role("textbox", name="Message").fill(f"tokens={tokens} rate={rate}")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/c/**")
        slices = list(_slices(page, cdp, tokens))
        browser.close()
    return _by_length(slices)


def _slices(page: Page, cdp: CDPSession, tokens: int):
    """(characters shown, milliseconds a frame) for each half second until the answer is there."""
    cost, frames = _cost(cdp), 0
    while True:
        page.wait_for_timeout(SLICE_MS)
        now, count = _cost(cdp), page.evaluate("window.benchFrames")
        shown = page.evaluate("document.querySelector('article:last-of-type')?.textContent.length ?? 0")
        if count > frames + 3:
            yield shown, (now - cost) * 1000 / (count - frames)
        cost, frames = now, count
        if page.locator("[aria-busy=true]").count() == 0 and shown > tokens:
            return


def _cost(cdp: CDPSession) -> float:
    metrics = {metric["name"]: metric["value"] for metric in cdp.send("Performance.getMetrics")["metrics"]}
    return sum(metrics[name] for name in COSTS)


def _by_length(slices: list[tuple[int, float]]) -> list[FrameCost]:
    longest = max((shown for shown, _ms in slices), default=1)
    rows = []
    for part in range(4):
        inside = [ms for shown, ms in slices if part * longest / 4 <= shown < (part + 1) * longest / 4 + (part == 3)]
        if inside:
            rows.append(FrameCost(round((part + 1) * longest / 4), median(inside), len(inside)))
    return rows


if __name__ == "__main__":
    for row in measure():
        print(row)
