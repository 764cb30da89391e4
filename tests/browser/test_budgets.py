"""What is left stands at the composer and follows what is spent; what it does not pay for is refused, and nothing is lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.browser.test_axe import AXE, MOTION_OVER, RUN, words
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server


def judge(page: Page, console: Console) -> None:
    """axe finds nothing, in neither theme."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate(MOTION_OVER)
        if not page.evaluate("() => typeof window.axe === 'object'"):
            page.evaluate(AXE)
        assert console.unexpected == []
        found = page.evaluate(RUN, "")
        console.forget()  # axe tries styles of its own, which the policy forbids and the console tells
        assert [words(violation, node) for violation in found["violations"] for node in violation["nodes"]] == []


def make_budget(page: Page, site: Server, amount: str) -> None:
    """As an admin does."""
    page.goto(f"{site.url}/admin/usage/budget/add/")
    page.locator("#id_scope").select_option("each")
    page.locator("#id_amount").fill(amount)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def change_amount(page: Page, site: Server, amount: str) -> None:
    page.goto(f"{site.url}/admin/usage/budget/")
    page.locator("#result_list tbody th a").first.click()
    page.locator("#id_amount").fill(amount)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_what_is_left_and_the_refusal(own_site: Server, page: Page, console: Console, fake: FakeOpenAI):
    console.allow("422")
    make_budget(page, own_site, "1")
    chat = Chat(page).open(own_site.url)
    left = page.locator("#composer-budget")
    expect(left).to_have_text("$1.00 left this month")
    # The fake reports what it used: twenty cents.
    fake.play(Reply.text(["Fine."], usage={"prompt_tokens": 10, "completion_tokens": 25_000, "total_tokens": 25_010}))
    chat.ask("How much is it?")
    chat.settled()
    expect(left).to_have_text("$0.80 left this month")
    change_amount(page, own_site, "0.05")
    chat.open(own_site.url)
    expect(left).to_contain_text("Your budget for this month is used up")
    chat.box.fill("This must not be lost")
    chat.box.press("Enter")
    alert = page.locator("#composer-errors").get_by_role("alert")
    expect(alert).to_contain_text("Your budget for this month is $0.05")
    expect(alert).to_contain_text("The budget starts anew on")
    expect(chat.box).to_have_value("This must not be lost")
    expect(chat.box).to_be_focused()
    judge(page, console)
    page.goto(f"{own_site.url}/usage/")
    expect(page.get_by_role("region", name="Budgets")).to_contain_text("$0.00 left of $0.05")
    judge(page, console)
    change_amount(page, own_site, "5")
    chat.open(own_site.url)
    chat.ask("And now?")
    chat.settled()
