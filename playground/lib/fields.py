"""Database fields without a domain of their own."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class UndecipherableSecret(Exception):
    """A stored secret was encrypted with a key that this server does not have."""


@cache
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


# A list of models reads the same few keys with every row.
@lru_cache(256)
def decipher(keys: tuple[str, ...], value: str) -> str:
    return cipher(keys).decrypt(value.encode()).decode()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Text encrypted at rest with `settings.ENCRYPTION_KEYS`.

    Fails closed: a value that no key opens raises `UndecipherableSecret`, and is never handed on as if it were the text.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        if not value:
            return value
        try:
            return decipher(tuple(settings.ENCRYPTION_KEYS), value)
        except InvalidToken:
            raise UndecipherableSecret(
                "A stored key cannot be decrypted: PLAYGROUND_ENCRYPTION_KEY lacks the key it was encrypted with."
            ) from None
