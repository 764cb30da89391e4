"""Optimistic versions of texts that are changed in place: who saves has seen what he replaces."""

from __future__ import annotations

import hashlib


def version_of(text: str) -> str:
    """A few characters that stand for exactly this text; empty for an empty one."""
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def is_stale(version: str | None, *, stored: str, text: str) -> bool:
    """Whether to write `text` would replace a text that the page with `version` never showed. None: no page, no check."""
    return version is not None and stored not in {"", text} and version != version_of(stored)
