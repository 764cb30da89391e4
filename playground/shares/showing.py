"""A snapshot as templates show it: the same for the preview of its owner and for the page of its visitors, but for addresses."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playground.chat.models import Role
from playground.chat.receipts import as_json
from playground.chat.showing import SHOWN_CHARACTERS
from playground.lib.markdown import from_store
from playground.runs.models import RunStatus
from playground.shares.models import Kind, Share
from playground.shares.rendering import render_anew
from playground.shares.showing_sweeps import SharedSweep, show_sweep
from playground.shares.snapshots.values import Json, Snapshot


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the images and texts of a snapshot are, by their numbers. An empty text address: the text stands in the page."""

    image: Callable[[int], str]
    thumbnail: Callable[[int], str]
    text: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class SharedImage:
    alt: str
    url: str  # of somebody else's server when there is no thumbnail
    thumbnail_url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SharedRun:
    """The names of chat.page.ShownRun that chat/_meta.html reads, and the receipt. All figures None: they were left out."""

    status: str
    status_label: str
    finish_reason: str
    resolved_model: str
    first_token_ms: int | None
    duration_ms: int | None
    tokens_per_second: float | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    is_estimated: bool
    seed: int | None
    system_fingerprint: str
    cost: Decimal | None
    receipt: Json | None  # {"sent": [{"name", "value", "origin"}], "left_out", "preset"}


@dataclass(frozen=True, slots=True)
class SharedMessage:
    number: int  # of its text
    role: str
    author: str
    text: str  # only where it has no address
    text_url: str
    html: SafeString
    is_cut: bool
    is_empty: bool
    thinking: str
    is_edited: bool
    created_at: datetime.datetime | None
    images: Sequence[SharedImage]
    omitted_images: int
    run: SharedRun | None
    verdict: str  # "best", "tie" or ""

    is_live = False  # what chat/_meta.html asks


@dataclass(frozen=True, slots=True)
class SharedColumn:
    number: int  # from 1
    model: str
    preset: str
    differences: Sequence[Sequence[str]]  # name and value, "" where it is left to the provider
    system_prompt: str
    settings: Sequence[tuple[str, str]]
    messages: Sequence[SharedMessage]


@dataclass(frozen=True, slots=True)
class Shared:
    """What templates/shares/_shared.html takes."""

    kind: str
    kind_label: str
    title: str
    shown_as: str
    taken_at: datetime.datetime
    model: str
    description: str
    system_prompt: str
    settings: Sequence[tuple[str, str]]
    variables: Sequence[Json]
    messages: Sequence[SharedMessage]
    columns: Sequence[SharedColumn]
    sweep: SharedSweep | None


def show_share(share: Share, token: str) -> Shared:
    """As visitors see it. One query when the renderer has moved on, else none."""
    render_anew(share)
    addresses = Addresses(
        image=lambda number: reverse("shared_image", args=[token, number]),
        thumbnail=lambda number: reverse("shared_thumbnail", args=[token, number]),
        text=lambda number: reverse("shared_text", args=[token, number]),
    )
    return _show(
        share.snapshot,
        share.html,
        addresses,
        title=share.title,
        shown_as=share.shown_as,
        taken_at=share.updated_at,
    )


def show_preview(snapshot: Snapshot, *, title: str, shown_as: str) -> Shared:
    """As visitors would see it, with the owner's own addresses of the images."""
    addresses = Addresses(
        image=lambda number: snapshot.pictures[number - 1].url,
        thumbnail=lambda number: snapshot.pictures[number - 1].thumbnail_url,
        text=lambda number: "",
    )
    return _show(snapshot.content, snapshot.html, addresses, title=title, shown_as=shown_as, taken_at=timezone.now())


def _show(
    content: Json,
    html: Sequence[str],
    addresses: Addresses,
    *,
    title: str,
    shown_as: str,
    taken_at: datetime.datetime,
) -> Shared:
    show = _Messages(content["texts"], html, addresses, shown_as or _("User"))
    return Shared(
        kind=content["kind"],
        kind_label=str(Kind(content["kind"]).label),
        title=title,
        shown_as=shown_as,
        taken_at=taken_at,
        model=content.get("model", ""),
        description=content.get("description", ""),
        system_prompt=content.get("system_prompt", ""),
        settings=_settings(content.get("settings") or content.get("parameters") or {}),
        variables=content.get("variables", []),
        messages=[show.message(one) for one in content.get("messages", [])],
        columns=[
            SharedColumn(
                number=number,
                model=one["model"],
                preset=one["preset"],
                differences=one["differences"],
                system_prompt=one.get("system_prompt", ""),
                settings=_settings(one.get("settings", {})),
                messages=[show.message(message) for message in one["messages"]],
            )
            for number, one in enumerate(content.get("columns", []), 1)
        ],
        sweep=show_sweep(content, show.message) if content["kind"] == Kind.SWEEP else None,
    )


def _settings(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else as_json(value)) for name, value in values.items()]


@dataclass(frozen=True, slots=True)
class _Messages:
    texts: Sequence[str]
    html: Sequence[str]
    addresses: Addresses
    person: str

    def message(self, taken: Json) -> SharedMessage:
        number: int = taken["text"]
        text = self.texts[number]
        text_url = self.addresses.text(number)
        is_answer = taken["role"] == Role.ASSISTANT
        return SharedMessage(
            number=number,
            role=taken["role"],
            author=(taken["author"] or _("Assistant")) if is_answer else self.person,
            text="" if text_url else text,
            text_url=text_url,
            html=from_store(self.html[number]),
            is_cut=len(text) > SHOWN_CHARACTERS,
            is_empty=not text,
            thinking=taken["thinking"],
            is_edited=taken["is_edited"],
            created_at=datetime.datetime.fromisoformat(taken["at"]) if taken["at"] else None,
            images=[self._image(one) for one in taken["images"]],
            omitted_images=taken["omitted_images"],
            run=_run(taken["run"]) if taken["run"] else None,
            verdict=taken.get("verdict", ""),
        )

    def _image(self, taken: Json) -> SharedImage:
        if "url" in taken:
            return SharedImage(taken["alt"], taken["url"], "", 0, 0)
        number = taken["number"]
        alt = taken["alt"] or _("Image %(number)d") % {"number": number}
        url, thumbnail = self.addresses.image(number), self.addresses.thumbnail(number)
        return SharedImage(alt, url, thumbnail, taken["width"], taken["height"])


def _run(taken: Json) -> SharedRun:
    cost = taken.get("cost")
    return SharedRun(
        status=taken["status"],
        status_label=str(RunStatus(taken["status"]).label),
        finish_reason=taken["finish_reason"],
        resolved_model=taken.get("resolved_model", ""),
        first_token_ms=taken.get("first_token_ms"),
        duration_ms=taken.get("duration_ms"),
        tokens_per_second=taken.get("tokens_per_second"),
        prompt_tokens=taken.get("prompt_tokens"),
        cached_tokens=taken.get("cached_tokens"),
        completion_tokens=taken.get("completion_tokens"),
        is_estimated=taken.get("is_estimated", False),
        seed=taken.get("seed"),
        system_fingerprint=taken.get("system_fingerprint", ""),
        cost=Decimal(cost) if cost is not None else None,
        receipt=taken.get("receipt"),
    )
