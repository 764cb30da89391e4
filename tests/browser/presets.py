"""The pages of presets as a person meets them: by what stands on buttons and boxes."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect


class Editor:
    """The form of a preset, new or not."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str = "/presets/new/") -> Editor:
        self.page.goto(path)
        expect(self.page.locator("#preset-editor")).to_be_visible()
        return self

    @property
    def name(self) -> Locator:
        return self.page.get_by_role("textbox", name="Name", exact=True).first

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_role("textbox", name="System prompt", exact=True)

    @property
    def note(self) -> Locator:
        return self.page.get_by_role("textbox", name="Note on this version")

    @property
    def variables(self) -> Locator:
        return self.page.get_by_role("region", name="Variables").get_by_role("listitem")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".starter")

    def message(self, number: int) -> Locator:
        return self.page.get_by_role("textbox", name=f"Text of message {number}")

    def press(self, name: str) -> None:
        """A button of the form that gives the form back."""
        with self.page.expect_response(re.compile(r"/presets/editor/\?do=")):
            self.page.get_by_role("button", name=name, exact=True).click()

    def save(self, name: str = "Save as a new version") -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def make(page: Page, prompt: str, name: str = "") -> str:
    """A preset of whoever looks at `page`, which then shows it. Returns its name."""
    name = name or f"Preset {uuid4().hex[:8]}"
    editor = Editor(page).open()
    editor.name.fill(name)
    editor.prompt.fill(prompt)
    editor.save("Save preset")
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return name


def update(page: Page, prompt: str, note: str = "") -> None:
    """Another version of the preset that `page` shows."""
    page.get_by_role("link", name="Edit", exact=True).click()
    editor = Editor(page)
    editor.prompt.fill(prompt)
    editor.note.fill(note)
    editor.save()
    expect(page.get_by_text(re.compile(r"Saved as version \d+\."))).to_be_visible()


def holds(page: Page) -> Locator:
    return page.get_by_role("region", name="What it holds")


def version(page: Page, number: int) -> Locator:
    return page.locator(f"#version-{number}")


def share(page: Page, name: str, right: str) -> None:
    """Of the preset that `page` shows, to its owner."""
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_role("textbox", name="User name").fill(name)
    dialog.get_by_role("combobox", name="Right").select_option(label=right)
    dialog.get_by_role("button", name="Share with this person").click()
    expect(page.get_by_role("region", name="Who has it")).to_contain_text(name)
