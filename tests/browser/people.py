"""An office: the product in server mode, an admin, and people whom she invites, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import TIMEOUT_MS, Console
from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI
from tests.safety.product import set_up
from tests.servers import Server

ADMIN_PASSWORD = "the admin's own long password"
PASSWORD = "carol has a long one"
REASON = "Complaint number 4711 of a colleague"

Enter = Callable[[], Page]


@pytest.fixture(scope="module")
def office(fake_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product in server mode, with content review allowed."""
    with Server(
        tmp_path_factory.mktemp("office"),
        openai_base_url=fake_server.base_url,
        PLAYGROUND_MODE="server",
        PLAYGROUND_HTTPS="false",
        PLAYGROUND_ADMIN_CONTENT_REVIEW="true",
        PLAYGROUND_PRIVATE_HOSTS=fake_server.base_url.removeprefix("http://").partition("/")[0],
    ) as server:
        set_up(server, ADMIN_PASSWORD)
        yield server


@pytest.fixture
def enter(office: Server, browser, console: Console) -> Iterator[Enter]:
    """A page of the office in a browser of its own: nobody is signed in there."""
    contexts: list[BrowserContext] = []

    def make() -> Page:
        context = browser.new_context(base_url=office.url, locale="en-US", viewport={"width": 1440, "height": 900})
        context.set_default_timeout(TIMEOUT_MS)
        console.watch(context)
        contexts.append(context)
        page: Page = context.new_page()
        return page

    yield make
    for context in contexts:
        context.close()
    assert console.unexpected == []


def sign_in(page: Page, name: str, password: str) -> Page:
    page.goto("/accounts/login/")
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    Chat(page).ready()
    return page


@pytest.fixture
def admin(enter: Enter) -> Page:
    """The admin's page."""
    return sign_in(enter(), "admin", ADMIN_PASSWORD)


def invite(admin: Page, name: str) -> str:
    """The link that the admin is shown."""
    admin.goto("/admin/")
    admin.get_by_role("link", name="Invitations").click()
    admin.get_by_role("link", name="Add invitation").click()
    admin.get_by_label("User name").fill(name)
    admin.get_by_role("button", name="Save").click()
    return admin.get_by_label("Link:").input_value()


def accept(page: Page, link: str) -> Page:
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    Chat(page).ready()
    return page


def suspend(admin: Page, name: str) -> None:
    admin.goto(f"/admin/accounts/user/?q={name}")
    admin.get_by_role("link", name=name, exact=True).click()
    admin.get_by_role("link", name="Suspend", exact=True).click()
    admin.get_by_label("Reason (for the audit log):").fill("Left the company")
    admin.get_by_role("button", name="Suspend", exact=True).click()
    expect(admin.get_by_text("1 person is suspended.")).to_be_visible()
