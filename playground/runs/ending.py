"""What is worked out when a run has ended and before that is written: its tokens, and its source's digest of the text."""

from __future__ import annotations

from typing import Any

from playground.lib.tokens import ChatText, chat_tokens, text_tokens
from playground.runs.live import Outcome
from playground.runs.models import Run
from playground.runs.sources import source_of


def conclude(run: Run, outcome: Outcome) -> Outcome:
    """Fill in tokens and digest of `outcome`. May render or count a long text: call it in a worker thread."""
    outcome.digest = source_of(run).digest(run, outcome.text)
    usage = outcome.completed.usage if outcome.completed else None
    if usage is not None:
        outcome.prompt_tokens = usage.prompt_tokens
        outcome.completion_tokens = usage.completion_tokens
        outcome.cached_tokens = usage.cached_tokens
    elif outcome.duration_ms is not None:  # something was sent
        _estimate(run, outcome)
    return outcome


def _estimate(run: Run, outcome: Outcome) -> None:
    """The server reported no usage: count, and mark it as counted by us."""
    tokenizer = run.model.tokenizer if run.model else ""
    outcome.is_estimated = True
    outcome.completion_tokens = text_tokens(outcome.text + outcome.reasoning, tokenizer).tokens
    if outcome.text or outcome.reasoning:
        outcome.prompt_tokens = chat_tokens(_texts(source_of(run).messages(run)), tokenizer).tokens


def _texts(messages: list[dict[str, Any]]) -> list[ChatText]:
    """Each message's role and text, images left out."""
    return [ChatText(message["role"], _text(message["content"])) for message in messages]


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
