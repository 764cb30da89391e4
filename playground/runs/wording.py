"""What a failed run says in our own words, marked for translation. A row keeps the sentence as it came, in English; what a
server said in its own words is shown as it is. A test keeps this list complete.
"""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

SENTENCES = (
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
    gettext_noop("Something went wrong on this server."),
    gettext_noop("The server is busy: every place is taken and the line is full."),
    gettext_noop("This run has already ended."),
)


def sentence(message: str) -> str:
    """`message` in the reader's language, if it is one of ours."""
    return gettext(message) if message in SENTENCES else message
