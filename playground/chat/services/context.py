"""The prompt of a run that is about to be made, and whether it fits into the model's context, before anything is sent and paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Sum
from django.db.models.functions import Length
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from playground.catalog.models import Model
from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation, Message
from playground.chat.prompt import PromptCount, Turn, count_turns, framed
from playground.chat.services.preparing import Prepared

# An estimate without the model's tokenizer may be wrong: only what is clearly too long is refused here.
DOUBT = 1.25
# No character costs more tokens than its UTF-8 bytes, and none has more than four.
TOKENS_PER_CHARACTER = 4
# The format's own tokens a message, and the images, are far below this share of a large context.
ROOM = 0.5


@dataclass(frozen=True)
class Prompt:
    """What is sent: the turns `before`, what is `added`, and the answer that it `continues`."""

    prepared: Prepared
    before: Callable[[], Sequence[Turn]]
    added: Sequence[Turn] = ()
    continues: Message | None = None

    @cached_property
    def count(self) -> PromptCount:
        """Its tokens. Counting a long prompt takes a while: do it before the transaction, which holds up other writers."""
        turns = framed([*self.before(), *self.added], self.prepared.receipt, self.continues)
        return count_turns(turns, self.prepared.model, self.prepared.values.get("image_detail"))


def check_context(prompt: Prompt, *, conversation: Conversation | None) -> None:
    """Raises InvalidInput naming both counts when `prompt` is longer than the context."""
    model = prompt.prepared.model
    limit = model.context_tokens
    if limit is None or _is_surely_short(prompt, limit, conversation):
        return
    count = prompt.count
    if count.total > (limit * DOUBT if count.is_approximate else limit):
        raise InvalidInput.of("text", too_long_text(count, model))


def too_long_text(count: PromptCount, model: Model) -> str:
    """Both counts, in the reader's own number format."""
    return _("This takes %(count)s tokens; %(model)s takes %(limit)s. Shorten it or choose another model.") % {
        "count": ("≈ " if count.is_approximate else "") + number_format(count.total, force_grouping=True),
        "limit": number_format(model.context_tokens or 0, force_grouping=True),
        "model": model.title,
    }


def _is_surely_short(prompt: Prompt, limit: int, conversation: Conversation | None) -> bool:
    """True when even the worst text of this length fits. One query that reads no text into Python."""
    length = sum(len(turn.text) for turn in prompt.added) + len(
        prompt.prepared.receipt["values"].get("system_prompt") or ""
    )
    if conversation is not None:
        texts = Message.objects.filter(conversation=conversation)
        length += texts.aggregate(sum=Sum(Length("text")))["sum"] or 0
    length += len(prompt.continues.text) if prompt.continues else 0
    return bool(length * TOKENS_PER_CHARACTER < limit * ROOM)
