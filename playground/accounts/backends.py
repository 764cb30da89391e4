"""Who may sign in, at the same cost whether the name exists or not."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class OneCheckBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """By name or e-mail address, each looked up once.

    Given an address, allauth tries it as a name (which falls back to the address) and then as an address: two checks of the
    password for an address that exists and one for any other, which a stopwatch can tell apart.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        if credentials.get("email") == credentials.get("username"):
            credentials.pop("email", None)
        user: AbstractBaseUser | None = super()._authenticate(request, **credentials)
        return user
