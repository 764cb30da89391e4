"""What is worked out when a run has ended and before that is written: its tokens, and its source's digest of the text."""

from __future__ import annotations

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
    """The server reported no usage: count, and mark it as counted by us.

    A request that failed before any output was refused, and providers do not bill those; one that was stopped or cut off then
    may have been read, so its prompt is counted.
    """
    tokenizer = run.model.tokenizer if run.model else ""
    outcome.is_estimated = True
    outcome.completion_tokens = text_tokens(outcome.text + outcome.reasoning, tokenizer).tokens
    if outcome.text or outcome.reasoning or outcome.status != RunStatus.FAILED:
        outcome.prompt_tokens = source_of(run).prompt_tokens(run)
