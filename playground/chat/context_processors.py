"""What every page's template may read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from playground.chat.page import Sidebar
from playground.chat.sidebar import build_sidebar


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """`sidebar`: the person's conversations. Two queries, and only when a template uses it."""

    def build() -> Sidebar:
        user = getattr(request, "user", None)
        return build_sidebar(user) if user is not None and user.is_authenticated else Sidebar((), "")

    return {"sidebar": SimpleLazyObject(build)}
