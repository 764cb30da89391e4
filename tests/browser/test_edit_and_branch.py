"""What a person does with messages that are there: edit, retry, alternatives, branch, continue, delete, look inside."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages import Chat
from tests.chat.images.files import packed, picture
from tests.fake_openai import FakeOpenAI, Reply


def answered(fake: FakeOpenAI, page: Page, question: str, answer: str, **options: str) -> Chat:
    """A new conversation with one answer."""
    chat = Chat(page).open()
    fake.play(Reply.text(answer, **options))
    chat.ask(question)
    chat.settled()
    expect(chat.body).to_contain_text(answer)
    return chat


def test_an_edited_question_is_an_alternative_and_the_old_one_stays(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "How high is the tide?", "Five metres.")
    fake.play(Reply.text("Three metres."))
    chat.tool(chat.questions.first, "Edit")
    box = page.get_by_role("textbox", name="Edit message")
    expect(box).to_be_focused()
    expect(box).to_have_value("How high is the tide?")
    box.fill("How high is the tide in Cork?")
    chat.questions.get_by_role("button", name="Send", exact=True).click()
    expect(chat.body).to_contain_text("Three metres.")
    chat.settled()
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.first).to_contain_text("2/2")
    assert [message["content"] for message in fake.last.messages] == ["How high is the tide in Cork?"]
    chat.tool(chat.questions.first, "Previous")
    expect(chat.body).to_contain_text("Five metres.")
    expect(chat.questions.first).to_contain_text("1/2")
    expect(chat.questions.first.get_by_role("button", name="Previous")).to_be_disabled()
    chat.tool(chat.questions.first, "Next")
    expect(chat.body).to_contain_text("Three metres.")
    page.reload()
    chat.ready()
    expect(chat.body).to_contain_text("Three metres.")


def test_escape_leaves_an_edit_without_changing_anything(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "Leave me as I am", "As you wish.")
    chat.tool(chat.questions.first, "Edit")
    page.get_by_role("textbox", name="Edit message").fill("something else")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Edit message")).to_have_count(0)
    expect(chat.questions.first).to_contain_text("Leave me as I am")
    expect(chat.messages).to_have_count(2)


def test_an_edited_answer_is_what_the_model_is_told_it_said(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "Name a port", "Brest.")
    chat.tool(chat.answer, "Edit")
    page.get_by_role("textbox", name="Edit message").fill("Cork, *of course*.")
    chat.answer.get_by_role("button", name="Save").click()
    expect(chat.body.locator("em")).to_have_text("of course")
    expect(chat.answer).to_contain_text("edited")
    expect(chat.answer).to_contain_text("2/2")
    assert len(fake.completions) == 1
    fake.play(Reply.text("Yes."))
    chat.ask("Are you sure?")
    chat.settled()
    assert [message["content"] for message in fake.last.messages] == [
        "Name a port",
        "Cork, *of course*.",
        "Are you sure?",
    ]


def test_a_retry_is_an_alternative_to_go_back_and_forth_from(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "Say a number", "Seven.")
    fake.play(Reply.text("Eight."))
    chat.tool(chat.answer, "Retry")
    expect(chat.body).to_contain_text("Eight.")
    chat.settled()
    expect(chat.answer).to_contain_text("2/2")
    assert [message["content"] for message in fake.last.messages] == ["Say a number"]
    chat.tool(chat.answer, "Previous")
    expect(chat.body).to_contain_text("Seven.")
    expect(chat.answer).to_contain_text("1/2")
    fake.play(Reply.text("That was seven."))
    chat.ask("Which was it?")
    chat.settled()
    assert [message["content"] for message in fake.last.messages] == ["Say a number", "Seven.", "Which was it?"]


def test_a_branch_is_a_conversation_of_its_own(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "The trunk", "The first ring.")
    fake.play(Reply.text("The second ring."))
    chat.ask("Grow")
    chat.settled()
    trunk = chat.uuid
    chat.menu(chat.answers.first, "Branch from here")
    expect(page).not_to_have_url(re.compile(trunk))
    chat.ready()
    expect(chat.messages).to_have_count(2)
    expect(chat.body).to_contain_text("The first ring.")
    fake.play(Reply.text("A twig."))
    chat.ask("Grow aside")
    chat.settled()
    chat.open(f"/c/{trunk}/")
    expect(chat.messages).to_have_count(4)
    expect(chat.body).to_contain_text("The second ring.")


def test_an_answer_that_ran_out_of_tokens_goes_on(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "Count", "one two three", finish_reason="length")
    expect(chat.answer.locator(".message__meta")).to_contain_text("length")
    fake.play(Reply.text(" four five"))
    chat.tool(chat.answer, "Continue")
    expect(chat.body).to_contain_text("one two three four five")
    chat.settled()
    expect(chat.body).to_have_text("one two three four five", use_inner_text=True)
    expect(chat.answer.get_by_role("button", name="Continue")).to_have_count(0)


def test_a_deleted_message_comes_back_by_undo(fake: FakeOpenAI, page: Page):
    chat = answered(fake, page, "Keep me", "Kept.")
    fake.play(Reply.text("Gone."))
    chat.ask("Delete me")
    chat.settled()
    chat.menu(chat.questions.last, "Delete")
    expect(chat.messages).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(chat.messages).to_have_count(4)
    expect(chat.body).to_contain_text("Gone.")
    chat.menu(chat.questions.last, "Delete")
    expect(chat.messages).to_have_count(2)
    page.reload()
    chat.ready()
    expect(chat.messages).to_have_count(2)
    expect(chat.body).to_contain_text("Kept.")


def test_the_receipt_says_what_was_set_and_what_was_left_out(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    page.get_by_role("spinbutton", name="Temperature value").fill("0.3")
    fake.play(Reply.text("Cool."))
    chat.ask("Give me a receipt")
    chat.settled()
    chat.tool(chat.answer, "Receipt")
    dialog = page.get_by_role("dialog", name="Receipt")
    row = dialog.get_by_role("row", name=re.compile("temperature"))
    expect(row).to_contain_text("0.3")
    expect(row).to_contain_text("you")
    expect(dialog.get_by_text("Left out")).to_contain_text("top_p")
    expect(dialog).to_contain_text("fp_fake")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(chat.answer.get_by_role("button", name="Receipt")).to_be_focused()


def test_the_raw_tab_shows_the_exchange_without_key_and_image_bytes(fake: FakeOpenAI, page: Page, tmp_path: Path):
    chat = Chat(page).open()
    path = tmp_path / "raw.png"
    path.write_bytes(packed(picture(200, 150), "PNG"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images", exact=True).click()
    chooser.value.set_files(path)
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    fake.play(Reply.text("A blue field."))
    chat.ask("What is this?")
    chat.settled()
    chat.menu(chat.answer, "Show raw")
    raw = page.get_by_role("tabpanel", name="Raw")
    expect(raw).to_be_visible()
    expect(raw).to_contain_text('"model": "gpt-4.1"')
    expect(raw).to_contain_text("What is this?")
    expect(raw).to_contain_text("data:image/")
    expect(raw).to_contain_text("chat.completion")
    expect(raw).to_contain_text("fp_fake")
    expect(raw).to_contain_text("A blue field.")
    text = raw.inner_text()
    assert "sk-test" not in text
    assert not re.search(r"[A-Za-z0-9+/]{120,}", text)  # no image bytes
    assert len(fake.last.images) == 1


def test_the_raw_tab_begins_with_the_last_answer(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    raw = page.get_by_role("tabpanel", name="Raw")
    page.get_by_role("tab", name="Raw").click()
    expect(raw).to_contain_text("Show raw")
    page.get_by_role("tab", name="Parameters").click()
    fake.play(Reply.text("Early."), Reply.text("Late."))
    for question in ("One?", "Two?"):
        chat.ask(question)
        chat.settled()
    page.get_by_role("tab", name="Raw").click()
    expect(raw).to_contain_text("Late.")


def test_copy_works_without_a_clipboard_of_the_browser(fake: FakeOpenAI, page: Page):
    page.context.grant_permissions(["clipboard-read"])
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as on plain HTTP
    chat = Chat(page).open()
    fake.play(Reply.text("**Copied** by hand."))
    chat.ask("Copy this")
    chat.settled()
    chat.tool(chat.answer, "Copy")
    expect(chat.answer.get_by_role("button", name="Copied")).to_be_visible()
    expect(chat.answer.get_by_role("button", name="Copy", exact=True)).to_be_visible()
    chat.box.focus()
    page.keyboard.press("Control+V")
    expect(chat.box).to_have_value("**Copied** by hand.")
