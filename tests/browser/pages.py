"""The chat page as a person meets it: by the names that DESIGN.md gives to boxes, buttons and messages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

# Several people's worth of work may run on the machine that runs the tests.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


class Chat:
    """The page of a conversation, or of a new one."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # --- where things are ---

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def send(self) -> Locator:
        return self.page.locator("#composer").get_by_role("button", name="Send", exact=True)

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop", exact=True)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Conversation")

    @property
    def messages(self) -> Locator:
        return self.log.get_by_role("article")

    @property
    def questions(self) -> Locator:
        return self.log.get_by_role("article", name="You", exact=True)

    @property
    def answers(self) -> Locator:
        return self.log.get_by_role("article", name=re.compile("^(?!You$)"))

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.answers.last

    @property
    def body(self) -> Locator:
        """The text of the last answer."""
        return self.answer.locator(".message__body")

    @property
    def conversations(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversations")

    @property
    def uuid(self) -> str:
        return self.page.url.partition("/c/")[2].partition("/")[0]

    # --- what a person does ---

    def open(self, path: str = "/") -> Chat:
        """A page with its scripts at work; a new chat with nothing written, no preset and no images left from the test before."""
        self.page.goto(path)
        self.ready()
        if urlsplit(path).path in {"", "/"}:
            self.forget_preset()
            self.box.fill("")
            self.detach_all()
        return self

    def forget_preset(self) -> None:
        """The preset of a new chat is kept with its draft: take it away."""
        panel = self.page.locator("preset-panel[preset]")
        if panel.count():
            self.page.get_by_role("combobox", name="Preset", exact=True, include_hidden=True).select_option(
                "", force=True
            )
            expect(panel).to_have_count(0)

    def detach_all(self) -> None:
        """Remove the images of the draft."""
        cards = self.page.locator("image-tray [data-attachment]")
        for left in reversed(range(cards.count())):
            with self.page.expect_response("**/remove/") as answer:
                cards.last.locator("[data-remove]").click()
            assert answer.value.status == 200
            expect(cards).to_have_count(left)

    def ready(self) -> None:
        """Return when the page's elements are defined: what is typed before that is not yet watched."""
        self.page.wait_for_function("() => !!customElements.get('token-list') && !!customElements.get('chat-composer')")

    def ask(self, text: str) -> None:
        """Send `text`; returns when it stands in the conversation."""
        shown = self.questions.count()
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.questions).to_have_count(shown + 1)
        expect(self.box).to_have_value("")

    def settled(self) -> None:
        """Return when no answer is being written any more."""
        expect(self.log.locator("[aria-busy=true]")).to_have_count(0)
        expect(self.stop).to_be_hidden()

    def tool(self, message: Locator, name: str) -> None:
        """Use a button of a message."""
        message.hover()
        message.get_by_role("button", name=name, exact=True).click()

    def menu(self, message: Locator, name: str) -> None:
        """Use an item of a message's menu."""
        self.tool(message, "More")
        message.locator(".menu:popover-open").get_by_role("button", name=name, exact=True).click()


class Inspector:
    """The parameters."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_role("tabpanel", name="Parameters")

    def slider(self, name: str) -> Locator:
        return self.root.get_by_role("slider", name=name, exact=True)

    def value(self, name: str) -> Locator:
        """The number box of a slider."""
        return self.root.get_by_role("spinbutton", name=f"{name} value", exact=True)

    def number(self, name: str) -> Locator:
        return self.root.get_by_role("spinbutton", name=name, exact=True)

    def text(self, name: str) -> Locator:
        return self.root.get_by_role("textbox", name=name, exact=True)

    def select(self, name: str) -> Locator:
        return self.root.get_by_role("combobox", name=name, exact=True)

    def switch(self, name: str) -> Locator:
        return self.root.get_by_role("switch", name=name, exact=True)

    def field(self, name: str) -> Locator:
        """The whole of a control, by the parameter's name."""
        return self.root.locator(f'[data-field="{name}"]')

    def reset_all(self) -> None:
        button = self.root.get_by_role("button", name="reset all")
        if button.is_visible():
            button.click()


def long_conversation(length: int, title: str) -> dict[str, Any]:
    """An exported conversation of `length` messages, each of a few lines, to be imported."""
    messages = [
        {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "parent": f"00000000-0000-4000-8000-{number - 1:012d}" if number > 1 else None,
            "role": "user" if number % 2 else "assistant",
            "text": f"Message {number} begins.\n\n" + "\n\n".join(f"Line {line} of {number}." for line in range(1, 6)),
            "created_at": f"2026-01-01T{number // 60:02d}:{number % 60:02d}:00+00:00",
        }
        for number in range(1, length + 1)
    ]
    return {
        "format": "playground.conversation",
        "version": 1,
        "exported_at": "2026-01-02T00:00:00+00:00",
        "conversation": {
            "title": title,
            "model": "",
            "parameters": {},
            "created_at": "2026-01-01T00:00:00+00:00",
            "updated_at": "2026-01-01T00:00:00+00:00",
            "shown": messages[-1]["id"],
        },
        "messages": messages,
    }


def import_file(page: Page, content: str) -> None:
    """Choose a file of `content` in the bar of a new chat; returns on the page of what it made."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import", exact=True).click()
    file = {"name": "conversation.json", "mimeType": "application/json", "buffer": content.encode()}
    chooser.value.set_files([file])  # type: ignore[list-item]
    expect(page).to_have_url(re.compile("/c/[0-9a-f]"))
    Chat(page).ready()


class PresetImport:
    """Where presets come in: a file or a paste, then what was understood."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self) -> PresetImport:
        self.page.goto("/presets/import/")
        return self

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Or paste", exact=True)

    @property
    def file(self) -> Locator:
        return self.page.get_by_label("Choose a file")

    @property
    def format(self) -> Locator:
        return self.page.get_by_role("combobox", name="Format", exact=True)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def paste(self, text: str) -> PresetImport:
        self.box.fill(text)
        self.press("Read")
        return self

    def choose(self, path: Path) -> PresetImport:
        self.file.set_input_files(path)
        self.press("Read")
        return self

    def found(self, count: int) -> None:
        words = f"{count} preset found" if count == 1 else f"{count} presets found"
        expect(self.page.get_by_role("heading", name=words, exact=True)).to_be_visible()

    def preset(self, name: str) -> Locator:
        return self.page.get_by_role("listitem").filter(has=self.page.get_by_role("heading", name=name, exact=True))
