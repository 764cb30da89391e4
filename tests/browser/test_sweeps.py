"""Sweeps as a person meets them: planned, capped, paused, left and found again, coloured, opened, taken along."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply

USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


class Sweep:
    """The plan of a sweep, and its page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def plan(self, text: str, temperatures: str, **fields: str) -> Sweep:
        self.page.goto("/compare/sweeps/new/")
        self.page.get_by_role("textbox", name="Message", exact=True).fill(text)
        self.page.get_by_label("First field").select_option(label="Temperature")
        self.page.get_by_role("textbox", name="Values").fill(temperatures)
        for label, value in fields.items():
            self.page.locator("#sweep-form").get_by_label(label.replace("_", " ")).fill(value)
        return self

    @property
    def figures(self) -> Any:
        return self.page.locator("#sweep-estimate")

    def start(self) -> Sweep:
        self.page.get_by_role("button", name="Start", exact=True).click()
        expect(self.page.get_by_role("region", name="Progress")).to_be_visible()
        return self

    @property
    def state(self) -> Any:
        return self.page.get_by_role("region", name="Progress").get_by_role("status")

    @property
    def squares(self) -> Any:
        return self.page.locator(".square")

    def square(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)


def said(text: str, count: int) -> list[Reply]:
    return [Reply.text(text, usage=USAGE) for _number in range(count)]


def test_the_number_of_runs_and_the_price_stand_there_before_the_start(page: Page, console: Console):
    console.allow("422")
    sweep = Sweep(page).plan("How high is the tide?", "0 0.5 1", Repeats="2")
    expect(sweep.figures).to_contain_text("6 runs")
    expect(sweep.figures).to_contain_text(re.compile(r"at most \$\d"))
    page.get_by_label("Repeats").fill("50")
    page.get_by_role("textbox", name="Values").fill(" ".join(f"{number / 100:g}" for number in range(100)))
    expect(sweep.figures).to_contain_text("at most 2,000")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("at most 2,000")
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("How high is the tide?")


def test_a_sweep_comes_in_and_is_coloured_and_opened(page: Page, fake: FakeOpenAI):
    for number in range(6):
        fake.play(Reply.text(f"Answer **{number}**.", usage={**USAGE, "completion_tokens": 5 + number}))
    sweep = Sweep(page).plan("How high is the tide?", "0 0.5 1", Repeats="2", Runs_at_once="1").start()
    expect(sweep.state).to_have_text("Done")
    expect(sweep.squares).to_have_count(3)
    expect(sweep.square("Temperature 0")).to_have_text("Answer 0.")
    expect(page.get_by_role("region", name="Progress")).to_contain_text("6 of 6")
    page.get_by_label("Colour by").select_option(label="Tokens")
    expect(sweep.squares.first).to_have_class(re.compile("heat-0"))
    expect(sweep.squares.last).to_have_class(re.compile("heat-6"))
    expect(page.locator("[data-legend]")).to_be_visible()
    expect(sweep.squares.first).to_contain_text("2 distinct")
    sweep.square("Temperature 0").click()
    dialog = page.get_by_role("dialog", name="Answers")
    expect(dialog.locator("strong")).to_have_text("0")
    dialog.get_by_role("button", name="Repeat 2: Done").click()
    expect(dialog.locator("strong")).to_have_text("3")
    dialog.get_by_role("button", name="Open as chat").click()
    chat = Chat(page)
    expect(chat.questions).to_have_text(re.compile("How high is the tide"))
    expect(chat.body).to_contain_text("Answer 3.")


def test_the_cap_pauses_it_and_a_higher_one_lets_it_go_on(page: Page, fake: FakeOpenAI):
    fake.play(*said("Because.", 3))
    sweep = Sweep(page).plan("Capped?", "0 0.5 1", Cap_in_dollars="0.0001", Runs_at_once="1").start()
    expect(sweep.state).to_have_text("Paused")
    expect(page.get_by_role("region", name="Progress")).to_contain_text("The cap is reached")
    assert fake.completions == []
    page.get_by_label("Cap in dollars").fill("5")
    page.get_by_role("button", name="Change the cap").click()
    expect(page.get_by_role("region", name="Progress")).to_contain_text("$5.00")
    page.get_by_role("button", name="Resume").click()
    expect(sweep.state).to_have_text("Done")


def test_it_is_paused_survives_a_reload_in_the_middle_and_goes_on(page: Page, fake: FakeOpenAI):
    held = Reply.text(["Half ", "of it"], usage=USAGE).hold_after(1)
    fake.play(*said("First.", 1), held, *said("Later.", 1))
    sweep = Sweep(page).plan("Paused?", "0 0.5 1", Runs_at_once="1").start()
    expect(sweep.square("Temperature 0")).to_have_text("First.")
    held.wait_held()
    page.get_by_role("button", name="Pause").click()
    expect(sweep.state).to_have_text("Paused")
    page.reload()
    expect(sweep.state).to_have_text("Paused")
    expect(sweep.square("Temperature 0")).to_have_text("First.")
    held.release()
    expect(sweep.square("Temperature 0.5")).to_have_text("Half of it")
    assert len(fake.completions) == 2
    page.get_by_role("button", name="Resume").click()
    expect(sweep.state).to_have_text("Done")
    expect(sweep.square("Temperature 1")).to_have_text("Later.")


def test_stopped_it_keeps_what_arrived(page: Page, fake: FakeOpenAI):
    held = Reply.text(["Half ", "of it"]).hold_after(1)
    fake.play(held)
    sweep = Sweep(page).plan("Stopped?", "0 0.5", Runs_at_once="1").start()
    held.wait_held()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(sweep.state).to_have_text("Stopped")
    expect(sweep.square("Temperature 0")).to_have_text("Half")


def test_a_table_makes_rows_and_counts_what_passes(page: Page, fake: FakeOpenAI):
    sweep = Sweep(page).plan("Tide in {{port}}?", "0 1")
    page.get_by_label("Open a file").set_input_files(
        {"name": "ports.csv", "mimeType": "text/csv", "buffer": b"port,language\nBrest,French\nCork,English\n"}
    )
    expect(page.get_by_label("Table of inputs (CSV)")).to_have_value(re.compile("Brest"))
    page.get_by_role("button", name="Add check").click()
    page.get_by_label("What is checked for").fill("{{port}}")
    for port in ("Brest", "Cork"):
        replies = [Reply.text(f"In {port}."), Reply.text("Nowhere.")]
        for reply, temperature in zip(replies, (0, 1), strict=True):
            fake.play(
                reply,
                when=lambda request, port=port, t=temperature: (
                    port in str(request.messages) and request.json["temperature"] == t
                ),
            )
    sweep.start()
    expect(sweep.state).to_have_text("Done")
    table = page.get_by_role("table")
    expect(table.get_by_role("rowheader", name="Brest")).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("Contains"))).to_contain_text(re.compile(r"2 of 2\s*0 of 2"))


def test_a_failed_cell_says_why_and_runs_again(page: Page, fake: FakeOpenAI):
    fake.play(Reply.error(400, "No such luck"), *said("At last.", 2))
    sweep = Sweep(page).plan("Failing?", "0 1", Runs_at_once="1").start()
    expect(sweep.state).to_have_text("Done")
    expect(sweep.square("Temperature 0")).to_contain_text("No such luck")
    page.get_by_role("button", name="Run failed again").click()
    expect(sweep.square("Temperature 0")).to_have_text("At last.")


def test_it_is_listed_duplicated_exported_deleted_and_brought_back(page: Page, fake: FakeOpenAI):
    fake.play(*said("Because.", 2))
    sweep = Sweep(page).plan("Kept and shown?", "0 1", Title="My kept sweep").start()
    expect(sweep.state).to_have_text("Done")
    place = page.url
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert download.value.suggested_filename == "my-kept-sweep.csv"
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Duplicate").click()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("Kept and shown?")
    expect(page.get_by_role("textbox", name="Values")).to_have_value("0 1")
    page.goto(place)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“My kept sweep” is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="My kept sweep")).to_be_visible()


def test_by_keyboard_alone(page: Page, fake: FakeOpenAI):
    fake.play(*said("Because.", 2))
    sweep = Sweep(page).plan("By keyboard?", "0 1").start()
    expect(sweep.state).to_have_text("Done")
    sweep.square("Temperature 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Answers")).to_contain_text("Because.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Answers")).to_be_hidden()
    expect(sweep.square("Temperature 1")).to_be_focused()
