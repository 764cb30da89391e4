"""What a model is told: the turns of a path, as a request's `messages` and as a number of tokens.

Everything comes from rows that never change once they are whole, and from the facts that the run's receipt keeps, so the body
of a run can be built again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.catalog.models import ContinueStyle, Model
from playground.chat.models import Attachment, Conversation, Detail, Message
from playground.chat.tree import Tree
from playground.lib.image_tokens import image_tokens, largest_image_tokens
from playground.lib.tokens import ChatText, TokenCount, chat_tokens

# To the model, so not translated.
GO_ON = "Continue exactly where your last message stopped. Do not repeat anything and do not comment on it."
IMAGE_LEFT_OUT = "[An image was left out.]"


@dataclass(frozen=True, slots=True)
class Turn:
    role: str
    text: str
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class PromptCount:
    """Tokens of a prompt. `images` is part of `total`; None when the model's way of counting is not known."""

    total: int
    images: int | None
    is_approximate: bool
    unknown_images: int = 0  # not in `total`, because nobody can count them


def load_turns(answer: Message, receipt: Mapping[str, Any]) -> list[Turn]:
    """The turns that `answer` replies to, the system prompt first. Three queries, whatever the length."""
    turns = path_turns(answer.conversation, answer.parent_id)
    return framed(turns, receipt, answer.continues)


def framed(turns: Sequence[Turn], receipt: Mapping[str, Any], continues: Message | None = None) -> list[Turn]:
    """The turns of a path as they are sent: a system prompt before, the cut-off answer after, images only if seen."""
    sees = bool(receipt.get("sends_images"))
    system = receipt.get("values", {}).get("system_prompt")
    sent = [Turn("system", system)] if system else []
    for turn in turns:
        if turn.attachments and not sees:
            sent.append(Turn(turn.role, turn.text or IMAGE_LEFT_OUT))
        elif turn.text or turn.attachments:  # an answer without text is not repeated to the model
            sent.append(turn)
    if continues is not None:
        sent.append(Turn("assistant", continues.text))
        if receipt.get("continue_style") != ContinueStyle.PREFILL:
            sent.append(Turn("user", GO_ON))
    return sent


def path_turns(conversation: Conversation, leaf: int | None) -> list[Turn]:
    """The messages from the root to the message with the id `leaf`. Three queries; none when `leaf` is None."""
    if leaf is None:
        return []
    ids = Tree.of(conversation, with_deleted=True).path(leaf)
    texts = {
        pk: (role, text)
        for pk, role, text in Message.objects.filter(pk__in=ids).values_list("id", "role", "text").iterator()
    }
    images: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message_id__in=ids).select_related("blob"):
        images.setdefault(attachment.message_id or 0, []).append(attachment)
    return [Turn(*texts[pk], images.get(pk, ())) for pk in ids]


def as_messages(
    turns: Sequence[Turn], receipt: Mapping[str, Any], address: Callable[[Attachment], str]
) -> list[dict[str, Any]]:
    """The `messages` of a request body. `address` gives the URL of an image: data for the server, a stub for the eye."""
    default = receipt.get("values", {}).get("image_detail")
    takes_urls = bool(receipt.get("sends_image_urls"))
    return [{"role": turn.role, "content": _content(turn, default, address, takes_urls=takes_urls)} for turn in turns]


def _content(
    turn: Turn, default: str | None, address: Callable[[Attachment], str], *, takes_urls: bool
) -> str | list[dict[str, Any]]:
    """Plain text, or a list of parts: the text, then the images in their order."""
    sent = [attachment for attachment in turn.attachments if attachment.blob_id or takes_urls]
    if not sent:
        return turn.text or IMAGE_LEFT_OUT
    parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    for attachment in sent:
        image = {"url": address(attachment)}
        if detail := image_detail(attachment, default):
            image["detail"] = detail
        parts.append({"type": "image_url", "image_url": image})
    return parts


def image_detail(attachment: Attachment, default: str | None) -> str | None:
    """The image's own setting, else the form's for all images; None, and so left out, when nobody chose."""
    return attachment.detail if attachment.detail != Detail.AUTO else default


def count_turns(turns: Sequence[Turn], model: Model, default_detail: str | None) -> PromptCount:
    """The tokens of `turns` for `model`. No query; time in proportion to the text (about 0.3 s a million characters)."""
    text = chat_tokens((ChatText(turn.role, turn.text) for turn in turns), model.tokenizer)
    counts = [_image_count(attachment, model, default_detail) for turn in turns for attachment in turn.attachments]
    known = [count for count in counts if count is not None]
    images = sum(count.tokens for count in known)
    return PromptCount(
        total=text.tokens + images,
        images=images if len(known) == len(counts) else None,
        is_approximate=text.is_approximate or len(known) < len(counts) or any(count.is_approximate for count in known),
        unknown_images=len(counts) - len(known),
    )


def _image_count(attachment: Attachment, model: Model, default_detail: str | None) -> TokenCount | None:
    blob = attachment.blob
    if blob is None:  # an address that we never fetch: the most it can be
        return largest_image_tokens(model.image_tokens)
    detail = image_detail(attachment, default_detail) or Detail.AUTO
    return image_tokens(model.image_tokens, blob.width, blob.height, detail)
