"""Pages of people who may not be here any more: their sockets are closed, in every process, within seconds.

A hint closes them at once. Hints can be lost, so while pages are open each process also asks the database who has gone: who was
suspended, deleted, or has another password.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Iterable

from playground.accounts.models import User
from playground.chat import sockets
from playground.lib.sockets import in_pool
from playground.runs.lifecycle import engine

log = logging.getLogger(__name__)

PERSON_GONE = "person-gone"  # the kind of announcement
LOOK_EVERY_S = 4.0  # five seconds are promised

_looking: asyncio.Task[None] | None = None


def person_gone(person: int) -> None:
    """Hint to every process, from any thread."""
    engine().call_soon(engine().announce, PERSON_GONE, str(person))


async def close_pages(person: str) -> None:
    """Close the sockets that the person with this key has in this process."""
    await sockets.close_where(lambda visitor: str(visitor.person) == person)


def keep_looking() -> None:
    """Look every few seconds, from now until the last page has gone."""
    global _looking  # noqa: PLW0603 - one a process
    if _looking is None or _looking.done():
        # An empty context: it outlives the socket that began it.
        _looking = contextvars.Context().run(asyncio.create_task, _look_while_open(), name="departures")


async def _look_while_open() -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if not (visitors := sockets.visitors()):
            return
        try:
            gone = await in_pool(find_gone, visitors)
            await sockets.close_where(gone.__contains__)
        except Exception:
            log.warning("Could not look for people who have gone", exc_info=True)


def find_gone(visitors: Iterable[sockets.Visitor]) -> set[sockets.Visitor]:
    """Those of `visitors` whose session the database does not bear out any more. One query."""
    visitors = set(visitors)
    people = User.objects.filter(pk__in={one.person for one in visitors}, is_active=True)
    still = {(person.pk, person.get_session_auth_hash()) for person in people.only("password", "session_epoch")}
    return {one for one in visitors if (one.person, one.session_hash) not in still}
