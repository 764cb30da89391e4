"""A message that cannot be sent, and stands in its conversation all the same until a person sends or removes it.

For columns of a comparison: the others answer the same question, and none may miss a turn.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from playground.accounts.models import User
from playground.chat.models import Attachment, Conversation, Message, Role
from playground.chat.services.answers import lock, show
from playground.chat.services.messages import Posted, find_posted, resolve_parent, take_from_draft
from playground.chat.services.queue import unsent_entry
from playground.chat.showing import SHOWN_CHARACTERS
from playground.lib.markdown import RENDERER_VERSION, render


def keep_unsent(
    *,
    owner: User,
    conversation: Conversation,
    text: str,
    attachments: Sequence[Attachment],
    request_id: str,
    said: str,
) -> Posted:
    """`text`, as it may be stored, at the end of what is shown; `said` is why it was not sent. The same id twice is one message."""
    html = render(text[:SHOWN_CHARACTERS])
    with transaction.atomic():
        conversation = lock(conversation)
        if earlier := find_posted(owner, request_id, conversation):
            return earlier
        message = Message.objects.create(
            conversation=conversation,
            parent=resolve_parent(conversation, None),
            role=Role.USER,
            text=text,
            html=html,
            html_version=RENDERER_VERSION,
            request_id=request_id,
            queued=unsent_entry(said, request_id),
        )
        take_from_draft(attachments, message)
        show(conversation, message)
        return Posted(conversation, message, None, attachments)
