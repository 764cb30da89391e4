"""Streaming as tutorials of Channels teach it, in the kindest form that works: the baseline to beat.

A consumer reads the upstream with httpx and sends every token through the channel layer to itself, where a handler makes it one
fragment of HTML. Kind are: one HTTP client for all (most make one for each prompt), an answer that is a task (awaited in
`receive` nothing would arrive before its end), no sign-in, no database. The rest is what everyone gets: daphne, and the
in-memory layer with its own capacity of 100 messages a channel.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any
from uuid import uuid4

import httpx
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)

upstream = httpx.AsyncClient(
    base_url=os.environ["OPENAI_BASE_URL"], timeout=None, limits=httpx.Limits(max_connections=None)
)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        self.group = f"chat_{uuid4().hex}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str = "", bytes_data: bytes | None = None) -> None:
        self.answer = asyncio.create_task(self.stream(json.loads(text_data)["prompt"]))

    async def stream(self, prompt: str) -> None:
        body = {"model": "bench", "stream": True, "messages": [{"role": "user", "content": prompt}]}
        async with upstream.stream("POST", "/chat/completions", json=body) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                for choice in json.loads(line[6:])["choices"]:
                    if token := choice["delta"].get("content"):
                        await self.channel_layer.group_send(self.group, {"type": "chat.token", "token": token})
        await self.channel_layer.group_send(self.group, {"type": "chat.done"})

    async def chat_token(self, event: dict[str, Any]) -> None:
        await self.send(text_data=format_html('<span hx-swap-oob="beforeend:#answer">{}</span>', event["token"]))

    async def chat_done(self, event: dict[str, Any]) -> None:
        await self.send(text_data='<div id="state" hx-swap-oob="true">done</div>')


def index(request: HttpRequest) -> HttpResponse:
    return HttpResponse('<form ws-send><input name="prompt"><input type="hidden" name="model" value="1/bench"></form>')


urlpatterns = [path("", index)]
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("ws/", ChatConsumer.as_asgi())])}
)
