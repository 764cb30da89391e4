"""What the server does for itself once a day: delete what is too old, purge what was deleted long ago, sweep images that
nothing refers to, recount budgets."""

from __future__ import annotations

import asyncio
import logging

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from playground.chat.images.services import sweep_orphans
from playground.chat.services.deleting import purge
from playground.chat.services.retention import keep_to_the_rule
from playground.lib.auditing import Act, record
from playground.lib.postgres import Lock, alone_or_not_at_all, no_hurry
from playground.lib.threads import database_step
from playground.presets.services import purge as purge_presets
from playground.runs.holds import release_gone
from playground.usage.settling import tidy

log = logging.getLogger(__name__)

FIRST_AFTER_S = 10 * 60.0  # not while people wait for the start
EVERY_S = 24 * 3600.0


async def keep_up() -> None:
    """Runs until it is cancelled. A day that fails is logged, and the next one tries again."""
    await asyncio.sleep(FIRST_AFTER_S)
    while True:
        try:
            await asyncio.to_thread(database_step, upkeep)
        except Exception:
            log.exception("Upkeep failed; it is tried again tomorrow")
        await asyncio.sleep(EVERY_S)


def upkeep() -> None:
    """One round, unless another process is at it."""
    with alone_or_not_at_all(Lock.UPKEEP) as is_ours, no_hurry():
        if is_ours:
            _clean_up()


def _clean_up() -> None:
    _delete_aged()
    conversations, messages = purge()
    presets = purge_presets()
    swept = sweep_orphans()
    sessions, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    removed = (conversations, messages, presets, swept.blobs, sessions)
    log.info("Upkeep: %d conversations, %d messages, %d presets, %d images, %d sessions removed", *removed)
    release_gone()
    tidy()


def _delete_aged() -> None:
    removed = keep_to_the_rule()
    if removed.conversations:
        after = f"{removed.conversations} conversations\n{removed.messages} messages"
        record(None, Act("retention.delete", after=after, note=f"PLAYGROUND_RETENTION_DAYS={settings.RETENTION_DAYS}"))
        log.info("Retention: %d conversations, %d messages deleted", removed.conversations, removed.messages)
