from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from playground.catalog.models import Model, Price, Provider
from playground.chat.models import Conversation

Upload = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    """Each test has a store of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def upload() -> Upload:
    def post(client: Client, name: str, data: bytes, **fields: str) -> HttpResponse:
        file = SimpleUploadedFile(name, data, content_type="image/png")
        return client.post("/images/", {"file": file, **fields})

    return post


@pytest.fixture
def model(db) -> Model:
    """Counts images by tiles and costs 2 dollars a million."""
    provider = Provider.objects.create(slug="acme", name="Acme", base_url="http://127.0.0.1:9/v1", requires_key=False)
    model = Model.objects.create(
        provider=provider,
        name="seer",
        title="Seer",
        max_images=20,
        image_tokens={"method": "tile", "base": 85, "per_tile": 170},
    )
    Price.objects.create(model=model, starts_on=datetime.date(2025, 1, 1), input=2, output=8)
    return model


@pytest.fixture
def blind(model) -> Model:
    """Has no vision."""
    return Model.objects.create(provider=model.provider, name="reader", title="Reader", max_images=0)


def make_conversation(owner) -> Conversation:
    from django.utils import timezone

    return Conversation.objects.create(owner=owner, title="Pictures", updated_at=timezone.now())


def stored(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file()) if media.exists() else []
