"""A page's end of the websocket."""

from __future__ import annotations

import json
import re

from channels.testing import WebsocketCommunicator


class Page:
    """A page's socket: what it has put together from the frames. It acknowledges nothing unless told to."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator
        self.blocks, self.open_html, self.open_text, self.after = "", "", "", ""
        self.final, self.seqs, self.size = None, [], 0
        self.acknowledges = False

    async def send(self, **command):
        await self.communicator.send_to(text_data=json.dumps(command))

    async def frame(self):
        text = await self.communicator.receive_from(timeout=20)
        frame = json.loads(text)
        self.seqs.append(frame["seq"])
        self.size += len(text)
        self.take(frame)
        if self.acknowledges:
            await self.send(type="ack", seq=frame["seq"])
        return frame

    def take(self, frame):
        for target, swap, content in re.findall(
            r'<hx-partial hx-target="#(\w+)-[^"]*" hx-swap="(\w+)">(.*?)</hx-partial>',
            frame.get("content", ""),
            re.DOTALL,
        ):
            if target == "message":
                self.final = content
            else:
                self.blocks = content if swap == "innerHTML" else self.blocks + content
        if shown := frame.get("open"):
            if "html" in shown:
                self.open_html, self.open_text = shown["html"], ""
            self.open_text += shown.get("text", "")
        self.after = frame.get("after", self.after)

    async def read_to_end(self):
        while self.final is None:
            await self.frame()


async def closed(page):
    """The code the socket was closed with."""
    while True:
        message = await page.communicator.receive_output(timeout=10)
        if message["type"] == "websocket.close":
            return message["code"]
