"""Typed readers of the process environment.

Every reader refuses nonsense with `ImproperlyConfigured` and a text that says what to set instead; a value that may be
secret can also come from a file named by ``NAME_FILE`` (Docker and Kubernetes secrets).
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from playground.lib.places import read_place

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable `name`, stripped, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def first_text(*names: str, default: str = "") -> str:
    """The first of several aliases that is set."""
    for name in names:
        if value := text(name):
            return value
    return default


def secret(name: str, default: str = "") -> str:
    """A secret from `name`, or from the file that ``{name}_FILE`` points to."""
    if value := text(name):
        return value
    if path := text(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to {path}, which cannot be read: {error.strerror}"
            ) from error
    return default


def redis_url(name: str) -> str:
    """The address of a Redis server, which may hold a password: from `name`, or from the file that ``{name}_FILE`` names."""
    value = secret(name)
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0; rediss:// speaks TLS")
    return value


def integer(name: str, default: int, *, minimum: int | None = None, maximum: int | None = None) -> int:
    """A whole number, within bounds where they are given."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}") from None
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise ImproperlyConfigured(f"{name} must be between {minimum} and {maximum}, not {value}")
    return value


def seconds(name: str, default: float) -> float:
    """A positive number of seconds."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number of seconds, not {raw!r}") from None
    if not 0 < value < float("inf"):
        raise ImproperlyConfigured(f"{name} must be a positive number of seconds, not {raw!r}")
    return value


def boolean(name: str, default: bool) -> bool:
    """true/false, yes/no, on/off, 1/0."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in TRUE_WORDS:
        return True
    if raw in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {raw!r}")


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    """One of `options`."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}")
    return value


def names(name: str) -> list[str]:
    """A list separated by commas, empties dropped."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def places(name: str) -> frozenset[str]:
    """A list of `host:port` separated by commas, in the spelling of `playground.lib.places`."""
    found = set()
    for item in names(name):
        try:
            found.add(read_place(item))
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must name hosts with their ports, such as 127.0.0.1:11434,ollama:11434,[::1]:8080, not {item!r}"
            ) from None
    return frozenset(found)
