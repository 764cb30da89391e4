"""Comparisons of alice's, whose models are those of the chat's tests."""

from __future__ import annotations

import pytest

from playground.compare.models import Column, Comparison
from playground.compare.services.comparisons import create_comparison
from playground.compare.settings import ColumnSettings
from tests.chat.conftest import htmx_client, model, text_model  # noqa: F401 - fixtures


@pytest.fixture
def make_comparison(alice, model):  # noqa: F811
    """A comparison with a column for each of the settings: by default two of the vision model, cold and hot."""

    def make(*settings: ColumnSettings) -> Comparison:
        two = [ColumnSettings(model.public_name, {"temperature": t}) for t in (0.2, 0.9)]
        return create_comparison(owner=alice, settings=settings or two)

    return make


@pytest.fixture
def comparison(make_comparison) -> Comparison:
    return make_comparison()


@pytest.fixture
def columns(comparison) -> list[Column]:
    return list(comparison.columns.select_related("conversation", "comparison__owner"))
