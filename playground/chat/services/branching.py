"""Moving between alternatives, and taking a path along into a conversation of its own."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import NotPossible
from playground.chat.images.services import copy_attachments
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.services.answers import is_answering, lock
from playground.chat.services.cleaning import MAX_TITLE
from playground.chat.services.notices import announce
from playground.chat.tree import Tree


def select_sibling(*, message: Message) -> Conversation:
    """Show `message` and, below it, what was written last. Changes nothing but what is shown."""
    with transaction.atomic():
        conversation = lock(message.conversation)
        tree = Tree.of(conversation)
        if message.pk not in tree.nodes:
            raise Message.DoesNotExist("the message has been deleted meanwhile")
        if message.pk not in tree.path(conversation.leaf_id):
            conversation.leaf_id = tree.last_leaf(message.pk)
            conversation.save(update_fields=["leaf"])
            announce(conversation)
        return conversation


def branch_from(*, owner: User, message: Message) -> Conversation:
    """A new conversation that holds a copy of the path up to `message`. Raises NotPossible while that is being written."""
    if is_answering(message):
        raise NotPossible(_("This answer is still being written. Stop it first."))
    if message.queued is not None:
        raise NotPossible(_("This message has not been sent yet."))
    origin = message.conversation
    with transaction.atomic():
        ids = Tree.of(origin).path(message.pk)
        branch = Conversation.objects.create(
            owner=owner,
            title=(_("Branch of %(title)s") % {"title": origin.title})[:MAX_TITLE],
            model_name=origin.model_name,
            parameters=origin.parameters,
            preset_id=origin.preset_id,
            variables=origin.variables,
            updated_at=timezone.now(),
        )
        branch.leaf = copy_path(ids, branch)
        branch.save(update_fields=["leaf"])
        return branch


def copy_path(ids: list[int], branch: Conversation, *, with_request_ids: bool = False) -> Message | None:
    """Copies of the messages `ids`, each below the one before. Runs and their figures stay with the originals.

    With request ids, the questions are still known by what they were asked with.
    """
    originals = Message.objects.in_bulk(ids)
    images: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message_id__in=ids).select_related("blob"):
        images.setdefault(attachment.message_id or 0, []).append(attachment)
    last: Message | None = None
    for pk in ids:
        original = originals[pk]
        last = Message.objects.create(
            conversation=branch,
            parent=last,
            role=original.role,
            text=original.text,
            reasoning=original.reasoning,
            is_edited=original.is_edited,
            request_id=original.request_id if with_request_ids else None,
            html=original.html,
            html_version=original.html_version,
        )
        if pk in images:
            copy_attachments(images[pk], last)
    return last
