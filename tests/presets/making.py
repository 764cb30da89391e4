"""Short ways to presets, and to what the editor's form posts."""

from __future__ import annotations

from typing import Any

from django.test import Client

from playground.accounts.models import User
from playground.presets import services
from playground.presets.content import Content, Starter, Variable
from playground.presets.models import Preset, PresetVersion

PEOPLE = ("alice", "bob", "carol", "dave")
CONTENT = Content(
    model="house/tiny",
    parameters={"system_prompt": "Answer as {{who}}.", "temperature": 0.5},
    messages=(Starter("user", "Hello"), Starter("assistant", "Good day")),
    variables=(Variable("who"),),
)


def make_preset(owner: User, name: str = "Good manners", content: Content = CONTENT, **more: Any) -> Preset:
    return services.create_preset(owner=owner, name=name, content=content, **more)


def save(preset: Preset, prompt: str, *, author: User | None = None, note: str = "") -> PresetVersion:
    """The next version, with another system prompt."""
    assert preset.latest
    content = Content(model="house/tiny", parameters={"system_prompt": prompt})
    return services.save_version(
        preset=preset, base_number=preset.latest.number, content=content, author=author or preset.owner, note=note
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(name: str = "Good manners", *, base: int = 0, prompt: str = "Be kind.", **more: Any) -> dict[str, Any]:
    """What the editor posts for a preset without messages or variables."""
    return {
        "preset_name": name,
        "preset_description": "",
        "preset_tags": "",
        "preset_note": "",
        "before_name": name,
        "before_description": "",
        "before_tags": "",
        "base": str(base),
        "model": "",
        "form_model": "",
        "system_prompt": prompt,
        **more,
    }
