"""What the client of model servers says in our own words, marked for translation. It says it in English, which is what rows and
logs keep; what a server said in its own words is shown as it is. A test keeps this list complete.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext, gettext_noop

from playground.lib.numbers import number
from playground.lib.sentences import parts_of

UPSTREAM = (
    gettext_noop("The server answered with something that is not an answer of this API."),
    gettext_noop("The server answered with JSON that cannot be read."),
    gettext_noop("The answer was cut off."),
    gettext_noop("The server sent a line longer than we accept."),
    gettext_noop("The server sent a frame that cannot be read."),
    gettext_noop("The server sent something that is not an answer."),
    gettext_noop("The server sent JSON that is not an answer."),
    gettext_noop("The answer was cut off: the server closed the stream before its end."),
    gettext_noop("The answer is longer than this server accepts."),
    gettext_noop("The server sent more choices than there can be."),
    gettext_noop("The server ended the answer with an error."),
    gettext_noop("This address may not be called: it belongs to the machine's own network services."),
    gettext_noop(
        "This server is on this machine or in a private network: it has to be listed in PLAYGROUND_PRIVATE_HOSTS."
    ),
    gettext_noop("No secure connection to the server: its certificate was not accepted."),
    gettext_noop("No connection to the server."),
    gettext_noop("The server sent a compressed answer, which we did not ask for."),
    gettext_noop("The answer was cut off: the connection to the server broke."),
    gettext_noop("The server's name is not known."),
    gettext_noop("The request cannot be sent to this address."),
    gettext_noop("The server's reply is not HTTP as we know it."),
    gettext_noop("The server sent more headers than we accept."),
    gettext_noop("The server redirects. Set the base URL to the address it really has."),
    gettext_noop("The server sent more than we accept."),
    gettext_noop("The server's list of models is not a list."),
    gettext_noop("The server's list of models cannot be read."),
    gettext_noop("The base URL must look like https://host/v1, without a name or password."),
    gettext_noop("The API key or a header of this provider has characters that cannot be sent."),
    gettext_noop("No answer within %(seconds)s s."),
    gettext_noop("The answer stopped coming for %(seconds)s s."),
    gettext_noop("The answer took longer than %(seconds)s s."),
    gettext_noop("The server answered with a web page instead of an answer: %(title)s"),
    gettext_noop("Status %(status)s"),
)


def say(message: str, parts: dict[str, Any] | None = None, ours: Collection[str] = UPSTREAM) -> str:
    """`message` in the reader's language, if it is one of `ours`. `parts` are those of one that was read from a row."""
    parts = parts or parts_of(message) or {"template": message, "figures": {}}
    if parts["template"] not in ours:
        return message
    words, figures = gettext(parts["template"]), parts["figures"]
    return words % {name: _written(value, ours) for name, value in figures.items()} if figures else words


def _written(value: float | str, ours: Collection[str]) -> str:
    return (gettext(value) if value in ours else value) if isinstance(value, str) else number(value)
