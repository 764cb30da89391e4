"""What a column of a comparison refused was kept as it was typed: its preset is filled in when it goes out after all."""

from __future__ import annotations

from playground.accounts.models import User
from playground.chat.models import Conversation, Message
from playground.chat.services.cleaning import clean_text
from playground.chat.services.filling import Filling
from playground.chat.services.starting import add_starters, starter_turns


def complete_unsent(*, owner: User, conversation: Conversation, message: Message, filling: Filling) -> None:
    """Fill the variables into `message`, and put the preset's starters before one that begins its conversation.

    Within a transaction. Raises InvalidInput when the text grows too long.
    """
    text = clean_text(filling.text(message.text))
    if text != message.text:
        message.text, message.html, message.html_version = text, "", 0
        message.save(update_fields=["text", "html", "html_version"])
    if message.parent_id is None and (last := add_starters(conversation, starter_turns(owner, filling))):
        message.parent = last
        message.save(update_fields=["parent"])
