"""What is worked out when a run has ended and before that is written: its tokens, and its source's digest of the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playground.lib.tokens import text_tokens
from playground.runs.live import Outcome
from playground.runs.models import Run, RunStatus
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
        count(run, outcome)
    return outcome


def count(run: Run, outcome: Outcome) -> None:
    """The server reported no usage, or not the last of it: count, and mark it as counted by us. Rather too much than too little.

    A request that failed before any output was refused, and providers do not bill those; one that we stopped, cut off or gave
    up waiting for may have been read, so its prompt is counted.
    """
    tokenizer = run.model.tokenizer if run.model else ""
    outcome.is_estimated = True
    outcome.completion_tokens = text_tokens("".join(_said(outcome)), tokenizer).tokens
    so_far = outcome.reported
    if so_far is not None:  # what has arrived since then is on top of it
        outcome.prompt_tokens, outcome.cached_tokens = so_far.prompt_tokens, so_far.cached_tokens
        outcome.completion_tokens = max(outcome.completion_tokens, so_far.completion_tokens)
    elif outcome.text or outcome.reasoning or outcome.was_left or outcome.status != RunStatus.FAILED:
        outcome.prompt_tokens = source_of(run).prompt_tokens(run)


def _said(outcome: Outcome) -> Iterator[str]:
    """All that the model wrote: what is shown and, of an answer that is whole, its calls of tools and its other choices."""
    choices = outcome.completed.response.get("choices", ()) if outcome.completed else ()
    messages = [choice.get("message") or {} for choice in choices]
    if len(messages) < 2:
        yield outcome.text
        yield outcome.reasoning
    else:
        for message in messages:
            yield from _texts(message)
    for message in messages:
        for call in message.get("tool_calls") or ():
            yield from _texts(call.get("function") or {})


def _texts(part: Mapping[str, Any]) -> Iterator[str]:
    names = ("content", "reasoning_content", "refusal", "name", "arguments")
    return (text for name in names if isinstance(text := part.get(name), str))
