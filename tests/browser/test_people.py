"""People come and go, report and are read: each in a browser of their own."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.browser.people import PASSWORD, REASON, Enter, accept, admin, enter, invite, office, sign_in, suspend
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

__all__ = ["admin", "enter", "office"]  # fixtures


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
    admin.get_by_role("link", name=chat.uuid[:8]).click()
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
