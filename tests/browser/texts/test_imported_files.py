"""Imported files are text wherever what they hold stands, and in what is said about broken ones."""

from __future__ import annotations

import base64
import json
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import import_file, long_conversation
from tests.browser.texts.hostile import OUT, SHORT, opened, quiet
from tests.chat.images.files import packed, picture
from tests.fake_openai import FakeOpenAI


def hostile_file(title: str) -> dict[str, Any]:
    """An exported conversation with a payload wherever it holds text."""
    file = long_conversation(3, title)
    file["conversation"] |= {"model": OUT, "parameters": {OUT: OUT, "temperature": OUT, "stop": [OUT]}}
    pixel = f"data:image/png;base64,{base64.b64encode(packed(picture(), 'PNG')).decode()}"
    question, answer, _last = file["messages"]
    question |= {"text": OUT, "images": [{"name": SHORT, "alt": OUT, "detail": "auto", "url": pixel}]}
    answer |= {"text": f"An answer. {OUT}", "reasoning": OUT, "is_edited": True}
    for message in file["messages"]:
        message["id"] = f"{SHORT}{message['id'][-1]}"
        message["parent"] = message["parent"] and f"{SHORT}{message['parent'][-1]}"
    file["conversation"]["shown"] = file["messages"][-1]["id"]
    return file


def test_imported_files_are_text_wherever_they_stand(fake: FakeOpenAI, page: Page, console: Console):
    chat = opened(page)
    import_file(page, json.dumps(hostile_file(OUT)))
    for _visit in ("as it was imported", "after a reload"):
        expect(page.get_by_role("heading", level=1)).to_have_text(OUT)
        expect(chat.questions.first.get_by_role("img")).to_have_attribute("alt", OUT)
        expect(chat.answers.first).to_contain_text("An answer.")
        thinking = chat.answers.first.locator("details")
        thinking.locator("summary").click()
        expect(thinking).to_contain_text(OUT)
        quiet(page)
        page.reload()
        chat.ready()
    chat.questions.first.get_by_role("link").first.click()
    expect(page.get_by_role("dialog", name="Image").get_by_role("img")).to_have_attribute("alt", OUT)
    page.keyboard.press("Escape")
    chat.tool(chat.questions.first, "Edit")
    expect(page.get_by_role("textbox", name="Edit message")).to_have_value(OUT)
    quiet(page)

    console.allow("422")
    broken: list[dict[str, Any]] = [{"format": OUT}, long_conversation(1, "x") | {"version": OUT}, {OUT: OUT}]
    for change in ({"role": OUT}, {"parent": OUT}, {"created_at": OUT}, {"images": [{"url": OUT}]}):
        broken.append(long_conversation(1, "x"))
        broken[-1]["messages"][0] |= change
    for number, file in enumerate(broken):
        opened(page)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import", exact=True).click()
        content = FilePayload(name=f"{OUT}.json", mimeType="application/json", buffer=json.dumps(file).encode())
        chooser.value.set_files([content])
        expect(page.locator("#notices [role=alert]"), f"broken file {number}").to_be_visible()
        quiet(page)
