"""Presets beside a chat: picked by keys, changed and reverted, saved, filled in by variables and by an address."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat, Inspector
from tests.fake_openai import FakeOpenAI, Reply

PROMPT = "You are a {{tone}} editor."


def make_preset(page: Page, name: str = "", **fields: str) -> str:
    """A preset by the form of the editor, with a starter of each side, a begun message and two variables. Its slug."""
    name = name or f"Proofs {uuid4().hex[:8]}"
    if page.url == "about:blank":
        page.goto("/")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    form = {
        "preset_name": name,
        "model": "openai/gpt-4.1",
        "form_model": "openai/gpt-4.1",
        "system_prompt": PROMPT,
        "temperature": "0.2",
        "message-1-role": "user",
        "message-1-text": "Mend what I show you.",
        "message-2-role": "assistant",
        "message-2-text": "Gladly. **Show** me.",
        "message-3-role": "user",
        "message-3-text": "Here: ",
        "variable-1-name": "tone",
        "variable-1-required": "1",
        "variable-1-help": "How to sound",
        "variable-2-name": "length",
        "variable-2-type": "choice",
        "variable-2-options": "short\nlong",
        "variable-2-default": "short",
        **fields,
    }
    data = [*form.items(), *(("message", key) for key in "123"), *(("variable", key) for key in "12")]
    body = "&".join(f"{quote(key)}={quote(value)}" for key, value in data)
    headers = {"X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded", "Referer": page.url}
    answer = page.request.post("/presets/new/", data=body, headers=headers)
    assert answer.ok, answer.text()
    return answer.url.rstrip("/").rpartition("/")[2]


def quote(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


def panel(page: Page) -> Locator:
    return page.locator("preset-panel")


def select(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Preset", exact=True)


def variable(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Variables", exact=True).get_by_label(name, exact=True)


def open_with(page: Page, slug: str) -> Chat:
    """A new chat with the preset chosen."""
    chat = Chat(page).open()
    select(page).select_option(f"{slug}@1")
    expect(panel(page)).to_have_attribute("preset", f"{slug}@1")
    return chat


def start_over(page: Page) -> Chat:
    """A new chat without a preset and without a draft, as the server has it too."""
    chat = Chat(page).open()
    for text in ("Something", ""):
        with page.expect_response("**/draft/"):
            chat.box.fill(text)
    return chat


def kept(page: Page, do: Locator, value: str) -> None:
    """Fill `do`, and return when the server has it."""
    with page.expect_response("**/preset/keep/") as answer:
        do.fill(value)
    assert answer.value.status == 204


def test_two_keys_pick_a_preset_and_fill_the_form(page: Page):
    name = f"Quick {uuid4().hex[:8]}"
    slug = make_preset(page, name)
    chat = Chat(page).open()
    page.keyboard.press("Alt+p")
    box = page.get_by_role("searchbox", name="Find a preset")
    expect(box).to_be_focused()
    box.fill(name)
    expect(page.locator("#preset-options button")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(select(page)).to_have_value(f"{slug}@1")
    expect(page.get_by_role("dialog")).to_have_count(0)
    inspector = Inspector(page)
    expect(inspector.value("Temperature")).to_have_value("0.2")
    expect(inspector.text("System prompt")).to_have_value(PROMPT)
    expect(chat.box).to_have_value("Here: ")
    expect(page.get_by_role("article", name="Starter message: You")).to_contain_text("Mend what I show you.")
    expect(page.locator("#preset-chip")).to_contain_text(f"{name} @1")


def test_changes_are_marked_and_taken_back_one_by_one_and_all(page: Page):
    open_with(page, make_preset(page))
    inspector = Inspector(page)
    expect(panel(page).locator("[data-changes]")).to_be_hidden()
    inspector.value("Temperature").fill("0.9")
    mark = inspector.field("temperature").locator("[data-preset-mark]")
    expect(mark).to_contain_text("changed")
    expect(mark).to_contain_text("0.2")
    inspector.number("Seed").fill("7")
    inspector.text("System prompt").fill("Something else")
    expect(panel(page).locator("[data-changes]")).to_contain_text("3 changes")
    expect(inspector.field("seed")).to_contain_text("the preset leaves it out")
    inspector.root.get_by_role("button", name="Revert Temperature").click()
    expect(inspector.value("Temperature")).to_have_value("0.2")
    expect(mark).to_have_count(0)
    inspector.root.get_by_role("button", name="Revert Seed").press("Enter")
    expect(inspector.number("Seed")).to_have_value("")
    expect(panel(page).locator("[data-changes]")).to_contain_text("1 change")
    panel(page).get_by_role("button", name="revert all").click()
    expect(inspector.text("System prompt")).to_have_value(PROMPT)
    expect(panel(page).locator("[data-changes]")).to_be_hidden()


def test_what_one_had_typed_comes_back_by_undo(page: Page):
    slug = make_preset(page)
    start_over(page)
    inspector = Inspector(page)
    inspector.text("System prompt").fill("My own words")
    select(page).select_option(f"{slug}@1")
    expect(inspector.text("System prompt")).to_have_value(PROMPT)
    page.locator("#notices").get_by_role("button", name="Undo").click()
    expect(inspector.text("System prompt")).to_have_value("My own words")
    expect(select(page)).to_have_value("")
    expect(page.locator("#notices").get_by_role("button", name="Undo")).to_have_count(0)


def test_stop_sequences_and_switches_are_reverted_too(page: Page):
    open_with(page, make_preset(page, stop="END", stream="false"))
    inspector = Inspector(page)
    expect(inspector.switch("Stream")).not_to_be_checked()
    inspector.switch("Stream").check()
    inspector.field("stop").get_by_role("button", name="Remove END").click()
    expect(panel(page).locator("[data-changes]")).to_contain_text("2 changes")
    inspector.root.get_by_role("button", name="Revert Stream").click()
    expect(inspector.switch("Stream")).not_to_be_checked()
    inspector.root.get_by_role("button", name="Revert Stop sequences").click()
    expect(inspector.field("stop").locator(".token__text")).to_have_text("END")
    expect(panel(page).locator("[data-changes]")).to_be_hidden()


def test_another_model_is_a_change_and_the_preset_stays_chosen(page: Page):
    slug = make_preset(page)
    open_with(page, slug)
    inspector = Inspector(page)
    inspector.select("Model").select_option("openai/gpt-4.1-mini")
    expect(page.locator("inspector-form")).to_have_attribute("model", "openai/gpt-4.1-mini")
    expect(select(page)).to_have_value(f"{slug}@1")
    expect(inspector.root.locator(".field--model")).to_contain_text("openai/gpt-4.1")
    inspector.root.get_by_role("button", name="Revert Model").click()
    expect(page.locator("inspector-form")).to_have_attribute("model", "openai/gpt-4.1")
    expect(panel(page).locator("[data-changes]")).to_be_hidden()


def test_missing_variables_block_sending_by_name_and_lead_there(page: Page, fake: FakeOpenAI, console: Console):
    console.allow("422.*/c/messages/")
    chat = open_with(page, make_preset(page))
    chat.box.fill("Teh cat is {{tone}} and {{else}}.")
    chat.send.click()
    expect(page.locator("#composer-errors")).to_contain_text("tone")
    expect(variable(page, "tone")).to_be_focused()
    expect(variable(page, "tone")).to_have_attribute("aria-invalid", "true")
    assert fake.completions == []
    variable(page, "tone").fill("kind")
    expect(page.locator("#composer-errors")).to_be_empty()
    fake.play(Reply.text("The cat."))
    chat.send.click()
    expect(chat.answer).to_contain_text("The cat.")
    assert [(one["role"], one["content"]) for one in fake.last.json["messages"]] == [
        ("system", "You are a kind editor."),
        ("user", "Mend what I show you."),
        ("assistant", "Gladly. **Show** me."),
        ("user", "Teh cat is kind and {{else}}."),
    ]
    expect(chat.questions).to_have_count(2)
    expect(chat.log.get_by_role("strong").first).to_have_text("Show")  # the starters are messages now
    expect(page.locator("#variables summary")).to_contain_text("tone: kind")  # folded away
    chat.tool(chat.answer, "Retry")
    expect(chat.answer).to_contain_text("2/2")
    chat.settled()
    assert fake.last.json["messages"][0]["content"] == "You are a kind editor."


def test_what_was_filled_in_is_there_after_a_reload(page: Page):
    slug = make_preset(page)
    chat = open_with(page, slug)
    kept(page, variable(page, "tone"), "dry")
    kept(page, Inspector(page).value("Temperature"), "0.9")
    page.reload()
    chat.ready()
    expect(select(page)).to_have_value(f"{slug}@1")
    expect(variable(page, "tone")).to_have_value("dry")
    expect(Inspector(page).value("Temperature")).to_have_value("0.9")
    expect(Inspector(page).field("temperature").locator("[data-preset-mark]")).to_contain_text("0.2")
    expect(chat.box).to_have_value("Here: ")
    with page.expect_response("**/preset/"):
        select(page).select_option("")
    expect(variable(page, "tone")).to_have_count(0)
    expect(Inspector(page).value("Temperature")).to_have_value("0.9")
    page.reload()
    chat.ready()
    expect(select(page)).to_have_value("")


def test_save_as_new_then_update_and_the_old_run_stays(page: Page, fake: FakeOpenAI):
    chat = start_over(page)
    inspector = Inspector(page)
    name = f"Saved {uuid4().hex[:8]}"
    inspector.text("System prompt").fill("Answer as a {{role}}.")
    panel(page).get_by_role("button", name="Save preset").click()
    dialog = page.get_by_role("dialog", name="Save preset")
    expect(dialog.get_by_label("Make variables of")).to_be_checked()
    dialog.get_by_role("textbox", name="Name").fill(name)
    dialog.get_by_role("textbox", name="Note").fill("First")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"Saved as “{name}”, version 1.")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(panel(page)).to_have_attribute("preset", re.compile("@1$"))
    variable(page, "role").fill("sailor")
    fake.play(Reply.text("Ahoy."))
    chat.ask("Hello")
    expect(chat.answer).to_contain_text("Ahoy.")
    inspector.text("System prompt").fill("Answer as a {{role}}, briefly.")
    panel(page).get_by_role("button", name="Save preset").click()
    expect(dialog.get_by_role("radio", name="As the next version")).to_be_checked()
    dialog.get_by_role("textbox", name="Note").fill("Brief")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(panel(page)).to_have_attribute("preset", re.compile("@2$"))
    expect(page.locator("#variables summary")).to_contain_text("role: sailor")
    chat.tool(chat.answer, "Receipt")
    receipt = page.get_by_role("dialog", name="Receipt")
    expect(receipt.get_by_role("link", name=f"{name} @1")).to_be_visible()
    expect(receipt).to_contain_text("Answer as a sailor.")
    expect(receipt).to_contain_text("preset")


def test_without_a_name_the_dialog_says_so_and_keeps_what_was_typed(page: Page, console: Console):
    console.allow("422.*/preset/save/")
    start_over(page)
    panel(page).get_by_role("button", name="Save preset").click()
    dialog = page.get_by_role("dialog", name="Save preset")
    dialog.get_by_role("textbox", name="Note").fill("A note")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Give it a name.")
    expect(dialog.get_by_role("textbox", name="Note")).to_have_value("A note")


def test_an_address_fills_and_never_sends(page: Page, fake: FakeOpenAI):
    slug = make_preset(page)
    chat = start_over(page)
    page.goto(f"/?preset={slug}&temperature=0.7&variable-tone=dry&prompt=Hello%20there&nonsense=1&top_p=9")
    chat.ready()
    expect(select(page)).to_have_value(f"{slug}@1")
    expect(Inspector(page).value("Temperature")).to_have_value("0.7")
    expect(variable(page, "tone")).to_have_value("dry")
    expect(chat.box).to_have_value("Hello there")
    expect(page.get_by_text("“nonsense” is no parameter of this model.")).to_be_visible()
    expect(page.locator(".composer__problems")).to_contain_text("Top P")
    assert fake.completions == []
    kept(page, variable(page, "tone"), "wry")
    expect(page).to_have_url(re.compile("/$"))
    page.reload()
    chat.ready()
    expect(variable(page, "tone")).to_have_value("wry")
    assert fake.completions == []


def test_a_draft_is_kept_and_the_text_of_the_address_offered(page: Page, fake: FakeOpenAI):
    chat = start_over(page)
    with page.expect_response("**/draft/"):
        chat.box.fill("Half a thought")
    page.goto("/?prompt=Another%20text")
    chat.ready()
    expect(chat.box).to_have_value("Half a thought")
    notice = page.get_by_role("group", name="Another draft")
    expect(notice).to_contain_text("Another text")
    notice.get_by_role("button", name="Use this text").click()
    expect(chat.box).to_have_value("Another text")
    expect(page.get_by_role("group", name="Another draft")).to_contain_text("Half a thought")
    assert fake.completions == []


def test_a_newer_version_is_offered_and_taken(page: Page):
    slug = make_preset(page)
    chat = open_with(page, slug)
    panel(page).get_by_role("button", name="Save preset").click()
    dialog = page.get_by_role("dialog", name="Save preset")
    dialog.get_by_role("textbox", name="Note").fill("Not yet")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    Inspector(page).value("Temperature").fill("0.5")
    panel(page).get_by_role("button", name="Save preset").click()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(panel(page)).to_have_attribute("preset", f"{slug}@2")
    page.goto(f"/?preset={slug}@1")
    chat.ready()
    expect(panel(page)).to_contain_text("Update available: version 2.")
    expect(page.locator("#preset-chip")).to_contain_text("update available")
    panel(page).get_by_role("button", name="Use it").click()
    expect(panel(page)).to_have_attribute("preset", f"{slug}@2")
    expect(Inspector(page).value("Temperature")).to_have_value("0.5")
