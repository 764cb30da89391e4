"""Building what a page shows. The cost depends on what is shown, not on how long the conversation is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog import form_schema
from playground.catalog.models import Model
from playground.catalog.selection import default_model_for
from playground.chat.errors import FieldError
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.page import ChatPage, ShownDraft, ShownMessage
from playground.chat.preset_page import show_presets
from playground.chat.services.drafts import find_draft
from playground.chat.services.messages import Posted
from playground.chat.services.settings import Settings, shown_settings
from playground.chat.services.versions import version_of
from playground.chat.showing import show_messages
from playground.chat.tree import Tree
from playground.usage.allowance import allowances
from playground.usage.budget_wording import show_budget

# Messages: several screens. More would make every visit slower, and older ones come before the reader gets to them.
SHOWN_AT_ONCE = 30


def open_page(
    user: User,
    conversation: Conversation | None,
    *,
    asked: Settings | None = None,
    draft_text: str | None = None,
    errors: Sequence[FieldError] = (),
    problems: Sequence[str] = (),
    offered: str = "",
) -> ChatPage:
    """The whole page: the latest messages, draft, inspector, presets, models and budget. At most 12 queries without a budget
    and a chosen preset.

    What the person just sent (`asked`, `draft_text`) stands before what is stored, so that nothing typed is lost when it must
    be mended. `problems` are about the address, and `offered` is a text from it: what is written already stays.
    """
    rows = Model.objects.visible_to(user).select_related("provider").prefetch_related("prices")
    models = list(rows.defer("card", "description"))
    draft = find_draft(owner=user, conversation=conversation)
    shown, lost = shown_settings(user, conversation, draft, asked)
    model, name = _choose(user, models, shown.model_name)
    values = shown.parameters
    presets = show_presets(user, shown.preset, shown.variables, is_new=conversation is None, model_name=name, lost=lost)
    tree = Tree.of(conversation) if conversation else Tree([])
    path = tree.path(conversation.leaf_id) if conversation else []
    shown_ids = path[-SHOWN_AT_ONCE:]
    messages = show_messages(conversation, shown_ids, tree) if conversation and path else []
    has_older = len(path) > len(shown_ids)
    text = draft_text if draft_text is not None else draft.text if draft else ""
    begun = text or offered or presets.begun
    return ChatPage(
        conversation=conversation,
        messages=messages,
        has_older=has_older,
        older_url=_older_url(conversation, messages) if has_older else "",
        draft=ShownDraft(begun, list(draft.attachments.all()) if draft else [], version_of(text)),
        inspector=form_schema.build_form(model, values, errors, models=models) if model else None,
        models=models,
        model=model,
        model_name=name,
        request_id=secrets.token_urlsafe(24),
        leaf_uuid=tree.nodes[path[-1]].uuid if path else None,
        live_run=_live_run(messages),
        errors=errors,
        warnings=_warnings(model, lambda: any(one.attachments for one in messages)),
        message_count=len(path),
        parameters=dict(values),
        budget=show_budget(allowances(user)),
        presets=presets,
        problems=problems,
        offered=offered if offered != begun else "",
    )


def open_posted(user: User, posted: Posted, *, after: UUID | None, model: Model | None) -> ChatPage:
    """What the page that showed the path up to `after` lacks now that its message is posted, and an empty composer.

    `model` is the one that was chosen, which the tray of images asks. At most 8 queries; two when nobody else wrote here.
    """
    conversation = posted.conversation
    tree = Tree.of(conversation)
    path = tree.path(conversation.leaf_id)
    at = _place(path, tree.find(after))
    ids = path[-SHOWN_AT_ONCE:] if at is None else path[at + 1 :]
    messages = show_messages(conversation, ids, tree, known=_made_by(posted))
    draft = find_draft(owner=user, conversation=conversation)
    return replace(
        page_part(conversation, messages, count=len(path)),
        draft=ShownDraft("", list(draft.attachments.all()) if draft else []),
        model=model,
        request_id=secrets.token_urlsafe(24),
        warnings=_warnings(model, lambda: Attachment.objects.filter(message_id__in=path).exists()),
    )


def _made_by(posted: Posted) -> list[tuple[Message, Sequence[Attachment]]]:
    """The messages that were just written, which need not be read again. Of a repeat nothing is known."""
    if posted.is_repeat:
        return []
    answer = [(posted.answer, ())] if posted.answer else []
    return [(posted.user_message, posted.attachments), *answer]


def open_older(user: User, conversation: Conversation, before: UUID) -> ChatPage | None:
    """The messages above `before`, the batch next to it; None when `before` is not on the shown path."""
    tree = Tree.of(conversation)
    path = tree.path(conversation.leaf_id)
    at = _place(path, tree.find(before))
    if at is None:
        return None
    ids = path[max(at - SHOWN_AT_ONCE, 0) : at]
    messages = show_messages(conversation, ids, tree)
    return page_part(conversation, messages, has_older=at > len(ids), count=len(path))


def open_news(user: User, conversation: Conversation, after: UUID | None) -> ChatPage:
    """What the page lacks that shows the path up to `after`; `is_reset` when the path is another one now."""
    tree = Tree.of(conversation)
    path = tree.path(conversation.leaf_id)
    at = _place(path, tree.find(after))
    if at is None or len(path) - at > SHOWN_AT_ONCE:
        ids = path[-SHOWN_AT_ONCE:]
        messages = show_messages(conversation, ids, tree)
        return page_part(conversation, messages, has_older=len(path) > len(ids), count=len(path), is_reset=True)
    # The last one the page has may have changed: a queued message was sent, an answer has ended.
    shown = show_messages(conversation, path[at:], tree)
    return page_part(conversation, shown[1:], changed=shown[:1], count=len(path))


def open_message(message: Message) -> tuple[ShownMessage, ChatPage]:
    """One message by itself, and the page part that its template reads. The message may stand on any path."""
    conversation = message.conversation
    tree = Tree.of(conversation)
    messages = show_messages(conversation, [message.pk], tree)
    return messages[0], page_part(conversation, messages, count=len(tree.nodes))


def page_part(
    conversation: Conversation,
    messages: Sequence[ShownMessage],
    *,
    count: int,
    has_older: bool = False,
    changed: Sequence[ShownMessage] = (),
    is_reset: bool = False,
) -> ChatPage:
    """A page without composer and inspector, for fragments that show messages only."""
    return ChatPage(
        conversation=conversation,
        messages=messages,
        has_older=has_older,
        older_url=_older_url(conversation, messages) if has_older else "",
        draft=ShownDraft(),
        inspector=None,
        models=(),
        model=None,
        model_name=conversation.model_name,
        request_id="",
        leaf_uuid=messages[-1].uuid if messages else changed[-1].uuid if changed else None,
        live_run=_live_run([*changed, *messages]),
        changed=changed,
        is_reset=is_reset,
        message_count=count,
    )


def _choose(user: User, models: Sequence[Model], name: str) -> tuple[Model | None, str]:
    """The model to show as chosen, and its name, which outlives the row."""
    if not name:
        default = default_model_for(user)
        name = default.public_name if default else ""
    return next((model for model in models if model.public_name == name), None), name


def _place(path: Sequence[int], pk: int | None) -> int | None:
    return path.index(pk) if pk in path else None


def _live_run(messages: Sequence[ShownMessage]) -> UUID | None:
    return next((one.run.uuid for one in reversed(messages) if one.is_live and one.run), None)


def _older_url(conversation: Conversation | None, messages: Sequence[ShownMessage]) -> str:
    if conversation is None or not messages:
        return ""
    return f"{reverse('conversation_older', args=[conversation.uuid])}?before={messages[0].uuid}"


def _warnings(model: Model | None, has_images: Callable[[], bool]) -> list[str]:
    if model is not None and not model.has_vision and has_images():
        return [_("%(model)s does not read images: those in this conversation are left out.") % {"model": model.title}]
    return []
