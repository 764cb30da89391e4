"""The catalogue as it ships."""

from __future__ import annotations

import pytest

from playground.catalog.loading import load_shipped
from playground.catalog.models import Model
from tests.fake_openai import FakeOpenAI


@pytest.fixture
def catalogue(db) -> None:
    load_shipped()


@pytest.fixture
def family(catalogue) -> dict[str, Model]:
    """The shipped models by public name."""
    return {model.public_name: model for model in Model.objects.select_related("provider")}


@pytest.fixture
def vision_model(family) -> Model:
    return family["openai/gpt-4.1"]


@pytest.fixture
def local_model(family) -> Model:
    return next(model for model in family.values() if model.provider.is_embedded)


@pytest.fixture(scope="session")
def model_server():
    """A fake model server, started once."""
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture
def server(model_server):
    model_server.reset()
    yield model_server
    model_server.reset()
