"""The ASGI application: HTTP to Django, websockets to the consumers."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path, re_path

from playground.lib import daphne_bodies
from playground.lib.asgi import MEGABYTE, BodyLimit, BodyLimits, OriginGuard, RequestId, StandingHeaders
from playground.lib.handler import get_asgi_application
from playground.lib.threads import ReusedThreads

http = ReusedThreads(get_asgi_application())

# After Django is set up: these import models.
from playground.chat.consumers import ChatConsumer, close_all_sockets
from playground.lib.sockets import NoSuchSocket
from playground.runs.lifecycle import StartsEngine

websocket_urlpatterns = [
    path("ws/", ChatConsumer.as_asgi(), name="socket"),
    re_path(r"", NoSuchSocket.as_asgi()),
]
unguarded = StartsEngine(
    ProtocolTypeRouter({"http": http, "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns))}),
    last=close_all_sockets,
)

# Where more than a megabyte may come in, by path; the longest prefix first.
LARGE_BODIES = (
    ("/admin/usage/statement/", 9 * MEGABYTE),  # an invoice of 8 MB and its form
    ("/presets/import/", 6 * MEGABYTE),  # a file of presets of 5 MB and its form
    ("/images/", 22 * MEGABYTE),  # one file of 20 MB and its form
    ("/presets/images/", 24 * MEGABYTE),  # one file of 20 MB and the form of a preset
    ("/presets/", 2 * MEGABYTE),  # the form of a preset: 256 KB of text, thrice that in percent signs
    ("/preset/", 32 * MEGABYTE),  # the form beside a chat with its text and the values of variables
    ("/messages/", 32 * MEGABYTE),  # a prompt of a million tokens
    ("/estimate/", 32 * MEGABYTE),
    ("/draft/", 32 * MEGABYTE),
    ("/c/", 32 * MEGABYTE),
)
limits = BodyLimits(session_cookie=settings.SESSION_COOKIE_NAME, large=LARGE_BODIES)
daphne_bodies.install(limits)
guarded = OriginGuard(
    unguarded,
    allowed_hosts=settings.ALLOWED_HOSTS,
    trusted_origins=settings.CSRF_TRUSTED_ORIGINS,
    is_https=settings.IS_HTTPS,
)
application = RequestId(StandingHeaders(BodyLimit(guarded, limits)))
