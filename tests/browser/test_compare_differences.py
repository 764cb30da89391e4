"""Differences between columns, and the choice of the best answer: what a person sees and what they cannot see yet."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.comparing import Board
from tests.browser.test_axe import Check, check  # noqa: F401 - a fixture
from tests.fake_openai import FakeOpenAI, Reply

OLD, NEW = "It is **old** and slow.", "It is **new** and slow."
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def asked(page: Page, fake: FakeOpenAI, *answers: str) -> Board:
    board = Board(page).begin(len(answers))
    fake.play(*[Reply.text(answer) for answer in answers])
    board.ask("Which is it?")
    board.settled()
    return board


def compare_with(board: Board, number: int) -> None:
    board.menu(number, "Use as baseline")
    expect(board.page.get_by_role("group", name="Differences")).to_contain_text(f"baseline {number}")


def test_the_others_show_how_they_differ_and_go_back(page: Page, fake: FakeOpenAI):
    board = asked(page, fake, OLD, NEW)
    compare_with(board, 1)
    difference = board.column(2).get_by_role("region", name="Difference from column 1")
    expect(difference.locator("ins")).to_have_text(re.compile("^(old|new)$"))
    expect(difference.locator("del")).to_have_text(re.compile("^(old|new)$"))
    expect(board.column(1).locator(".message--assistant")).to_be_visible()
    page.reload()
    expect(difference.locator("ins")).to_be_visible()
    page.get_by_role("combobox", name="Compare").select_option("lines")
    expect(difference.locator(".difference__line--added")).to_have_count(1)
    page.get_by_role("button", name="Show the answers").click()
    expect(difference).to_have_count(0)
    expect(board.answer(2)).to_be_visible()
    assert "baseline" not in page.url


def test_a_difference_is_brought_up_to_date_when_the_next_answers_end(page: Page, fake: FakeOpenAI):
    board = asked(page, fake, OLD, NEW)
    compare_with(board, 1)
    fake.play(Reply.text("The same."), Reply.text("The same."))
    board.ask("And now?")
    expect(board.column(2)).to_contain_text("The same as column 1.")


def test_what_models_say_is_text_in_a_difference(page: Page, fake: FakeOpenAI):
    board = asked(page, fake, "Nothing.", HOSTILE)
    compare_with(board, 1)
    expect(board.column(2).locator(".difference")).to_contain_text("onerror")
    assert page.locator("#columns script, #columns img").count() == 0


def test_long_answers_are_compared_in_a_page_that_answers(page: Page, fake: FakeOpenAI):
    words = [f"word{number % 977}" for number in range(24_000)]
    before = " ".join(word + (".\n\n" if at % 60 == 59 else "") for at, word in enumerate(words))
    after = before.replace("word7 ", "other7 ").replace("word500 ", "")
    board = Board(page).begin(2)
    fake.play(Reply.text([before[at : at + 2000] for at in range(0, len(before), 2000)]))
    fake.play(Reply.text([after[at : at + 2000] for at in range(0, len(after), 2000)]))
    board.ask("At length, please")
    expect(board.columns.locator("[aria-busy=true]")).to_have_count(0, timeout=60_000)
    compare_with(board, 1)
    expect(board.column(2).locator(".difference ins").first).to_be_attached(timeout=30_000)
    page.locator("#composer-text").fill("Still alive")  # the page answers


# --- the best answer ---


def test_a_blind_choice_tells_the_names_only_afterwards(page: Page, fake: FakeOpenAI):
    board = Board(page).begin(2)
    board.open_settings(2)
    board.set("Temperature value", "0.9")
    board.settings.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="More about this comparison").click()
    page.get_by_role("button", name="Blind mode").click()
    page.get_by_role("button", name="More about this comparison").click()
    expect(page.get_by_role("button", name="Leave blind mode")).to_be_visible()
    page.keyboard.press("Escape")
    board.open_settings(2)  # they go away with the names
    gate = Reply.text(["First ", "part, ", "second part."]).hold_after(2)
    fake.play(gate, Reply.text("Another answer."))
    board.box.fill("Which is it?")
    board.run_all.click()
    gate.wait_held(30)
    expect(page.locator("#columns")).to_contain_text("First part,")
    expect(page.get_by_role("heading", name="Hidden until you choose")).to_have_count(2)
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("still being written")
    for column in page.locator("#columns > .column").all():
        html = column.evaluate("(element) => element.outerHTML")
        assert "gpt-4.1" not in html
        assert "emperature" not in html
    gate.release()
    expect(board.columns.locator("[aria-busy=true]")).to_have_count(0)
    expect(verdict.get_by_role("button", name="Column 2")).to_be_visible()
    html = page.content()
    assert "gpt-4.1" not in html
    assert "emperature" not in html
    page.reload()
    assert "gpt-4.1" not in page.content()
    verdict.get_by_role("textbox", name="Note").fill("Calmer.")
    verdict.get_by_role("button", name="Column 2").click()
    expect(board.column(2)).to_contain_text("gpt-4.1")
    expect(verdict.get_by_text("blind", exact=True)).to_be_visible()
    expect(verdict.get_by_role("textbox", name="Note")).to_have_value("Calmer.")
    expect(verdict.locator("[aria-pressed=true]")).to_have_count(1)


def test_a_choice_is_changed_to_a_tie_by_keyboard(page: Page, fake: FakeOpenAI):
    board = asked(page, fake, OLD, NEW)
    verdict = page.locator("#verdict")
    verdict.get_by_role("button", name="Column 1").focus()
    page.keyboard.press("Enter")
    expect(verdict.get_by_role("button", name="Column 1")).to_have_attribute("aria-pressed", "true")
    verdict.get_by_role("button", name="Tie").focus()
    page.keyboard.press("Space")
    expect(verdict.get_by_role("button", name="Tie")).to_have_attribute("aria-pressed", "true")
    fake.play(Reply.text("x"), Reply.text("y"))
    board.ask("And now?")
    expect(verdict).to_contain_text("Turn 2/2")
    verdict.get_by_role("button", name="Previous turn").click()
    expect(verdict.get_by_role("button", name="Tie")).to_have_attribute("aria-pressed", "true")


# --- keep and show ---


def test_an_export_is_a_file_with_all_answers(page: Page, fake: FakeOpenAI):
    asked(page, fake, OLD, NEW)
    page.get_by_role("button", name="More about this comparison").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert sorted(row["answer"] for row in rows) == sorted([OLD, NEW])


def test_a_comparison_is_renamed_deleted_and_brought_back(page: Page, fake: FakeOpenAI):
    asked(page, fake, OLD, NEW)
    page.get_by_role("button", name="More about this comparison").click()
    menu = page.locator("#comparison-menu")
    expect(menu.get_by_role("textbox", name="Title")).to_have_value("Which is it?")
    menu.get_by_role("textbox", name="Title").fill("Old or new, once and for all")
    menu.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Old or new, once and for all")
    page.wait_for_load_state("networkidle")  # an estimate on its way would not find what is deleted
    menu.get_by_role("button", name="Delete").click()
    title = page.get_by_role("link", name="Old or new, once and for all")
    expect(page.get_by_text("is deleted")).to_be_visible()
    expect(title).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(title).to_be_visible()
    page.get_by_role("button", name="More for Old or new, once and for all").click()
    page.locator(".menu:popover-open").get_by_role("button", name="Delete").click()
    expect(title).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    title.click()
    expect(page.locator("#columns > .column")).to_have_count(2)


@pytest.mark.parametrize("answers", [(OLD, NEW), ('{"a": 1, "b": [1]}', '{"a": 2, "b": []}')])
def test_axe_finds_nothing_in_differences(page: Page, fake: FakeOpenAI, check: Check, answers):  # noqa: F811
    board = asked(page, fake, *answers)
    compare_with(board, 1)
    expect(board.column(2).locator(".difference ins").first).to_be_visible()
    check()
    page.get_by_role("combobox", name="Compare").select_option("lines")
    expect(board.column(2).locator(".difference__line").first).to_be_visible()
    check()


def test_axe_finds_nothing_in_verdicts_list_and_tallies(page: Page, fake: FakeOpenAI, check: Check):  # noqa: F811
    asked(page, fake, OLD, NEW)
    page.locator("#verdict").get_by_role("button", name="Column 1").click()
    expect(page.locator("#verdict [aria-pressed=true]")).to_have_count(1)
    check()
    page.get_by_role("button", name="More about this comparison").click()
    check()
    page.goto("/compare/")
    check()
    page.goto("/compare/tallies/")
    check()
