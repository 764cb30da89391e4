"""A conversation of alice's with everything in it, and short ways to links of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from playground.shares.models import Share
from playground.shares.sources import find_source
from tests.chat.making import Chat, make_image, make_model

PASSPHRASE = "open sesame, please"
SYSTEM_PROMPT = "the system prompt 4711"

Make = Callable[..., Share]


@pytest.fixture
def chat(alice) -> Chat:
    """Two turns, the first with an image."""
    model = make_model("fake-vision", max_images=4)
    image = make_image(alice)
    chat = Chat.begin(
        alice,
        model,
        "What is *this*?",
        attachment_uuids=[image.uuid],
        parameters={"system_prompt": SYSTEM_PROMPT, "temperature": 0.3},
    )
    chat.end("It is **red**.")
    chat.say("And then?", parameters={"system_prompt": SYSTEM_PROMPT, "temperature": 0.3})
    chat.end("```python\nprint('done')\n```")
    return chat


@pytest.fixture
def make(alice) -> Make:
    """A link of alice's: `make("conversation", uuid, **what differs)`."""

    def made(name: str, value: Any, **fields: Any) -> Share:
        return make_link(alice, name, value, **fields)

    return made


def make_link(owner: Any, name: str, value: Any, **fields: Any) -> Share:
    from playground.shares.services import Terms, create_share

    source = find_source(owner, {name: str(value)})
    parts = fields.pop("parts", ["images"])
    terms = Terms(fields.pop("audience", "public"), fields.pop("expires_at", None), fields.pop("passphrase", None))
    return create_share(
        owner=owner,
        source=source,
        parts=parts,
        title=fields.pop("title", "A title"),
        shown_as=fields.pop("shown_as", ""),
        terms=terms,
        seen=source.take(parts).mark,
        request_id=fields.pop("request_id", f"request-{Share.objects.count()}"),
    )


def url_of(share: Share) -> str:
    return f"/s/{share.token}/"


def unmasked(content: bytes) -> str:
    """The page without what differs from one request to the next: the masked token of the form, the nonce."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", content.decode())
    return re.sub(r'nonce="[^"]+"', "", text)


def shared_part(page: str) -> str:
    """The snapshot in a page or a preview, without what must differ there: addresses, the text to copy, the heading’s rank."""
    part = page[page.index('<article class="shared"') :]
    part = part[: part.rindex("</article>")]
    part = re.sub(r"<span data-copy-source hidden>.*?</span>(?=</copy-button>)", "", part, flags=re.DOTALL)
    part = re.sub(r"(<copy-button)[^>]*>", r"\1>", part)
    part = re.sub(r'(href|src)="/[^"]*"', r"\1", part)
    return re.sub(r'<(/?)h[12](?= class="shared__title"|>)', r"<\1h", part)


def enter(client: Client, share: Share, passphrase: str) -> int:
    return client.post(url_of(share), {"passphrase": passphrase}).status_code
