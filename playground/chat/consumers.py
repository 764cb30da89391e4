"""The websocket of a page: it follows runs and watches conversations. Small commands in, frames of live answers out."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from orjson import dumps

from playground.accounts.models import User
from playground.chat import departures, sockets
from playground.chat.commands import Ack, BadFrame, Follow, Unfollow, Unwatch, Watch, parse
from playground.chat.fragments import Followed, final_message, find_followed, may_watch
from playground.chat.hints import conversation_of, group_of
from playground.chat.live import live_answer
from playground.chat.reader import Reader
from playground.chat.sockets import SESSION_GONE, Visitor
from playground.chat.window import Stalled, Window
from playground.lib.sockets import current_user, in_pool
from playground.lib.tasks import end_tasks

BAD_FRAME, NOT_FOUND, FLOOD = 4400, 4404, 4429
RESTART, TRY_LATER = 1012, 1013
FRAMES_PER_S = 50  # a page acknowledges each large message of a fast answer

# Conversations of one page: the columns of a comparison, with room to spare.
WATCHED_AT_ONCE = 32

# Another process or a dead one has the run: look at its row this often.
ROW_POLL_S = 1.0

Result = TypeVar("Result")

_sockets: Counter[int] = Counter()
_open: set[ChatConsumer] = set()


def open_sockets() -> int:
    """How many pages are connected."""
    return len(_open)


def open_readers() -> int:
    """How many live answers those pages follow, each page's counted."""
    return sum(consumer.readers for consumer in _open)


async def look_again(_text: str) -> None:
    """Hints were lost: every page fetches the news of the conversation it shows."""
    await asyncio.gather(*(consumer.hint() for consumer in list(_open)), return_exceptions=True)


async def close_all_sockets() -> None:
    """The server goes down: pages come back by themselves to the one that starts next."""
    await asyncio.gather(*(consumer.close(RESTART) for consumer in list(_open)), return_exceptions=True)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One page. Readers are tasks of the consumer; the runs they read from belong to the engine and go on."""

    async def connect(self) -> None:
        self._readers: dict[UUID, asyncio.Task[None]] = {}
        self._watched: set[str] = set()
        self._window = Window()
        self._second, self._frames = 0, 0
        self._user_pk = 0
        self._is_closing = False
        user = self.scope["user"]
        await self.accept()
        if not user.is_authenticated:
            await self.close(SESSION_GONE)
        elif _sockets[user.pk] >= settings.SOCKETS_PER_USER:
            await self.close(FLOOD)
        else:
            self._user_pk = user.pk
            _sockets[user.pk] += 1
            _open.add(self)
            sockets.add(self, Visitor(user.pk, user.get_session_auth_hash()))
            departures.keep_looking()

    @property
    def readers(self) -> int:
        return len(self._readers)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        self._is_closing = True
        await super().close(code, reason)

    async def disconnect(self, code: int) -> None:
        _open.discard(self)
        sockets.discard(self)
        if self._user_pk:
            _sockets[self._user_pk] -= 1
        for group in self._watched:
            await self.channel_layer.group_discard(group, self.channel_name)
        await end_tasks(self._readers.values())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._is_closing:  # what was on its way when we closed
            return
        if self._is_flooded():
            await self.close(FLOOD)
            return
        try:
            command = parse(text_data or "")
        except BadFrame:
            await self.close(BAD_FRAME)
            return
        match command:
            case Ack(seq):
                self._window.acknowledge(seq)
            case Follow(run, after):
                await self._follow(run, after)
            case Unfollow(run):
                if task := self._readers.pop(run, None):
                    task.cancel()
            case Watch(conversation):
                await self._watch(conversation)
            case Unwatch(conversation):
                await self._unwatch(conversation)

    async def conversation_changed(self, event: dict[str, Any]) -> None:
        """A hint from the channel layer."""
        await self._push({"conversation": event["conversation"], "changed": True})

    async def hint(self) -> None:
        """Say that the watched conversations may have something new."""
        for group in list(self._watched):
            await self._push({"conversation": conversation_of(group), "changed": True})

    # --- commands ---

    async def _follow(self, run: UUID, after: str) -> None:
        followed = await self._find(find_followed, run)
        if followed is None:
            return
        if earlier := self._readers.pop(run, None):
            earlier.cancel()
        self._readers[run] = asyncio.create_task(self._read(followed, after), name=f"reader-{run}")

    async def _watch(self, conversation: UUID) -> None:
        if not await self._find(may_watch, conversation):
            return
        group = group_of(conversation)
        if group not in self._watched and len(self._watched) >= WATCHED_AT_ONCE:
            await self.close(FLOOD)
            return
        self._watched.add(group)
        await self.channel_layer.group_add(group, self.channel_name)

    async def _unwatch(self, conversation: UUID) -> None:
        group = group_of(conversation)
        if group in self._watched:
            self._watched.discard(group)
            await self.channel_layer.group_discard(group, self.channel_name)

    async def _find(self, find: Callable[[User, UUID], Result | None], uuid: UUID) -> Result | None:
        """What `find` gives for the user as the session says now, not as it said when the socket was opened, in one hop.

        Without a session, or without what was asked for, the socket is closed.
        """

        def step() -> tuple[int, Result | None]:
            user = current_user(self.scope)
            found = find(user, uuid) if user is not None else None
            return (SESSION_GONE if user is None else NOT_FOUND), found

        refusal, found = await in_pool(step)
        if not found:
            await self.close(refusal)
        return found

    # --- readers ---

    async def _read(self, followed: Followed, after: str) -> None:
        answer = live_answer(followed.run, prefix=followed.prefix)
        reader = Reader(answer, followed.message, is_masked=followed.is_masked)
        reader.resume(after)
        answer.join()
        try:
            await answer.caught_up.wait()
            while True:
                await self._window.room()
                if frame := reader.frame():
                    await self._push(frame)
                if reader.is_behind:
                    continue
                if answer.is_finished:
                    break
                await answer.wait(reader.version)
            await self._send_final(followed)
        except Stalled:
            await self.close(TRY_LATER)
        finally:
            answer.leave()
            if self._readers.get(followed.run) is asyncio.current_task():
                del self._readers[followed.run]

    async def _send_final(self, followed: Followed) -> None:
        """The message as the database has it now that its run has ended."""
        while (html := await in_pool(final_message, followed)) is None:  # noqa: ASYNC110 - a row cannot wake us
            await asyncio.sleep(ROW_POLL_S)
        await self._window.room()
        target = f'<hx-partial hx-target="#message-{followed.message}" hx-swap="outerMorph">{html}</hx-partial>'
        await self._push({"run": str(followed.run), "after": "", "content": target, "done": True})

    async def _push(self, message: dict[str, Any]) -> None:
        self._window.seq += 1
        text = dumps({"seq": self._window.seq, **message}).decode()
        self._window.sent(len(text))
        with contextlib.suppress(RuntimeError):  # the socket closed while the message was on its way
            await self.send(text_data=text)

    def _is_flooded(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._frames = second, 0
        self._frames += 1
        return self._frames > FRAMES_PER_S
