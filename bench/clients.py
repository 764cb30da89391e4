"""Two ways to the same tokens: straight to the upstream, and through the product's own page protocol."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import orjson
from yarl import URL

TOKEN = re.compile(r"(\d+):(\d+\.\d)")
RUN = re.compile(r'<live-answer[^>]* run="([0-9a-f-]{36})"')
CONVERSATION = re.compile(r"/c/[0-9a-f-]{36}/")
ACK_EVERY = 20  # messages
LARGE_CHARS = 32 * 1024  # of a message that is acknowledged by itself


@dataclass
class Seen:
    """What one client saw of one answer; times in milliseconds."""

    sent_at: float = 0.0
    first_at: float = 0.0
    first_delay: float = 0.0
    delays: list[tuple[float, float]] = field(default_factory=list)  # (when it was written, how late it came)
    next_token: int = 0  # every one before it has been read, or was skipped and is lost
    is_done: bool = False

    def read(self, text: str) -> None:
        """Count the tokens in `text` that are new; those shown again by a later rendering, or out of order, are not."""
        now = time.monotonic() * 1000
        for number, written in TOKEN.findall(text):
            if int(number) < self.next_token:
                continue
            if not self.delays:
                self.first_at, self.first_delay = now, now - float(written)
            self.delays.append((float(written), now - float(written)))
            self.next_token = int(number) + 1

    def lost_of(self, tokens: int) -> int:
        """How many of the answer's `tokens` never came."""
        return tokens - len(self.delays)

    @property
    def first_token_ms(self) -> float:
        return self.first_at - self.sent_at


def session(base_url: str | None = None) -> aiohttp.ClientSession:
    """What the clients themselves cost must not hide what they measure, so they are the cheapest at hand."""
    return aiohttp.ClientSession(
        base_url,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.CookieJar(unsafe=True),  # the host is an address
        timeout=aiohttp.ClientTimeout(total=None, sock_read=120),
        read_bufsize=1024 * 1024,
    )


async def straight(client: aiohttp.ClientSession, base_url: str, tokens: int, rate: int) -> Seen:
    """One answer from the upstream itself."""
    seen = Seen(sent_at=time.monotonic() * 1000)
    body = {"model": "bench", "stream": True, "messages": [{"role": "user", "content": f"tokens={tokens} rate={rate}"}]}
    async with client.post(f"{base_url}/chat/completions", json=body) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                for choice in orjson.loads(line[6:])["choices"]:
                    seen.read(choice["delta"].get("content") or "")
    seen.is_done = True
    return seen


class Page:
    """A page as the product sees it: a session, a socket, prompts by POST."""

    def __init__(self, client: aiohttp.ClientSession, base_url: str, model: str) -> None:
        self.client = client
        self.base_url = base_url
        self.model = model
        self.conversation = self.leaf = ""
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: asyncio.Task[None] | None = None
        self.seen = Seen()

    async def open(self, url: str) -> None:
        """Open the page's socket there."""
        self.socket = await self.client.ws_connect(f"{url}/ws/", headers={"Origin": url}, max_msg_size=0, compress=0)
        self._waiting = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        """Answer pings, which aiohttp does only while it is read from: the server hangs up on a page that does not."""
        if self.socket is not None:
            await self.socket.receive()
            raise RuntimeError("a page that asked for nothing was told something")

    async def _stop_waiting(self) -> None:
        """Two cannot read from one socket."""
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.wait([self._waiting])
            self._waiting = None

    async def begin(self) -> None:
        """Make the conversation with a first, short answer, as a person has it open before the next prompt."""
        headers, _text = await self._post("/c/messages/", 1, 1000)
        self.conversation = urlsplit(CONVERSATION.search(" ".join(headers.values()))[0]).path  # type: ignore[index]
        end = time.monotonic() + 60
        while "<live-answer" in (page := await self._get(self.conversation)):
            if time.monotonic() > end:
                raise RuntimeError("the first answer did not end")
            await asyncio.sleep(0.5)
        self._remember_leaf(page)

    def _remember_leaf(self, html: str) -> None:
        if leaf := re.search(r'name="parent" value="([0-9a-f-]+)"', html):
            self.leaf = leaf[1]

    async def ask(self, tokens: int, rate: int, burst: int = 0) -> Seen:
        """Send one prompt in the open conversation and follow the answer to its end."""
        self.seen = Seen(sent_at=time.monotonic() * 1000)
        await self.follow(await self.post(tokens, rate, burst))
        return self.seen

    async def post(self, tokens: int, rate: int, burst: int = 0) -> str:
        """Send one prompt in the open conversation; the run that answers it."""
        _headers, text = await self._post(f"{self.conversation}messages/", tokens, rate, burst)
        run = RUN.search(text)
        if run is None:
            raise RuntimeError(f"no run in the answer: {text[:300]}")
        self._remember_leaf(text)
        return run[1]

    async def follow(self, run: str, *, until: int | None = None) -> None:
        """Read `run` from its start to its end, or until that many tokens have been read."""
        if self.socket is None:
            raise RuntimeError("the page is not open")
        await self._stop_waiting()
        await self.socket.send_json({"type": "follow", "run": run, "after": ""})
        await self.read(until=until)

    async def _get(self, path: str) -> str:
        async with self.client.get(path) as response:
            response.raise_for_status()
            return await response.text()

    async def stop(self, run: str, base_url: str = "") -> None:
        """Press Stop, at another process if its address is given."""
        await self._send(f"{base_url.rstrip('/')}/runs/{run}/stop/", {})

    async def _post(self, path: str, tokens: int, rate: int, burst: int = 0) -> tuple[dict[str, str], str]:
        """Headers and text of what is answered."""
        return await self._send(
            path,
            {
                "parent": self.leaf,
                "text": f"tokens={tokens} rate={rate} burst={burst}",
                "model": self.model,
                "request_id": secrets.token_urlsafe(24),
            },
        )

    async def _send(self, path: str, data: dict[str, str]) -> tuple[dict[str, str], str]:
        token = self.client.cookie_jar.filter_cookies(URL(self.base_url))["csrftoken"].value
        headers = {"X-CSRFToken": token, "HX-Request": "true"}
        async with self.client.post(path, data=data, headers=headers) as response:
            response.raise_for_status()
            return dict(response.headers), await response.text()

    async def read(self, *, until: int | None = None) -> None:
        """Go on reading to the end, or until that many tokens have been read."""
        seen = self.seen
        if self.socket is None:
            return
        async for message in self.socket:
            frame = orjson.loads(message.data)
            seen.read(frame.get("content", ""))
            shown = frame.get("open") or {}
            seen.read(shown.get("html", "") + shown.get("text", ""))
            if frame["seq"] % ACK_EVERY == 0 or len(message.data) >= LARGE_CHARS:  # as our own page does
                await self.socket.send_json({"type": "ack", "seq": frame["seq"]})
            if frame.get("done"):
                seen.is_done = True
                return
            if until is not None and seen.next_token >= until:
                return

    async def close(self) -> None:
        await self._stop_waiting()
        if self.socket is not None:
            await self.socket.close()


async def open_pages(
    base_url: str, count: int, *, sockets_url: str | None = None, page_class: type[Page] = Page
) -> tuple[aiohttp.ClientSession, list[Page]]:
    """`count` open pages of one session, each with a conversation of its own, on the upstream's own model.

    Their sockets are opened at `sockets_url`, where another process of the same product may answer.
    """
    base_url = base_url.rstrip("/")  # as an Origin is written
    sockets_url = (sockets_url or base_url).rstrip("/")
    client = session(base_url)
    async with client.get("/") as response:
        response.raise_for_status()
        model = re.search(r'value="([^"]+/bench)"', await response.text())
    if model is None:
        raise RuntimeError("the product does not list the upstream's model")
    pages = [page_class(client, base_url, model[1]) for _ in range(count)]
    for start in range(0, count, 20):
        batch = pages[start : start + 20]
        await asyncio.gather(*(page.begin() for page in batch))
        await asyncio.gather(*(page.open(sockets_url) for page in batch))
    return client, pages
