"""What the chat templates read: plain values, all queries done. Built in `chat/opening.py` and `chat/showing.py`.

Every template under templates/chat/ takes one of these as `page`, `message`, `sidebar`, `hits`, `raw` or `estimate`:

    conversation.html   page                 the whole page, new chat (`page.conversation` is None) or not
    _thread.html        page                 the messages that are shown; what branch, edit, retry, select, delete answer
    _older.html         page                 a batch of older messages and the next `older_url`
    _posted.html        page                 `page.messages` holds only what is new, then a fresh composer
    _news.html          page                 like _posted without the composer; `page.is_reset` asks for all of the thread
    _composer.html      page                 with `page.errors` after a 422 or 429
    _draft_notice.html  text, version        the draft that another tab has kept meanwhile
    _message.html       message, page        one message, `id="message-<uuid>"`
    _edit.html          message, page        the form that edits a message in place
    _sidebar.html       sidebar              groups of conversations
    _search.html        hits, query          search results
    _raw.html           raw                  request and response as JSON text
    _receipt.html       receipt              field by field: set, preset, left out
    _estimate.html      estimate             tokens, share of the context, at most so much money
    _estimated.html     estimate, budget     the same, and what is left to spend
    _budget.html        budget               what is left to spend
    _undo.html          conversation|message "Deleted. Undo"
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from playground.catalog.models import Model
from playground.chat.errors import FieldError
from playground.chat.models import Attachment, Conversation, Face
from playground.chat.preset_page import PresetPanel
from playground.usage.budget_wording import ShownBudget
from playground.usage.receipts import Charge


@dataclass(frozen=True, slots=True)
class ShownRun:
    """One request and its outcome, in the figures that stand at an answer's head."""

    uuid: UUID
    status: str  # a RunStatus: "queued", "streaming", "completed", "stopped", "failed", "interrupted"
    status_label: str
    is_active: bool
    model_name: str  # asked for
    resolved_model: str  # what the server says it was
    error: dict[str, Any] | None  # {message, type, param, code, status, advice}
    first_token_ms: int | None
    duration_ms: int | None
    tokens_per_second: float | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    is_estimated: bool  # the tokens are counted by us
    finish_reason: str
    seed: int | None
    system_fingerprint: str
    cost: Decimal | None  # US dollars; None means unpriced or not known, never free
    is_stream: bool


@dataclass(frozen=True, slots=True)
class ShownQueued:
    """A user message that has not been sent yet."""

    is_held: bool  # True: waits for a person ("Send now", "Remove"); False: goes out when the answer before it is done
    reason: str  # why it is held, a sentence; empty while it waits
    model_name: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    uuid: UUID
    role: str  # "user" or "assistant"
    author: str  # "You" or the model's public name
    text: str  # Markdown as it was written
    html: str  # rendered and sanitised (a SafeString); empty while the answer is live
    is_cut: bool  # very long: `html` holds the beginning, `message_text` gives the whole
    reasoning: str
    attachments: Sequence[Attachment]  # blob loaded
    omitted_images: int  # images of this message that its answer's model cannot see and was not sent
    created_at: datetime.datetime
    parent_uuid: UUID | None
    sibling_index: int  # from 1
    sibling_count: int
    previous_uuid: UUID | None  # POST message_select of it shows it
    next_uuid: UUID | None
    run: ShownRun | None
    is_live: bool  # its run is active: the socket fills it
    is_edited: bool
    is_last: bool  # the end of the shown path
    can_continue: bool
    can_retry: bool
    can_edit: bool
    queued: ShownQueued | None
    is_masked: bool = False  # it is not told who answers: no receipt, nothing raw


@dataclass(frozen=True, slots=True)
class ShownDraft:
    text: str = ""
    attachments: Sequence[Attachment] = ()
    version: str = ""  # of the stored text, which a new chat with a preset may begin without


@dataclass(frozen=True, slots=True)
class ChatPage:
    conversation: Conversation | None  # None: a new chat
    messages: Sequence[ShownMessage]
    has_older: bool
    older_url: str
    draft: ShownDraft
    inspector: Any  # what catalog.form_schema.build_form returns; None when there is no model at all
    models: Sequence[Model]  # for the Model select, provider loaded
    model: Model | None  # the chosen one
    model_name: str  # its public name; kept when the row is gone
    request_id: str  # fresh; the composer sends it, and the same id twice is one message
    leaf_uuid: UUID | None  # the last shown message; the composer sends it as `parent`
    live_run: UUID | None  # the run to follow on the socket
    errors: Sequence[FieldError] = ()
    warnings: Sequence[str] = ()
    changed: Sequence[ShownMessage] = ()  # news: messages the page already has and should show anew, by their id
    is_reset: bool = False  # news: the path changed, swap the whole thread
    message_count: int = 0  # on the shown path, older ones included
    parameters: dict[str, Any] = field(default_factory=dict)  # the raw form values behind the inspector
    budget: ShownBudget | None = None  # None: nothing limits this person
    presets: PresetPanel | None = None  # None in fragments
    problems: Sequence[str] = ()  # what the address asked for and could not have
    offered: str = ""  # a text from the address, while the draft has another one

    @property
    def title(self) -> str:
        return self.conversation.title if self.conversation else ""

    @property
    def is_chat(self) -> bool:
        """It has the page to itself; another face shows several conversations, and has one composer for all of them."""
        return self.conversation is None or self.conversation.face == Face.CHAT

    @property
    def thread_id(self) -> str:
        """The id of the element that holds the messages."""
        return "thread" if self.conversation is None or self.is_chat else f"thread-{self.conversation.uuid}"


@dataclass(frozen=True, slots=True)
class SidebarEntry:
    uuid: UUID
    title: str
    is_pinned: bool
    is_live: bool
    updated_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class SidebarGroup:
    label: str  # "Pinned", "Today", "Yesterday", "Previous 7 days", "Earlier"
    entries: Sequence[SidebarEntry]


@dataclass(frozen=True, slots=True)
class Sidebar:
    groups: Sequence[SidebarGroup]
    more_url: str  # empty when all are shown

    @property
    def is_empty(self) -> bool:
        return not self.groups


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. `snippet` is a list of (text, is_match) pairs: plain text, escaped by the template."""

    conversation_uuid: UUID
    message_uuid: UUID | None  # None: the title matched
    title: Sequence[tuple[str, bool]]
    snippet: Sequence[tuple[str, bool]]
    updated_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Raw:
    """The Raw tab: JSON texts, image bytes and secrets cut out. `response` is empty until the run has ended."""

    message_uuid: UUID
    run: ShownRun
    request: str
    response: str
    error: str


@dataclass(frozen=True, slots=True)
class ReceiptField:
    name: str
    value: str  # as JSON
    origin: str  # "user", "preset", "default" (of this person), "always" (sent by Playground itself)


@dataclass(frozen=True, slots=True)
class ReceiptPreset:
    """As it was called when the run was sent."""

    slug: str
    number: int
    label: str
    name: str
    url: str  # empty when the reader may not see that version, or not any more


@dataclass(frozen=True, slots=True)
class Receipt:
    message_uuid: UUID
    run: ShownRun
    preset: ReceiptPreset | None
    variables: Sequence[tuple[str, str]]  # name and value, as filled in
    sent: Sequence[ReceiptField]
    left_out: Sequence[str]
    body: str  # the exact request body as JSON text, images cut
    charge: Charge | None  # what the ledger says; None while the run goes on


@dataclass(frozen=True, slots=True)
class Estimate:
    """What sending would cost at most. Amounts in US dollars; None means unpriced, which is not free."""

    prompt_tokens: int
    image_tokens: int | None  # part of prompt_tokens; None when the model's way of counting is not known
    is_approximate: bool
    context_tokens: int | None
    context_percent: float | None
    max_output_tokens: int | None
    cost_at_most: Decimal | None
    held_at_most: Decimal | None  # what a budget would hold: the same, or more where that is not known
    is_unpriced: bool
    is_too_long: bool
    warnings: Sequence[str] = ()
