"""What every page knows about its reader."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from playground.accounts.models import SendKey, Theme


def preferences(request: HttpRequest) -> dict[str, Any]:
    """`preferences.theme` and `preferences.send_key`, for `<html data-theme data-send-key>`."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"preferences": {"theme": Theme.SYSTEM.value, "send_key": SendKey.ENTER.value}}
    return {"preferences": {"theme": user.theme, "send_key": user.send_key}}
