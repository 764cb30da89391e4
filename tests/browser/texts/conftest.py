"""A product of these tests' own, and a count of what ran in its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.texts.hostile import COUNT
from tests.fake_openai import FakeOpenAI
from tests.servers import Server


@pytest.fixture(scope="package")
def product(fake_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Not the one of the other tests: its models and titles would be in their way."""
    with Server(tmp_path_factory.mktemp("texts"), openai_base_url=fake_server.base_url) as server:
        yield server


@pytest.fixture(scope="package")
def browser_context_args(product: Server) -> dict[str, object]:
    return {"base_url": product.url, "locale": "en-US", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(autouse=True)
def counting(context: BrowserContext) -> None:
    context.add_init_script(COUNT)
