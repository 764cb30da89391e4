"""The secret part of a link's address. Looked up by its hash, so that a copy of the database opens nothing."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 24  # 192 bits; 128 are asked for


def make_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """What is stored and looked up. A plain hash is enough for what is random."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
