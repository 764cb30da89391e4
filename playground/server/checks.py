"""What must hold before the server may listen, as system checks with ids and hints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.translation import gettext as _

from playground.server.listen import is_loopback

MIN_TOKEN_CHARACTERS = 16


@register()
def local_mode_stays_local(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Local mode signs every visitor in as the owner, so nobody but this machine may reach it."""
    if not settings.IS_LOCAL or is_loopback(settings.HOST):
        return []
    return [
        Error(
            _("Local mode signs every visitor in as the owner, so it does not listen on %(host)s.")
            % {"host": settings.HOST},
            hint=_(
                "Leave HOST unset to use it on this machine. To let others in, run it in server mode, with accounts: "
                "PLAYGROUND_MODE=server ALLOWED_HOSTS=name.people.type HOST=%(host)s make run"
            )
            % {"host": settings.HOST},
            id="playground.E001",
        )
    ]


@register()
def metrics_token_cannot_be_guessed(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """There is no limit on how often somebody may try."""
    if not settings.METRICS_TOKEN or len(settings.METRICS_TOKEN) >= MIN_TOKEN_CHARACTERS:
        return []
    return [
        Error(
            _("PLAYGROUND_METRICS_TOKEN is too short."),
            hint=_("Take at least %(count)d characters, for example of: openssl rand -hex 32")
            % {"count": MIN_TOKEN_CHARACTERS},
            id="playground.E002",
        )
    ]
