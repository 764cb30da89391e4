"""The chat as the run engine sees it: what to send, and what becomes of the end."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from playground.chat.images.services import data_url
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.prompt import as_messages, count_turns, load_turns
from playground.chat.services.notices import announce
from playground.chat.services.queue import after_run
from playground.chat.showing import SHOWN_CHARACTERS
from playground.lib.markdown import RENDERER_VERSION, render
from playground.runs.models import Run

NAME = "chat"


class ChatSource:
    """`runs.sources.Source` for answers in conversations. Called in worker threads."""

    def messages(self, run: Run) -> list[dict[str, Any]]:
        answer = _answer(run)
        return as_messages(load_turns(answer, run.receipt), run.receipt, data_url) if answer else []

    def prompt_tokens(self, run: Run) -> int:
        answer = _answer(run)
        if answer is None or run.model is None:
            return 0
        detail = run.receipt.get("values", {}).get("image_detail")
        return count_turns(load_turns(answer, run.receipt), run.model, detail).total

    def prefix(self, run: Run) -> str:
        answer = _answer(run)
        return answer.continues.text if answer and answer.continues else ""

    def digest(self, run: Run, text: str) -> str:
        """The answer as HTML, so that neither the transaction at its end nor the first page that shows it renders it."""
        return render((self.prefix(run) + text)[:SHOWN_CHARACTERS])

    def finished(self, run: Run, digest: str | None) -> None:
        answer = _answer(run)
        if answer is None:
            return
        # The same lock that posting takes, so that a message is either queued before this or sees the run ended.
        conversation = Conversation.objects.select_for_update().filter(pk=answer.conversation_id).first()
        if conversation is None:
            return
        prefix = answer.continues.text if answer.continues else ""
        Message.objects.filter(pk=answer.pk).update(
            text=prefix + run.text,
            reasoning=run.reasoning,
            html=digest or "",
            html_version=RENDERER_VERSION if digest is not None else 0,
        )
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
        announce(conversation)

    def proceed(self, run: Run) -> None:
        answer = _answer(run)
        if answer is not None:
            after_run(run, answer)


def without_bytes(attachment: Attachment) -> str:
    """The address of an image with its bytes cut out, for eyes and logs."""
    if attachment.blob is None:
        return attachment.url
    length = -(-attachment.blob.byte_size // 3) * 4
    return f"data:{attachment.blob.media_type};base64,…({length:,} characters)"


def _answer(run: Run) -> Message | None:
    """The message that `run` writes, kept with it once read: its place in the tree never changes."""
    try:
        answer: Message = run.message
    except Message.DoesNotExist:
        return None
    return answer
