"""The pages about people, as axe judges them: in light and dark, wide and on a phone, where none may be wider than the screen."""

from __future__ import annotations

import re
import sqlite3

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.browser.people import REASON, Enter, accept, admin, enter, invite, office, suspend
from tests.browser.test_axe import AXE, MOTION_OVER, RUN, THEMES, Check, words
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

__all__ = ["admin", "enter", "office"]  # fixtures

SIZES = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "x" * 200


@pytest.fixture
def judge(console: Console) -> Check:
    """Call it with a page in the state to be judged: fails with all that axe calls a violation, in any theme and size."""

    def look(page: Page) -> None:
        page.wait_for_load_state()  # what was clicked may have answered with no more than its head yet
        assert console.unexpected == []
        found = []
        for size in reversed(SIZES):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            for theme in THEMES:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.evaluate(MOTION_OVER)
                if not page.evaluate("() => typeof window.axe === 'object'"):
                    page.evaluate(AXE)
                result = page.evaluate(RUN, "")
                found += [f"{theme} {words(bad, node)}" for bad in result["violations"] for node in bad["nodes"]]
            found += [f"{pixels} px too wide"] if (pixels := page.evaluate(TOO_WIDE)) > 0 else []
        console.forget()  # axe tries styles of its own, which the policy forbids and the console tells
        assert found == []

    return look


def test_inviting(admin: Page, enter: Enter, judge: Check, console: Console):
    console.allow("422")
    admin.goto("/admin/accounts/invitation/add/")
    judge(admin)
    admin.get_by_role("button", name="Save").click()
    judge(admin)
    link = invite(admin, "heidi")
    judge(admin)
    admin.goto("/admin/accounts/invitation/")
    judge(admin)
    page = enter()
    page.goto(link)
    judge(page)
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Make my account").click()
    judge(page)


def test_people_and_the_audit_log(admin: Page, enter: Enter, judge: Check):
    accept(enter(), invite(admin, "ivan"))
    admin.goto("/admin/accounts/user/?q=ivan")
    judge(admin)
    admin.get_by_role("link", name="ivan", exact=True).click()
    judge(admin)
    admin.get_by_role("link", name="Suspend", exact=True).click()
    judge(admin)
    suspend(admin, "ivan")
    judge(admin)
    admin.goto("/admin/accounts/auditentry/?q=ivan")
    judge(admin)
    admin.locator("#result_list tbody th a").first.click()
    judge(admin)


def test_reporting(admin: Page, enter: Enter, judge: Check, fake: FakeOpenAI, console: Console):
    console.allow("422")
    page = accept(enter(), invite(admin, "judy"))
    chat = Chat(page).open()
    fake.play(Reply.text(f"Rude words {LONG}"))
    chat.ask("Say something")
    chat.settled()
    chat.tool(chat.answer, "More")
    judge(page)
    chat.answer.get_by_role("link", name="Report…").click()
    page.get_by_role("button", name="Report", exact=True).click()
    judge(page)
    page.get_by_label("What is wrong with it?").fill(f"It is rude {LONG}")
    page.get_by_role("button", name="Report", exact=True).click()
    chat.tool(chat.answer, "More")
    chat.answer.get_by_role("link", name="Report…").click()
    judge(page)
    admin.goto("/admin/oversight/report/?q=judy")
    judge(admin)
    admin.locator("#result_list tbody th a").first.click()
    judge(admin)


def test_reading(admin: Page, enter: Enter, judge: Check, fake: FakeOpenAI, console: Console):
    console.allow("422")
    page = accept(enter(), invite(admin, "kate"))
    chat = Chat(page).open()
    fake.play(Reply.text(f"An answer {LONG}"))
    chat.ask("A question")
    chat.settled()
    admin.goto(f"/admin/oversight/conversationfigures/?q={chat.uuid}")
    judge(admin)
    admin.get_by_role("link", name=chat.uuid[:8]).click()
    admin.get_by_role("button", name="Open", exact=True).click()
    judge(admin)
    admin.get_by_label("Reason").fill(f"{REASON} {LONG}")
    admin.get_by_role("button", name="Open", exact=True).click()
    judge(admin)
    page.reload()
    chat.ready()
    judge(page)
    page.get_by_text("An admin opened this conversation.").click()
    judge(page)


def age(server: Server) -> None:
    """Every conversation was last written to years ago."""
    statement = "UPDATE chat_conversation SET updated_at = '2020-01-01 00:00:00'"
    if url := server.database.url:
        with psycopg.connect(url) as database:
            database.execute(statement)
        return
    with sqlite3.connect(server.data_dir / "playground.sqlite3", timeout=20) as database:
        database.execute(statement)
    database.close()


def test_deleting_what_is_old(admin: Page, enter: Enter, judge: Check, console: Console, office: Server):
    console.allow("422")
    chat = Chat(accept(enter(), invite(admin, "leo"))).open()
    chat.ask("A question")
    chat.settled()
    age(office)
    admin.goto("/admin/oversight/conversationfigures/retention/?days=90")
    judge(admin)
    admin.get_by_role("button", name=re.compile(r"Delete \d+ conversation")).click()  # without the tick
    judge(admin)
    admin.goto("/admin/oversight/conversationfigures/retention/?days=x")
    judge(admin)
