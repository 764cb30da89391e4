"""An admin, a colleague and their pages: invited, suspended, reported to, read by, each in a browser of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import TIMEOUT_MS, Console
from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply
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


def test_somebody_is_invited_accepts_and_signs_in(admin: Page, enter: Enter, console: Console):
    console.allow("404")
    link = invite(admin, "carol")
    page = accept(enter(), link)
    expect(Chat(page).box).to_be_visible()
    sign_in(enter(), "carol", PASSWORD)
    late = enter()
    late.goto(link)
    expect(late.get_by_text("used, revoked or is too old")).to_be_visible()
    admin.goto("/admin/accounts/auditentry/?q=carol")
    expect(admin.get_by_role("cell", name="invitation.accept")).to_have_count(1)


def test_whoever_is_suspended_is_out_at_once(admin: Page, enter: Enter, fake: FakeOpenAI):
    page = accept(enter(), invite(admin, "dave"))
    chat = Chat(page).open()
    reply = fake.play(Reply.text(["One ", "two"]).hold_after(1))
    chat.ask("Go on for long")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("One")
    suspend(admin, "dave")
    fake.wait_for_disconnects(timeout=30)  # the answer has stopped
    reply.release()
    page.reload()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_an_answer_is_reported_looked_at_and_resolved(admin: Page, enter: Enter, fake: FakeOpenAI):
    page = accept(enter(), invite(admin, "erin"))
    chat = Chat(page).open()
    fake.play(Reply.text("First secret answer"))
    chat.ask("First question")
    chat.settled()
    fake.play(Reply.text("Rude words"))
    chat.ask("Second question")
    chat.settled()
    chat.tool(chat.answer, "More")
    chat.answer.get_by_role("link", name="Report…").click()
    page.get_by_label("What is wrong with it?").fill("It is rude")
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text("Reported. Admins can read")).to_be_visible()
    admin.goto("/admin/oversight/report/")
    admin.locator("#result_list tbody th a").first.click()
    expect(admin.get_by_text("Rude words")).to_be_visible()
    expect(admin.get_by_text("Second question")).to_be_visible()
    expect(admin.get_by_text("First secret answer")).to_have_count(0)
    admin.get_by_label("State").select_option("resolved")
    admin.get_by_label("What came of it").fill("We told the provider")
    admin.get_by_role("button", name="Save", exact=True).click()
    chat.tool(chat.answer, "More")
    chat.answer.get_by_role("link", name="Report…").click()
    expect(page.get_by_text("We told the provider")).to_be_visible()


def test_content_is_opened_for_a_reason_that_its_owner_reads(admin: Page, enter: Enter, fake: FakeOpenAI):
    page = accept(enter(), invite(admin, "frank"))
    chat = Chat(page).open()
    fake.play(Reply.text("A private answer"))
    chat.ask("A private question")
    chat.settled()
    admin.goto(f"/admin/oversight/conversationfigures/?q={chat.uuid}")
    admin.get_by_role("link", name=chat.uuid).click()
    expect(admin.get_by_text("A private answer")).to_have_count(0)
    admin.get_by_label("Reason").fill(REASON)
    admin.get_by_role("button", name="Open", exact=True).click()
    expect(admin.get_by_text("A private answer")).to_be_visible()
    page.reload()
    notice = page.get_by_text("An admin opened this conversation.")
    expect(notice).to_be_visible()
    notice.click()
    expect(page.get_by_text(f"Reason: {REASON}")).to_be_visible()
    # It takes a row of its own: the thread and the composer stand where they stood.
    expect(chat.box).to_be_in_viewport()
    expect(chat.answer).to_be_in_viewport()


def test_what_is_too_old_is_shown_before_it_is_deleted(admin: Page):
    admin.goto("/admin/oversight/conversationfigures/")
    admin.get_by_role("link", name="Old conversations").click()
    admin.get_by_label("Older than (days)").fill("365")
    admin.get_by_role("button", name="Show what would be deleted").click()
    expect(admin.get_by_text("Nothing is that old.")).to_be_visible()


def test_an_invitation_works_without_scripts(admin: Page, office: Server, browser):
    link = invite(admin, "grace")
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page).to_have_url(f"{office.url}/")
    context.close()
