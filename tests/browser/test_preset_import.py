"""Presets brought along: pasted and chosen, looked at, imported once; and taken away as a file."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import PresetImport

FILES = Path(__file__).parents[1] / "presets" / "transfer" / "files"
KEY = "sk-canary-4417"


def curl(text: str) -> str:
    body = {
        "model": "gpt-4.1",
        "temperature": 0.3,
        "logprobs": True,
        "messages": [
            {"role": "system", "content": "You are {{tone}}."},
            {"role": "user", "content": text},
        ],
    }
    return f"curl https://api.openai.com/v1/chat/completions -H 'Authorization: Bearer {KEY}' -d '{json.dumps(body)}'"


def test_a_pasted_curl_command_fills_the_editor(page: Page):
    text = f"Say hi {uuid.uuid4().hex[:8]}"
    came = PresetImport(page).open().paste(curl(text))
    came.found(1)
    found = came.preset(text)
    expect(found).to_contain_text("logprobs")
    expect(found).to_contain_text("openai/gpt-4.1")
    expect(page.locator("main")).not_to_contain_text(KEY)
    came.press("Open in the editor")
    expect(page.get_by_role("heading", name="New preset")).to_be_visible()
    called = page.get_by_role("region", name="What it is called")
    expect(called.get_by_role("textbox", name="Name", exact=True)).to_have_value(text)
    expect(page.get_by_role("textbox", name="System prompt")).to_have_value("You are {{tone}}.")
    expect(page.locator("main")).to_contain_text("logprobs")


def test_a_paste_by_keyboard_alone(page: Page):
    text = f"By keys {uuid.uuid4().hex[:8]}"
    came = PresetImport(page).open()
    came.file.focus()
    for _stop in range(2):  # over the link to the schema
        page.keyboard.press("Tab")
    expect(came.box).to_be_focused()
    page.keyboard.insert_text(curl(text))
    page.keyboard.press("Tab")
    expect(came.format).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    came.found(1)
    button = page.get_by_role("button", name="Import", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=text, exact=True)).to_be_visible()


def test_a_bad_file_says_where_and_keeps_the_page(page: Page, console: Console, tmp_path: Path):
    console.allow("422")
    bad = tmp_path / "bad.json"
    bad.write_text('{"playground_preset": 1,\n  "presets": [{"name": "A", "versions": [{"model": 7}]}]}')
    came = PresetImport(page).open().choose(bad)
    expect(page.get_by_role("alert")).to_contain_text("presets[0].versions[0].model")
    expect(page.get_by_text("bad.json")).to_be_visible()
    came.press("Remove the file")
    expect(page.get_by_text("Choose a file")).to_be_visible()
    came.paste("curl https://example.com -d '{'")
    expect(page.get_by_role("alert")).to_contain_text("Not valid JSON")
    expect(came.box).to_have_value("curl https://example.com -d '{'")


def test_a_dropped_file_is_held_and_read(page: Page):
    came = PresetImport(page).open()
    text = (FILES / "openwebui-prompts.json").read_text()
    page.evaluate(
        """(text) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], "dropped.json", { type: "application/json" }));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    expect(page.get_by_text("dropped.json")).to_be_visible()
    came.press("Read")
    came.found(2)
    expect(came.preset("Summarize an article")).to_contain_text("CURRENT_DATE")


def test_what_is_imported_goes_out_and_comes_in_again(page: Page, tmp_path: Path):
    name = f"Haiku {uuid.uuid4().hex[:8]}"
    file = tmp_path / "in.yaml"
    file.write_text((FILES / "playground-presets.yaml").read_text().replace("name: Haiku", f"name: {name}"))
    came = PresetImport(page).open().choose(file)
    came.found(1)
    expect(came.preset(name)).to_contain_text("2 versions")
    page.get_by_role("button", name="Import", exact=True).dblclick()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="1 preset found")).to_be_visible()
    page.reload()
    came.press("Imported already: show")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="YAML", exact=True).click()
    out = tmp_path / "out.yaml"
    download.value.save_as(out)
    assert re.search(r"label: production", out.read_text())
    came.open().choose(out)
    came.found(1)
    expect(came.preset(name)).to_contain_text("2 versions")
    page.goto(f"/presets/?q={name.replace(' ', '+')}")
    expect(page.get_by_role("heading", name=name, exact=True)).to_have_count(1)
