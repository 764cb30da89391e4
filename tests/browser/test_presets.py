"""Presets of one's own: saved, updated, compared, restored, deleted and brought back; the editor by mouse and keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.presets import Editor, holds, make, update, version
from tests.browser.test_axe import Check, check
from tests.browser.test_small_and_keyboard import PHONE
from tests.chat.images import files

__all__ = ["check"]  # a fixture


def test_save_update_compare_restore(page: Page):
    make(page, "Be kind to the reader.")
    update(page, "Be brief to the reader.", note="Shorter")
    expect(version(page, 2)).to_contain_text("Shorter")
    expect(holds(page)).to_contain_text("Be brief to the reader.")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("del")).to_have_text("kind")
    expect(page.locator("ins")).to_have_text("brief")
    page.go_back()
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("Version 3 is the newest now.")).to_be_visible()
    expect(holds(page)).to_contain_text("Be kind to the reader.")


def test_a_label_moves_from_version_to_version(page: Page):
    make(page, "One.")
    update(page, "Two.")
    for number in (1, 2):
        page.get_by_role("textbox", name=f"Label of version {number}").fill("production")
        page.get_by_role("button", name=f"Name version {number}").click()
        expect(version(page, number).locator(".badge--good")).to_have_text("production")
    expect(version(page, 1).locator(".badge--good")).to_have_count(0)


def test_what_cannot_be_is_said_where_one_is(page: Page, console: Console):
    console.allow("422")
    make(page, "One.")
    page.get_by_role("textbox", name="Label of version 1").fill("two words")
    page.get_by_role("button", name="Name version 1").click()
    expect(page.get_by_role("alert")).to_contain_text("A label is")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("textbox", name="User name").fill("nobody-of-that-name")
    page.get_by_role("button", name="Share with this person").click()
    expect(page.get_by_role("alert").filter(has_text="There is nobody of the user name")).to_be_attached()


def test_messages_variables_and_an_image(page: Page):
    editor = Editor(page).open()
    editor.name.fill("Tutor of many things")
    editor.prompt.fill("Teach {{subject}}.")
    editor.prompt.blur()
    expect(editor.variables).to_have_count(1)
    expect(editor.variables.get_by_role("textbox", name="Name")).to_have_value("subject")
    editor.variables.get_by_role("combobox", name="Type").select_option(label="Choice")
    editor.variables.get_by_role("textbox", name="Options, one a line").fill("Maths\nMusic")
    editor.press("Add a message")
    expect(editor.message(1)).to_be_focused()
    editor.message(1).fill("What is {{this}}?")
    page.get_by_label("Add an image to message 1").set_input_files(
        {"name": "dot.png", "mimeType": "image/png", "buffer": files.GOOD["plain.png"]().data}
    )
    expect(editor.messages.first.locator(".shot__img")).to_be_visible()
    expect(editor.message(1)).to_have_value("What is {{this}}?")
    editor.press("Add a message")
    editor.message(2).fill("A question.")
    editor.press("Move message 2 up")
    expect(editor.message(1)).to_have_value("A question.")
    expect(editor.message(1)).to_be_focused()
    expect(editor.variables).to_have_count(2)
    editor.save("Save preset")
    expect(page.get_by_role("heading", name="Tutor of many things", level=1)).to_be_visible()
    expect(holds(page)).to_contain_text("choice: Maths, Music")
    expect(holds(page).get_by_role("img")).to_be_visible()
    expect(holds(page).get_by_role("listitem").filter(has_text="A question.")).to_contain_text("Assistant")


def test_what_is_wrong_is_said_and_nothing_is_lost(page: Page, console: Console):
    console.allow("422")
    editor = Editor(page).open()
    editor.prompt.fill("Kept.")
    editor.save("Save preset")
    expect(page.get_by_role("alert")).to_contain_text("Give it a name.")
    expect(editor.prompt).to_have_value("Kept.")


def test_another_model_keeps_what_was_set(page: Page):
    editor = Editor(page).open()
    page.get_by_label("Temperature value").fill("0.3")
    with page.expect_response(re.compile("do=model")):
        page.get_by_role("combobox", name="Model", exact=True).select_option("openai/gpt-4.1-mini")
    expect(page.get_by_label("Temperature value")).to_have_value("0.3")
    with page.expect_response(re.compile("do=model")):
        page.get_by_role("combobox", name="Model", exact=True).select_option("")
    expect(page.get_by_role("textbox", name="Other parameters")).to_have_value(re.compile('"temperature": 0.3'))
    expect(editor.prompt).to_be_visible()


def test_delete_and_undo(page: Page):
    name = make(page, "Soon gone.")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=name)).to_be_visible()
    expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_search_and_star(page: Page):
    name = make(page, "Findable.")
    other = make(page, "Not meant.")
    page.goto("/presets/")
    page.get_by_role("searchbox", name="Search presets").fill(name.upper())
    expect(page.get_by_role("link", name=other, exact=True)).to_have_count(0)
    star = page.get_by_role("button", name=f"Star {name}", exact=True)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.goto("/presets/?whose=starred")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_by_keyboard_alone(page: Page):
    editor = Editor(page).open()
    editor.name.focus()
    page.keyboard.type("Typed by hand")
    page.keyboard.press("Enter")  # Enter in a box saves
    expect(page.get_by_role("heading", name="Typed by hand", level=1)).to_be_visible()
    page.get_by_role("button", name="Share", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Share")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Share")).to_have_count(0)
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_focused()


@pytest.mark.parametrize("size", [None, PHONE])
def test_axe(page: Page, check: Check, console: Console, size: dict[str, int] | None):
    console.allow("422")
    if size:
        page.set_viewport_size(size)  # type: ignore[arg-type]
    make(page, "Answer {{whom}} kindly. " * 20)
    update(page, "Answer {{whom}} briefly. " * 20, note="Briefly")
    here = page.url
    check()
    page.get_by_role("button", name="Share", exact=True).click()
    check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("ins").first).to_be_visible()
    check()
    page.goto(f"{here}versions/1/")
    check()
    editor = Editor(page).open(f"{here}edit/")
    editor.press("Add a message")
    editor.press("Add a variable")
    check()
    editor.save()
    expect(page.get_by_role("alert").first).to_be_visible()
    check()
    for path in ("/presets/", "/presets/?q=nothing+like+that"):
        page.goto(path)
        check()
