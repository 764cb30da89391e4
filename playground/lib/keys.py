"""What looks like a key, wherever it stands."""

from __future__ import annotations

import re

MASK = "***"

_KEYS = re.compile(
    r"\b(?:sk|pk|rk|xai|gsk|hf|key)[-_][A-Za-z0-9_\-*.]{5,}[A-Za-z0-9_\-*]"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
    r"|(?<=bearer )\S+"
    r"|(?<=basic )[A-Za-z0-9+/=]{8,}"
    r"|(?<=api-key: )\S+|(?<=api_key=)[^\s&\"']+|(?<=apikey=)[^\s&\"']+",
    re.IGNORECASE,
)


def mask_keys(text: str) -> str:
    """`text` with everything masked that looks like a key."""
    return _KEYS.sub(MASK, text)
