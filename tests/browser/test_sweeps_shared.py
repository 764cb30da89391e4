"""Sweeps by link, as people meet them: shared from their page, looked into without an account, taken along as a plan."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.people import Enter, accept, admin, enter, invite, office
from tests.browser.test_people_axe import judge
from tests.browser.test_shares import create, share
from tests.browser.test_sweeps import USAGE, Sweep
from tests.fake_openai import FakeOpenAI, Reply
from tests.fake_openai.answers import MARKDOWN

__all__ = ["admin", "enter", "judge", "office"]  # fixtures


def test_a_sweep_is_shared_looked_into_and_taken_along(enter: Enter, admin: Page, fake: FakeOpenAI, judge):
    gina = accept(enter(), invite(admin, "gina"))
    for number in range(4):
        fake.play(Reply.text(f"Answer **{number}**.", usage={**USAGE, "completion_tokens": 5 + number}))
    sweep = Sweep(gina).plan("How high is the tide?", "0 0.5", Repeats="2", Runs_at_once="1").start()
    expect(sweep.state).to_have_text("Done")
    expect(sweep.squares.last).to_contain_text("2 of 2")
    preview = share(gina)
    expect(preview.get_by_role("button", name="Temperature 0.5", exact=True)).to_have_text("Answer 1.")
    preview.get_by_role("button", name="Temperature 0.5", exact=True).click()
    expect(gina.get_by_role("dialog", name="Temperature 0.5").locator("strong").first).to_have_text("1")
    gina.keyboard.press("Escape")
    judge(gina)
    link = create(gina)

    visitor = enter()
    visitor.goto(link)
    expect(visitor.get_by_role("article", name="User")).to_contain_text("How high is the tide?")
    visitor.get_by_label("Colour by").select_option(label="Tokens")
    expect(visitor.locator(".square").first).to_have_class(re.compile("heat-0"))
    judge(visitor)
    place = visitor.get_by_role("button", name="Temperature 0", exact=True)
    place.focus()
    visitor.keyboard.press("Enter")
    dialog = visitor.get_by_role("dialog", name="Temperature 0")
    expect(dialog.locator("strong").first).to_have_text("0")
    dialog.get_by_text("Repeat 2: Done").click()
    expect(dialog.locator("strong").last).to_have_text("2")
    judge(visitor)
    visitor.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(place).to_be_focused()

    hugo = accept(enter(), invite(admin, "hugo"))
    hugo.goto(link)
    hugo.get_by_role("link", name="Open in my playground").click()
    judge(hugo)
    asked = len(fake.completions)
    hugo.get_by_role("button", name="Open in my playground").click()
    expect(hugo.get_by_role("textbox", name="Message", exact=True)).to_have_value("How high is the tide?")
    expect(hugo.get_by_role("textbox", name="Values")).to_have_value("0 0.5")
    expect(hugo.locator("#sweep-estimate")).to_contain_text("4 runs")
    judge(hugo)
    assert len(fake.completions) == asked
    mine = Sweep(hugo).start()
    expect(mine.state).to_have_text("Done")
    expect(mine.squares).to_have_count(2)


def test_the_answers_of_a_shared_sweep_open_without_a_script(enter: Enter, admin: Page, fake: FakeOpenAI, browser):
    ines = accept(enter(), invite(admin, "ines"))
    fake.play(Reply.text(MARKDOWN, usage=USAGE))
    sweep = Sweep(ines).plan("Is one needed?", "0").start()
    expect(sweep.state).to_have_text("Done")
    share(ines)
    link = create(ines)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    visitor = context.new_page()
    visitor.goto(link)
    visitor.get_by_role("button", name="Temperature 0", exact=True).click()
    answer = visitor.get_by_role("dialog", name="Temperature 0").get_by_role("article")
    expect(answer.get_by_role("heading", name="High water, briefly")).to_be_visible()
    box = answer.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390  # as wide as the phone, whatever tables and formulas are in it
    context.close()
