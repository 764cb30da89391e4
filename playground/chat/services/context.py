"""Whether a prompt fits into a model's context, before anything is sent and paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def check_context(
    prepared: Prepared,
    *,
    conversation: Conversation | None,
    before: Callable[[], Sequence[Turn]],
    added: Sequence[Turn] = (),
    continues: Message | None = None,
) -> None:
    """Raises InvalidInput naming both counts when the turns `before` and what is `added` are longer than the context.

    Counting a long prompt takes a while: call it before the transaction, which holds up other writers.
    """
    limit = prepared.model.context_tokens
    if limit is None or _is_surely_short(prepared, limit, conversation, [turn.text for turn in added], continues):
        return
    turns = framed([*before(), *added], prepared.receipt, continues)
    count = count_turns(turns, prepared.model, prepared.values.get("image_detail"))
    if count.total > (limit * DOUBT if count.is_approximate else limit):
        raise InvalidInput.of("text", too_long_text(count, prepared.model))


def too_long_text(count: PromptCount, model: Model) -> str:
    """Both counts, in the reader's own number format."""
    return _("This takes %(count)s tokens; %(model)s takes %(limit)s. Shorten it or choose another model.") % {
        "count": ("≈ " if count.is_approximate else "") + number_format(count.total, force_grouping=True),
        "limit": number_format(model.context_tokens or 0, force_grouping=True),
        "model": model.title,
    }


def _is_surely_short(
    prepared: Prepared,
    limit: int,
    conversation: Conversation | None,
    added: Sequence[str],
    continues: Message | None,
) -> bool:
    """True when even the worst text of this length fits. One query that reads no text into Python."""
    length = sum(map(len, added)) + len(prepared.values.get("system_prompt") or "")
    if conversation is not None:
        texts = Message.objects.filter(conversation=conversation)
        length += texts.aggregate(sum=Sum(Length("text")))["sum"] or 0
    length += len(continues.text) if continues else 0
    return bool(length * TOKENS_PER_CHARACTER < limit * ROOM)
