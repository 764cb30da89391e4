"""The product in local mode, a fake model server, and Debian's Chromium in front of both.

A test that leaves an error in the console, breaks the content security policy or asks a foreign host for something fails,
unless it said `console.allow(pattern)` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Playwright, sync_playwright

from tests.chromium import launch_options
from tests.fake_openai import FakeOpenAI
from tests.servers import Server

HERE = Path(__file__).parent
TOKENS_PER_SECOND = 200  # of answers that no test scripted: quick, and still seen to stream
TIMEOUT_MS = 10_000


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: while Playwright's loop runs in this thread, tests with a loop of their own cannot."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def fake_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=TOKENS_PER_SECOND) as server:
        yield server


@pytest.fixture(autouse=True)
def fake(fake_server: FakeOpenAI) -> Iterator[FakeOpenAI]:
    """The model server behind `site`, without memory of the tests before."""
    fake_server.reset()
    yield fake_server
    fake_server.reset()


@pytest.fixture(scope="session")
def site(fake_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product in local mode. Conversations of other tests are in it: look for what the test made itself."""
    with Server(tmp_path_factory.mktemp("site"), openai_base_url=fake_server.base_url) as server:
        yield server


@pytest.fixture
def own_site(fake_server: FakeOpenAI, tmp_path: Path) -> Iterator[Server]:
    """A product of the test's own, started, empty, free to be killed."""
    with Server(tmp_path / "site", openai_base_url=fake_server.base_url) as server:
        yield server


# --- Chromium. Scoped to this package, so that Playwright's loop is gone before any other test runs ---


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return launch_options()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright, browser_type_launch_args: dict[str, object]) -> Iterator[Browser]:
    browser = playwright.chromium.launch(**browser_type_launch_args)  # type: ignore[arg-type]
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser_context_args(site: Server) -> dict[str, object]:
    return {"base_url": site.url, "locale": "en-US", "viewport": {"width": 1440, "height": 900}}


class Console:
    """What pages complained about. `allow` takes a pattern that is expected in this test."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        self._allowed.append(re.compile(pattern))

    def forget(self) -> None:
        """Go on as if nothing had been heard so far."""
        self.complaints.clear()

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(pattern.search(text) for pattern in self._allowed)]

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda message: message.type == "error" and self._hear(message))
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._look_at(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{message.text} {message.location['url']}".strip())

    def _look_at(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"127.0.0.1", "localhost"}:
            self.complaints.append(f"foreign request: {url}")


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def context(new_context, console: Console) -> Iterator[BrowserContext]:
    context: BrowserContext = new_context()
    context.set_default_timeout(TIMEOUT_MS)
    # A violation is an event of the page before it is a line in the console.
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error("
        "`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`))"
    )
    console.watch(context)
    yield context
    assert console.unexpected == []
