"""The pattern of the tutorials (`bench.tutorial_app`) under the product's own measuring: what it carries and what it loses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bench import processes
from bench.clients import Page, Seen, open_pages
from bench.load import Capacity, Load, ladder
from bench.processes import Process

COUNTS = (10, 20, 30, 40, 50, 60, 80, 100, 150, 200)
QUIET_S = 10  # without a new token: the word that ends an answer can be lost like any other
FAST_ANSWERS = 5
FAST_TOKENS = 3000


@dataclass
class FastAnswers:
    """Answers one after the other, each written by the upstream in one go."""

    setup: str
    answers: int
    tokens: int  # of each
    lost: int  # in all
    lost_share: float
    unfinished: int  # whose end the page was never told

    def __str__(self) -> str:
        return (
            f"{self.setup}: {self.answers} answers of {self.tokens:,} tokens, as fast as they can be written: "
            f"lost {self.lost:,} ({self.lost_share:.1%}), never told to be done {self.unfinished}"
        )


class TutorialPage(Page):
    """The tutorial's page: the prompt goes by the socket, and each frame is one fragment."""

    async def open(self, url: str) -> None:
        await super().open(url)
        await self.ask(1, 1000)  # as a page of the product has had a first, short answer

    async def begin(self) -> None:
        """There is no conversation to make."""

    async def ask(self, tokens: int, rate: int, burst: int = 0) -> Seen:
        if self.socket is None:
            raise RuntimeError("the page is not open")
        await self._stop_waiting()
        self.seen = Seen(sent_at=time.monotonic() * 1000)
        await self.socket.send_json({"prompt": f"tokens={tokens} rate={rate} burst={burst}"})
        reading, before = asyncio.create_task(self.read()), -1
        while not reading.done() and len(self.seen.delays) > before:
            before = len(self.seen.delays)
            await asyncio.wait({reading}, timeout=QUIET_S)
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        return self.seen

    async def read(self, *, until: int | None = None) -> None:
        if self.socket is None:
            return
        async for message in self.socket:
            self.seen.read(message.data)
            if message.data.startswith('<div id="state"'):
                self.seen.is_done = True
                return


@contextmanager
def served(upstream_url: str) -> Iterator[Process]:
    """The tutorial's application under daphne."""
    port = processes.free_port()
    command = ["-m", "daphne", "--port", str(port), "bench.tutorial_app:application"]
    with processes.running(command, f"http://127.0.0.1:{port}/", {"OPENAI_BASE_URL": upstream_url}) as process:
        yield process


async def measure(counts: Sequence[int] = COUNTS) -> AsyncIterator[Load | Capacity | FastAnswers]:
    """The ladder of `bench.load`, then fast answers, beside the product's."""
    with processes.upstream() as upstream:
        async for row in ladder("tutorial", lambda: served(upstream.url), upstream, counts, TutorialPage):
            yield row
        with served(upstream.url) as tutorial:
            yield await fast_answers("tutorial", tutorial, TutorialPage)
        with processes.product(upstream.url) as product:
            yield await fast_answers("product", product, Page)


async def fast_answers(setup: str, server: Process, page_class: type[Page]) -> FastAnswers:
    seen = [await _fast_answer(server, page_class) for _ in range(FAST_ANSWERS)]
    lost = sum(one.lost_of(FAST_TOKENS) for one in seen)
    return FastAnswers(
        setup=setup,
        answers=len(seen),
        tokens=FAST_TOKENS,
        lost=lost,
        lost_share=lost / (FAST_TOKENS * len(seen)),
        unfinished=sum(not one.is_done for one in seen),
    )


async def _fast_answer(server: Process, page_class: type[Page]) -> Seen:
    """One of them, on a page of its own: a page that waits for its turn answers no ping, and is dropped."""
    client, (page,) = await open_pages(server.url, 1, page_class=page_class)
    try:
        return await page.ask(FAST_TOKENS, 1000, burst=FAST_TOKENS)
    finally:
        await page.close()
        await client.close()
