"""Two ways to the same tokens: straight to the upstream, and through the product's own page protocol."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import ClientConnection, connect

TOKEN = re.compile(r"(\d+):(\d+\.\d)")
ACK_EVERY = 20  # messages


@dataclass
class Seen:
    """What one client saw of one answer; times in milliseconds."""

    sent_at: float = 0.0
    first_at: float = 0.0
    first_delay: float = 0.0
    delays: list[tuple[float, float]] = field(default_factory=list)  # (when it was written, how late it came)
    next_token: int = 0
    is_done: bool = False

    def read(self, text: str) -> None:
        """Count the tokens in `text` that are new; those shown again by a later rendering are not."""
        now = time.monotonic() * 1000
        for number, written in TOKEN.findall(text):
            if int(number) != self.next_token:
                continue
            if self.next_token == 0:
                self.first_at, self.first_delay = now, now - float(written)
            self.delays.append((float(written), now - float(written)))
            self.next_token += 1

    @property
    def first_token_ms(self) -> float:
        return self.first_at - self.sent_at


async def straight(client: httpx.AsyncClient, base_url: str, tokens: int, rate: int) -> Seen:
    """One answer from the upstream itself."""
    seen = Seen(sent_at=time.monotonic() * 1000)
    body = {"model": "bench", "stream": True, "messages": [{"role": "user", "content": f"tokens={tokens} rate={rate}"}]}
    async with client.stream("POST", f"{base_url}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    seen.read(choice["delta"].get("content") or "")
    seen.is_done = True
    return seen


class Page:
    """A page as the product sees it: a session, a socket, prompts by POST."""

    def __init__(self, client: httpx.AsyncClient, model: str) -> None:
        self.client = client
        self.model = model
        self.conversation = self.leaf = ""
        self.socket: ClientConnection | None = None
        self.seen = Seen()

    async def open(self) -> None:
        """Load the page once for its cookies, then open the socket."""
        url = str(self.client.base_url).replace("http://", "ws://").rstrip("/")
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        self.socket = await connect(
            f"{url}/ws/",
            additional_headers={"Cookie": cookies},
            origin=str(self.client.base_url).rstrip("/"),  # type: ignore[arg-type]  # a str is what it wants
            compression=None,
            max_size=None,
            open_timeout=60,
        )

    async def begin(self) -> None:
        """Make the conversation with a first, short answer, as a person has it open before the next prompt."""
        response = await self._post("/c/messages/", 1, 1000)
        self.conversation = response.headers["HX-Redirect"]
        end = time.monotonic() + 60
        while "<live-answer" in (page := (await self.client.get(self.conversation)).text):
            if time.monotonic() > end:
                raise RuntimeError("the first answer did not end")
            await asyncio.sleep(0.5)
        self._remember_leaf(page)

    def _remember_leaf(self, html: str) -> None:
        if leaf := re.search(r'name="parent" value="([0-9a-f-]+)"', html):
            self.leaf = leaf[1]

    async def ask(self, tokens: int, rate: int) -> Seen:
        """Send one prompt in the open conversation and follow the answer to its end."""
        if self.socket is None:
            raise RuntimeError("the page is not open")
        self.seen = seen = Seen(sent_at=time.monotonic() * 1000)
        response = await self._post(f"{self.conversation}messages/", tokens, rate)
        run = re.search(r'<live-answer[^>]* run="([0-9a-f-]{36})"', response.text)
        if run is None:
            raise RuntimeError(f"no run in the answer: {response.text[:300]}")
        self._remember_leaf(response.text)
        await self.socket.send(json.dumps({"type": "follow", "run": run[1], "after": ""}))
        await self._follow(seen)
        return seen

    async def _post(self, path: str, tokens: int, rate: int) -> httpx.Response:
        data = {
            "parent": self.leaf,
            "text": f"tokens={tokens} rate={rate}",
            "model": self.model,
            "request_id": secrets.token_urlsafe(24),
        }
        headers = {"X-CSRFToken": self.client.cookies["csrftoken"], "HX-Request": "true"}
        headers["Origin"] = str(self.client.base_url).rstrip("/")
        response = await self.client.post(path, data=data, headers=headers)
        response.raise_for_status()
        return response

    async def _follow(self, seen: Seen) -> None:
        if self.socket is None:
            return
        async for text in self.socket:
            frame = json.loads(text)
            seen.read(frame.get("content", ""))
            shown = frame.get("open") or {}
            seen.read(shown.get("html", "") + shown.get("text", ""))
            if frame["seq"] % ACK_EVERY == 0:
                await self.socket.send(json.dumps({"type": "ack", "seq": frame["seq"]}))
            if frame.get("done"):
                seen.is_done = True
                return

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()


async def open_pages(base_url: str, count: int) -> tuple[httpx.AsyncClient, list[Page]]:
    """`count` open pages of one session, each with a conversation of its own, on the upstream's own model."""
    client = httpx.AsyncClient(base_url=base_url, timeout=120, limits=httpx.Limits(max_connections=None))
    response = await client.get("/")
    response.raise_for_status()
    model = re.search(r'value="([^"]+/bench)"', response.text)
    if model is None:
        raise RuntimeError("the product does not list the upstream's model")
    pages = [Page(client, model[1]) for _ in range(count)]
    for start in range(0, count, 20):
        batch = pages[start : start + 20]
        await asyncio.gather(*(page.begin() for page in batch))
        await asyncio.gather(*(page.open() for page in batch))
    return client, pages
