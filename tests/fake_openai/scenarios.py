"""Every fault and quirk by name: what a person asks for with `/scenario NAME`, and a test with `scenario(NAME)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fake_openai.reply import Reply


@dataclass(frozen=True)
class Scenario:
    """`make` gives a fresh Reply each time."""

    name: str
    about: str
    make: Callable[[], Reply]


SCENARIOS: dict[str, Scenario] = {}


def add(name: str, about: str, make: Callable[[], Reply]) -> None:
    SCENARIOS[name] = Scenario(name, about, make)


def scenario(name: str) -> Reply:
    """A fresh reply of that name. KeyError when there is none."""
    return SCENARIOS[name].make()


# The tables fill themselves in on import.
from tests.fake_openai import scenarios_errors, scenarios_streams, scenarios_wire  # noqa: F401
