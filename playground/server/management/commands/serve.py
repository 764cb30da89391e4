"""`manage.py serve`: the server of `make run` and of the container."""

# Twisted's reactor must be ours, so this comes before whatever imports Twisted.
import playground.server.reactor  # noqa: F401 # isort: skip

import asyncio
import logging
import os
import signal
import sys
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from playground.accounts import setup
from playground.lib import daphne_bodies, logs
from playground.lib.postgres import Lock, alone, is_postgres
from playground.runs import lifecycle
from playground.server import listen, prepare
from playground.server.checks import local_mode_stays_local
from playground.server.daphne import Server
from playground.server.lag import watch_lag
from playground.server.lock import AlreadyRunning, DatabaseLock, server_lock
from playground.server.upkeep import keep_up
from playground.server.warmup import warm_up
from playground.server.watch import watches

log = logging.getLogger(__name__)

# Seconds a thread may keep the interpreter while the event loop, which streams the answers, waits for it. Python's own 5 ms
# would be added to every token that arrives while a page is rendered.
SWITCH_S = 0.001
FLUSH_S = 0.1  # for the last frames to leave


class Command(BaseCommand):
    help = "Serve Playground on HOST and PORT."
    requires_system_checks: list[str] = []  # run below, after the messages that people are likeliest to need

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="first migrate, load the catalogue and collect static files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = settings.HOST, settings.PORT
        os.umask(0o077)  # conversations and keys are for this user's eyes
        if settings.LOG_FORMAT == "json":
            logs.take_over()
        self._refuse_public_local_mode()
        with ExitStack() as stack:
            self._take_data(stack, address=listen.url_of(host, port))
            self._check_port(host, port)
            self.check()
            if options["prepare"]:
                self._prepare()
            elif prepare.has_open_migrations():
                raise CommandError(
                    _("The database is not up to date. Run: python manage.py migrate (make run does it).")
                )
            exit_code = self._serve(host, port)
        if exit_code:
            sys.exit(exit_code)

    def say(self, text: str) -> None:
        with suppress(OSError):  # whoever listened has gone, which is no reason to fail, and least of all to go on
            self.stdout.write(f"playground: {text}")
            self.stdout.flush()

    def _refuse_public_local_mode(self) -> None:
        for message in local_mode_stays_local():
            raise CommandError(f"{message.msg}\n{message.hint}")

    def _take_data(self, stack: ExitStack, *, address: str) -> None:
        """Without a run log to share there is one server process; others would not see its runs."""
        if not settings.IS_SHARED:
            self._take_folder(stack, address)
        if is_postgres():
            self._take_database(stack, address)

    def _take_folder(self, stack: ExitStack, address: str) -> None:
        try:
            stack.enter_context(server_lock(settings.DATA_DIR, address=address))
        except AlreadyRunning as running:
            raise CommandError(
                _(
                    "Playground already serves %(folder)s: %(holder)s.\nStop it first, or give this one a folder of its own: PLAYGROUND_DATA_DIR=/other/folder"
                )
                % {"folder": settings.DATA_DIR, "holder": running.holder or _("in another process")}
            ) from None

    def _take_database(self, stack: ExitStack, address: str) -> None:
        try:
            prepare.check_database()
            stack.enter_context(
                DatabaseLock(address=address, is_shared=settings.IS_SHARED, on_lost=_stop_for_the_other)
            )
        except AlreadyRunning as running:
            raise CommandError(
                _(
                    "Playground already serves this database: %(holder)s.\nStop it first, or give all of them one run log to share: REDIS_URL=redis://host:6379/0"
                )
                % {"holder": running.holder or _("in another process")}
            ) from None
        except prepare.Unusable as error:
            raise CommandError(str(error)) from None

    def _check_port(self, host: str, port: int) -> None:
        try:
            listen.check_free(host, port)
        except listen.CannotListen as error:
            if error.is_taken:
                text = _("Port %(port)d is taken by another program. Choose another: make run PORT=%(other)d")
                raise CommandError(text % {"port": port, "other": port + 1 if port < 65535 else 8000}) from None
            text = _("Cannot listen on %(host)s, port %(port)d: %(reason)s")
            raise CommandError(text % {"host": host, "port": port, "reason": error}) from None

    def _prepare(self) -> None:
        with alone(Lock.PREPARE, on_wait=lambda: self.say(_("another server prepares the database; waiting for it"))):
            if prepare.has_open_migrations():
                self.say(_("updating the database in %(place)s") % {"place": prepare.place_of_database()})
                prepare.migrate()
            for line in prepare.load_catalogue():
                self.say(line)
        if prepare.collect_static():
            self.say(_("collected static files"))

    def _serve(self, host: str, port: int) -> int:
        # Not before: building the application reads the collected static files, and the engine's tables must exist.
        from playground import asgi
        from playground.chat.consumers import close_all_sockets

        daphne_bodies.install(asgi.limits)
        sys.setswitchinterval(SWITCH_S)
        if notice := setup.token_notice(_public_url(host, port)):
            self.say(notice)
        connection.close()  # the reactor's threads open their own

        tasks: list[asyncio.Task[None]] = []
        parts = watches()

        async def begin() -> None:
            await lifecycle.start()
            for part in parts:
                part.start()
            tasks.append(asyncio.create_task(watch_lag(), name="lag"))
            tasks.append(asyncio.create_task(keep_up(), name="upkeep"))
            tasks.append(asyncio.create_task(asyncio.to_thread(warm_up), name="warm-up"))
            self.say(_("ready at %(url)s (Ctrl+C stops it)") % {"url": _public_url(host, port)})

        async def end() -> None:
            for task in tasks:
                task.cancel()
            for part in parts:
                part.stop()
            await lifecycle.drain()
            await close_all_sockets()
            await asyncio.sleep(FLUSH_S)

        server = Server(
            asgi.application,
            host=host,
            port=port,
            on_start=begin,
            on_stop=end,
            parts=parts,
            on_signal=lambda: self.say(_("stopping; running answers may finish, Ctrl+C again ends them")),
        )
        server.run()
        return server.exit_code


def _stop_for_the_other() -> None:
    """Called by a thread: two servers on one database, each with a run log of its own, would undo each other's runs."""
    log.critical("Another server took this database while it was away; this one stops")
    os.kill(os.getpid(), signal.SIGTERM)


def _public_url(host: str, port: int) -> str:
    """What people type: behind a proxy that ends TLS its address, otherwise ours."""
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    if settings.IS_HTTPS and not listen.is_loopback(name):
        return f"https://{name}"
    return listen.url_of(host, port)
