"""Columns side by side: what they are sent, what they show, what survives."""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.comparing import Board
from tests.browser.conftest import Console
from tests.browser.pages import PATIENCE_MS, Chat
from tests.browser.test_small_and_keyboard import PHONE
from tests.fake_openai import FakeOpenAI, Reply, scenario
from tests.safety.product import Rows
from tests.servers import Server

WORDS = [f"word{number} " for number in range(1, 41)]
NETWORK_LOST = r"WebSocket|htmx:ws:error|ERR_CONNECTION|Failed to (fetch|load)|503"


def held(fake: FakeOpenAI, board: Board, text: str, columns: int = 2) -> list[Reply]:
    """Answers that stand at their tenth word, in all columns of the page."""
    replies = [Reply.text(WORDS).hold_after(10) for _column in range(columns)]
    fake.play(*replies)
    board.ask(text)
    for reply in replies:
        reply.wait_held(30)
    for number in range(1, columns + 1):
        expect(board.answer(number)).to_contain_text("word10")
    return replies


def whole(board: Board, columns: int = 2) -> None:
    board.settled()
    for number in range(1, columns + 1):
        expect(board.answer(number)).to_have_text("".join(WORDS).strip(), use_inner_text=True)


def wait_for_pieces(site: Server, runs: int) -> None:
    """Return when the database holds the text that is out of so many runs."""
    deadline, rows = time.monotonic() + 30, Rows(site)
    while len(rows.ask("SELECT DISTINCT run_id FROM runs_runpiece WHERE text LIKE ?", "%word10%")) < runs:
        assert time.monotonic() < deadline, "no checkpoint within 30 s"
        time.sleep(0.05)  # between two looks at the rows; there is nothing to wait on


def sent(fake: FakeOpenAI) -> list[object]:
    return [request.json.get("temperature") for request in fake.completions]


def test_a_prompt_goes_to_all_columns_with_the_settings_of_each(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    board.open_settings(2)
    board.set("Temperature value", "0.9")
    expect(board.column(2)).to_contain_text("Temperature 0.9")
    expect(board.column(1)).to_contain_text("Temperature default")
    board.ask("Which tide?")
    board.settled()
    assert sorted(map(str, sent(fake))) == ["0.9", "None"]
    expect(page.get_by_role("heading", level=1)).to_have_text("Which tide?")
    for number in (1, 2):
        expect(board.fact(number, "finish")).to_have_text("stop")
        expect(board.fact(number, "first-token")).to_have_text(re.compile(r"\d s"))
    page.reload()
    expect(board.column(2)).to_contain_text("Temperature 0.9")
    expect(board.columns.locator(".message--assistant")).to_have_count(2)


def test_a_pinned_field_is_the_same_in_all_columns(page: Page, fake: FakeOpenAI):
    board = Board(page).begin(3)
    settings = board.open_settings(1)
    board.set("Temperature value", "0.3")
    expect(board.column(2)).to_contain_text("Temperature default")
    pin = settings.locator('[data-pin="temperature"]')
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "true")
    expect(board.column(2)).not_to_contain_text("Temperature")
    board.set("Temperature value", "0.6")
    settings.get_by_role("button", name="Close", exact=True).click()
    expect(settings).to_be_hidden()
    expect(page.get_by_role("button", name="Settings of column 1")).to_be_focused()
    board.ask("All the same")
    board.settled()
    assert sent(fake) == [0.6, 0.6, 0.6]
    board.open_settings(2)
    expect(pin).to_have_attribute("aria-pressed", "true")


def test_another_model_is_in_the_columns_name(page: Page):
    board = Board(page).begin()
    before = board.column(1).get_attribute("aria-labelledby")
    settings = board.open_settings(2)
    other = (
        settings.get_by_label("Model", exact=True).locator("option:not(:checked):enabled").first.get_attribute("value")
    )
    settings.get_by_label("Model", exact=True).select_option(other)
    expect(page.get_by_role("region", name=f"Column 2: {other}")).to_be_visible()
    assert board.column(1).get_attribute("aria-labelledby") == before
    page.reload()
    expect(page.get_by_role("region", name=f"Column 2: {other}")).to_be_visible()


def test_one_column_fails_and_the_other_goes_on(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    fake.play(scenario("401"), Reply.text("All is well"))
    board.ask("One of you fails")
    board.settled()
    expect(page.locator(".column .message--failed")).to_have_count(1)
    expect(board.columns.get_by_text("All is well")).to_have_count(1)
    fake.play(Reply.text("Now I can"))
    page.locator(".column .message--failed").get_by_role("button", name="Try again").click()
    expect(board.columns.get_by_text("Now I can")).to_have_count(1)
    expect(page.locator(".column .message--failed")).to_have_count(0)
    assert len(fake.completions) == 3


def test_a_column_with_a_wrong_value_keeps_the_message_and_says_why(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    board.open_settings(1)
    board.set("Temperature value", "9")
    board.ask("Only one of you")
    board.settled()
    expect(board.column(1)).to_contain_text("Not sent yet")
    expect(board.column(1)).to_contain_text("Temperature: Must be at most 2")
    assert len(fake.completions) == 1
    board.set("Temperature value", "1")
    fake.play(Reply.text("Now I can"))
    board.column(1).get_by_role("button", name="Send now").click()
    expect(board.column(1)).to_contain_text("Now I can")
    assert fake.completions[-1].json["temperature"] == 1


def test_stop_all_keeps_what_arrived(page: Page, fake: FakeOpenAI):
    board = Board(page).begin(3)
    held(fake, board, "Stop all of you", 3)
    expect(board.fact(1, "finish")).to_have_text("live")
    board.stop_all.click()
    board.settled()
    fake.wait_for_disconnects(3, 30)
    for number in (1, 2, 3):
        expect(board.answer(number)).to_contain_text("word10")
        expect(board.fact(number, "finish")).to_have_text("Stopped")


def test_a_stop_does_not_stand_in_line_behind_figures(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    held(fake, board, "Stop while figures are awaited")
    page.route("**/facts/**", lambda _route: None)  # never answered: one is under way, the next one waits
    page.evaluate(
        """() => {
            const source = document.querySelector("compare-columns");
            for (const _ of [1, 2]) htmx.ajax("GET", source.getAttribute("facts"), { source, target: source, swap: "none" });
        }"""
    )
    page.get_by_role("button", name="Stop column 2").click()
    fake.wait_for_disconnects(1, 30)


def test_one_column_is_stopped_and_the_other_goes_on(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    replies = held(fake, board, "Stop one of you")
    page.get_by_role("button", name="Stop column 2").click()
    expect(board.fact(2, "finish")).to_have_text("Stopped")
    fake.wait_for_disconnects(1, 30)
    for reply in replies:
        reply.release()
    board.settled()
    expect(board.answer(1)).to_have_text("".join(WORDS).strip(), use_inner_text=True)
    expect(page.get_by_role("button", name="Stop column 1")).to_be_hidden()


def test_with_nothing_written_the_last_prompt_runs_again(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    board.ask("Once more")
    board.settled()
    fake.play(Reply.text("Second try"), Reply.text("Second try"))
    board.run_all.click()
    expect(board.columns.get_by_text("Second try")).to_have_count(2)
    board.settled()
    expect(board.columns.locator(".message--user")).to_have_count(2)
    assert len(fake.completions) == 4


def test_a_reload_in_the_middle_goes_on_in_every_column(page: Page, fake: FakeOpenAI):
    board = Board(page).begin(3)
    replies = held(fake, board, "Reload all of you", 3)
    page.reload()
    for number in (1, 2, 3):
        expect(board.answer(number)).to_contain_text("word10")
    for reply in replies:
        reply.release()
    whole(board, 3)
    assert len(fake.completions) == 3


def test_a_restart_in_the_middle_keeps_what_was_saved_and_says_so(
    page: Page, fake: FakeOpenAI, own_site: Server, console: Console
):
    console.allow(NETWORK_LOST)
    board = Board(page).begin(path=own_site.url)
    held(fake, board, "Survive a restart")
    wait_for_pieces(own_site, 2)
    own_site.kill()
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    own_site.start()
    for number in (1, 2):
        expect(board.fact(number, "finish")).to_have_text("Interrupted", timeout=3 * PATIENCE_MS)
        expect(board.answer(number)).to_contain_text("word10")
        expect(board.column(number).get_by_role("button", name="Continue")).to_be_visible()
    page.reload()
    for number in (1, 2):
        expect(board.answer(number)).to_contain_text("word10")


def test_columns_come_go_and_change_places(page: Page):
    board = Board(page).begin()
    board.open_settings(2)
    board.set("Temperature value", "0.9")
    board.menu(2, "Duplicate")
    expect(board.columns).to_have_count(3)
    expect(board.column(3)).to_contain_text("Temperature 0.9")
    board.menu(1, "Move right")
    expect(board.column(1)).to_contain_text("Temperature 0.9")
    expect(board.column(2)).to_contain_text("Temperature default")
    assert [head.get_attribute("data-number") for head in page.locator(".column__head").all()] == ["1", "2", "3"]
    board.menu(2, "Remove")
    expect(board.columns).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(board.columns).to_have_count(3)
    expect(board.column(2)).to_contain_text("Temperature default")


def test_a_column_that_moves_while_it_is_written_goes_on(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    replies = held(fake, board, "Move while writing")
    board.menu(1, "Move right")
    expect(page.locator("#columns > .column").first.locator(".column__mark")).to_have_text("1")
    for reply in replies:
        reply.release()
    whole(board)


def test_number_keys_show_one_column_alone_but_not_while_typing(page: Page):
    board = Board(page).begin(3)
    board.box.fill("")
    board.box.press("2")
    expect(board.box).to_have_value("2")
    expect(board.column(1)).to_be_visible()
    board.columns.first.get_by_role("log").focus()
    page.keyboard.press("2")
    expect(board.column(2)).to_be_visible()
    expect(board.columns.first).to_be_hidden()
    page.keyboard.press("Escape")
    expect(board.columns.first).to_be_visible()


def test_escape_goes_back_to_all_columns_before_it_stops_anything(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    replies = held(fake, board, "Do not stop")
    board.columns.first.get_by_role("log").focus()
    page.keyboard.press("1")
    expect(board.columns.last).to_be_hidden()
    page.keyboard.press("Escape")
    expect(board.columns.last).to_be_visible()
    for reply in replies:
        reply.release()
    whole(board)


def test_columns_scroll_together_when_asked_to(page: Page, fake: FakeOpenAI):
    board = Board(page).begin()
    long = "\n\n".join(f"Paragraph {number}" for number in range(80))
    fake.play(Reply.text(long), Reply.text(long))
    board.ask("Be long")
    board.settled()
    page.get_by_role("button", name="Scroll together").click()
    first, second = board.columns.first.get_by_role("log"), board.columns.last.get_by_role("log")
    first.hover()
    page.mouse.wheel(0, -100_000)
    page.wait_for_function("(list) => list.scrollTop < 5", arg=second.element_handle())
    first.evaluate("(list) => list.scrollTop = list.scrollHeight / 2")
    page.wait_for_function("(list) => list.scrollTop > 200", arg=second.element_handle())


def test_on_a_phone_one_column_fills_the_screen_and_dots_go_to_the_others(page: Page, fake: FakeOpenAI):
    page.set_viewport_size(PHONE)
    board = Board(page).begin(3)
    expect(page.get_by_role("button", name="Show column 3")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Show column 1").click()
    expect(page.get_by_role("button", name="Show column 1")).to_have_attribute("aria-current", "true")
    box = board.column(1).bounding_box()
    assert box
    assert box["width"] == PHONE["width"]
    board.ask("On a phone")
    board.settled()
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]


def test_from_a_chat_its_last_question_is_ready_to_be_sent(page: Page, fake: FakeOpenAI):
    chat = Chat(page).open()
    chat.ask("What is a neap tide?")
    chat.settled()
    page.locator(".stage__bar").get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/compare/*/")
    board = Board(page)
    expect(board.box).to_have_value("What is a neap tide?")
    board.run_all.click()
    board.settled()
    expect(board.columns.locator(".message--assistant")).to_have_count(2)
    assert len(fake.completions) == 3


def test_a_preset_fills_one_column_and_its_variables_are_asked_for_there(page: Page, fake: FakeOpenAI):
    name = f"Editor {secrets.token_hex(4)}"
    chat = Chat(page).open()
    page.get_by_role("textbox", name="System prompt").fill("You are a {{tone}} editor.")
    page.get_by_role("button", name="Save preset").click()
    dialog = page.get_by_role("dialog", name="Save preset")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Save").last.click()
    expect(dialog).to_be_hidden()
    chat.open("/compare/")
    page.get_by_role("button", name="New comparison").click()
    page.wait_for_url("**/compare/*/")
    board = Board(page)
    chat.ready()
    settings = board.open_settings(2)
    preset = settings.get_by_label("Preset", exact=True)
    preset.select_option(label=f"{name} @1")
    expect(settings.get_by_role("textbox", name="System prompt")).to_have_value("You are a {{tone}} editor.")
    board.ask("Mend this")
    board.settled()
    expect(board.column(2)).to_contain_text("Not sent yet")
    with page.expect_response("**/settings/"):
        settings.get_by_label("tone").fill("stern")
    board.column(2).get_by_role("button", name="Send now").click()
    expect(board.column(2).locator(".message--assistant")).to_have_count(1)
    board.settled()
    assert fake.completions[-1].messages[0]["content"] == "You are a stern editor."
    assert len(fake.completions) == 2


def test_an_image_goes_to_every_column_that_reads_images(page: Page, fake: FakeOpenAI, tmp_path: Path):
    board = Board(page).begin()
    file = tmp_path / "tide.png"
    Image.new("RGB", (64, 48), "teal").save(file)
    page.locator("image-tray input[type=file]").set_input_files(file)
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    board.ask("What is this?")
    board.settled()
    expect(page.locator("image-tray [data-attachment]")).to_have_count(0)
    assert [len(request.images) for request in fake.completions] == [1, 1]
    expect(board.columns.locator(".message--user .shot__img")).to_have_count(2)
