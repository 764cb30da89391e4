"""Messages as templates show them: figures, alternatives, rendered text. A fixed number of queries for any number of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from playground.chat.models import Attachment, Conversation, Message, Role
from playground.chat.page import ShownMessage, ShownQueued, ShownRun
from playground.chat.tree import Tree
from playground.lib.markdown import RENDERER_VERSION, from_store, render
from playground.runs.advice import advice_text
from playground.runs.models import Run, RunStatus
from playground.runs.wording import sentence
from playground.usage.ledger import amounts_of

# A longer text is shown by its beginning, so that a pasted book does not weigh on every visit.
SHOWN_CHARACTERS = 200_000
CUT_SHORT = ("length",)  # finish reasons after which there is more to say

Amounts = Mapping[UUID, Decimal]  # what runs cost; the unpriced are not in it


def show_messages(
    conversation: Conversation,
    ids: Sequence[int],
    tree: Tree,
    *,
    known: Iterable[tuple[Message, Sequence[Attachment]]] = (),
) -> list[ShownMessage]:
    """The messages `ids`, in that order. Three queries, and one that keeps fresh renderings when there are any.

    `known` messages with their images spare the first two; without an ended run there is no third.
    """
    return show_loaded(conversation, ids, tree, load_messages(ids, known=known))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Messages with all that stands at them, of one conversation or of several."""

    messages: Mapping[int, Message]
    images: Mapping[int, Sequence[Attachment]]
    amounts: Amounts
    blind: AbstractSet[int]


def load_messages(ids: Sequence[int], *, known: Iterable[tuple[Message, Sequence[Attachment]]] = ()) -> Loaded:
    """What `show_loaded` needs of the messages `ids`. Queries as `show_messages` says."""
    messages = {message.pk: message for message, _attachments in known if message.pk in ids}
    images = {message.pk: list(attachments) for message, attachments in known}
    if unknown := [pk for pk in ids if pk not in messages]:
        rows = Message.objects.filter(pk__in=unknown).select_related("run")
        messages |= {one.pk: one for one in rows.defer("run__text", "run__reasoning", "run__response")}
        for attachment in Attachment.objects.filter(message_id__in=unknown).select_related("blob"):
            images.setdefault(attachment.message_id or 0, []).append(attachment)
    _render_missing(messages.values())
    amounts = load_amounts(one.run for one in messages.values() if one.run is not None)
    return Loaded(messages, images, amounts, _blind(messages))


def show_loaded(conversation: Conversation, ids: Sequence[int], tree: Tree, loaded: Loaded) -> list[ShownMessage]:
    """The messages `ids` of `conversation`, in that order. No query."""
    path = tree.path(conversation.leaf_id)
    shown = []
    for pk in ids:
        if (message := loaded.messages.get(pk)) is None or pk not in tree.nodes:
            continue
        run = show_run(message.run, loaded.amounts) if message.run else None
        run = _masked(run) if run and conversation.is_masked else run
        mine = loaded.images.get(pk, [])
        omitted = len(mine) if pk in loaded.blind else 0
        shown.append(_show(conversation, message, tree, run, mine, is_last=pk == path[-1], omitted=omitted))
    return shown


def _show(
    conversation: Conversation,
    message: Message,
    tree: Tree,
    run: ShownRun | None,
    attachments: Sequence[Attachment],
    *,
    is_last: bool,
    omitted: int,
) -> ShownMessage:
    siblings = tree.siblings(message.pk)
    at = siblings.index(message.pk)
    parent = tree.nodes.get(message.parent_id or 0)
    is_live = bool(run and run.is_active)
    is_answer = message.role == Role.ASSISTANT
    is_settled = not is_live and message.queued is None
    return ShownMessage(
        uuid=message.uuid,
        role=message.role,
        author=_author(conversation, run) if is_answer else _("You"),
        text=message.text,
        html="" if is_live else render_or_keep(message),
        is_cut=len(message.text) > SHOWN_CHARACTERS,
        reasoning=message.reasoning,
        attachments=attachments,
        omitted_images=omitted,
        created_at=message.created_at,
        parent_uuid=parent.uuid if parent else None,
        sibling_index=at + 1,
        sibling_count=len(siblings),
        previous_uuid=tree.nodes[siblings[at - 1]].uuid if at else None,
        next_uuid=tree.nodes[siblings[at + 1]].uuid if at + 1 < len(siblings) else None,
        run=run,
        is_live=is_live,
        is_edited=message.is_edited,
        is_last=is_last,
        can_continue=is_answer and is_settled and bool(message.text.strip()) and _is_cut_off(message, run),
        can_retry=is_settled and (is_answer or not tree.children(message.pk)),
        can_edit=not is_live,
        queued=_show_queued(message.queued),
        is_masked=conversation.is_masked,
    )


def _author(conversation: Conversation, run: ShownRun | None) -> str:
    if conversation.is_masked:
        return _("Answer")
    return (run.model_name if run else conversation.model_name) or _("Assistant")


def _masked(run: ShownRun) -> ShownRun:
    """Without what tells which model it was, or lets it be guessed: a blind comparison."""
    return replace(
        run,
        model_name="",
        resolved_model="",
        error={"message": _("This answer failed. Why is told after the choice.")} if run.error else None,
        first_token_ms=None,
        duration_ms=None,
        tokens_per_second=None,
        prompt_tokens=None,
        cached_tokens=None,
        completion_tokens=None,
        finish_reason="",
        seed=None,
        system_fingerprint="",
        cost=None,
    )


def _is_cut_off(message: Message, run: ShownRun | None) -> bool:
    """Stopped, broken off, out of tokens; or edited by a person, who may want it to go on from there."""
    if run is None:
        return message.is_edited
    return run.status != RunStatus.COMPLETED or run.finish_reason in CUT_SHORT


def _show_queued(queued: Mapping[str, Any] | None) -> ShownQueued | None:
    if queued is None:
        return None
    reasons = {
        RunStatus.STOPPED: _("The answer before it was stopped."),
        RunStatus.FAILED: _("The answer before it failed."),
        RunStatus.INTERRUPTED: _("The answer before it was interrupted."),
        "over_budget": _("The budget had not enough left when its turn came."),
        "unsendable": _("It cannot be sent with these settings. Edit it, or choose another model."),
    }
    reason = queued.get("said") or reasons.get(queued["reason"], "")
    return ShownQueued(is_held=queued["is_held"], reason=reason, model_name=queued["model"])


# --- rendering ---


def render_or_keep(message: Message) -> str:
    """The HTML of `message`, rendered when its own is missing or old. Saves nothing."""
    if message.html_version != RENDERER_VERSION:
        message.html = render(message.text[:SHOWN_CHARACTERS])
        message.html_version = RENDERER_VERSION
    return from_store(message.html)


def _render_missing(messages: Iterable[Message]) -> None:
    """Render what has no current HTML, and keep it for the next visit. An answer that is being written has none yet."""
    fresh = [
        one
        for one in messages
        if one.html_version != RENDERER_VERSION and not (one.run is not None and one.run.is_active)
    ]
    for message in fresh:
        render_or_keep(message)
    if fresh:
        Message.objects.bulk_update(fresh, ["html", "html_version"], batch_size=100)


# --- images that were left out ---


def _blind(messages: Mapping[int, Message]) -> set[int]:
    """The messages whose images their own answer's model did not see. What the next one will see, the page itself marks."""
    return {
        one.parent_id
        for one in messages.values()
        if one.parent_id is not None and one.run is not None and not one.run.receipt.get("sends_images", True)
    }


# --- figures ---


def show_run(run: Run, amounts: Amounts) -> ShownRun:
    return ShownRun(
        uuid=run.uuid,
        status=run.status,
        status_label=str(RunStatus(run.status).label),
        is_active=run.is_active,
        model_name=run.model_name,
        resolved_model=run.resolved_model,
        error=_show_error(run.error) if run.error else None,
        first_token_ms=run.first_token_ms,
        duration_ms=run.duration_ms,
        tokens_per_second=_tokens_per_second(run),
        prompt_tokens=run.prompt_tokens,
        cached_tokens=run.cached_tokens,
        completion_tokens=run.completion_tokens,
        is_estimated=run.is_estimated,
        finish_reason=run.finish_reason,
        seed=run.request.get("seed"),
        system_fingerprint=run.system_fingerprint,
        cost=amounts.get(run.uuid),
        is_stream=bool(run.request.get("stream")),
    )


def _show_error(error: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in error.items() if key not in {"raw", "remedy", "said"}}
    return {**shown, "message": sentence(error), "advice": advice_text(error)}


def _tokens_per_second(run: Run) -> float | None:
    """Of the time after the first token when it streamed, else of the whole."""
    if not run.completion_tokens or not run.duration_ms:
        return None
    waited = run.first_token_ms or 0 if run.request.get("stream") else 0
    took_ms = run.duration_ms - waited
    return run.completion_tokens * 1000 / took_ms if took_ms > 0 else None


def load_amounts(runs: Iterable[Run]) -> Amounts:
    """What those of `runs` that have ended cost, by the ledger. One query; none when none has."""
    return amounts_of(run.uuid for run in runs if not run.is_active)
