"""Conversations as things: renamed, pinned, deleted and brought back, found, carried out and in; and the keys."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat, import_file
from tests.chat.images.files import packed, picture
from tests.fake_openai import FakeOpenAI, Reply


def begun(fake: FakeOpenAI, page: Page, question: str, answer: str = "Yes.") -> Chat:
    chat = Chat(page).open()
    fake.play(Reply.text(answer))
    chat.ask(question)
    chat.settled()
    expect(entry(chat, question)).to_be_visible()
    return chat


def entry(chat: Chat, title: str) -> Locator:
    return chat.conversations.get_by_role("link", name=title)


def row_menu(chat: Chat, title: str, item: str) -> None:
    """Use an item of the menu of a conversation in the sidebar."""
    entry(chat, title).hover()
    chat.conversations.get_by_role("button", name=f"More about {title}").click()
    chat.page.locator("#row-menu").get_by_role("button", name=item, exact=True).click()


def unique(words: str) -> str:
    return f"{words} {uuid.uuid4().hex[:8]}"


def test_a_conversation_is_renamed_in_the_sidebar_and_the_bar(fake: FakeOpenAI, page: Page):
    old, new = unique("Old name"), unique("New name")
    chat = begun(fake, page, old)
    row_menu(chat, old, "Rename")
    dialog = page.get_by_role("dialog", name="Rename")
    box = dialog.get_by_role("textbox", name="Title")
    expect(box).to_be_focused()
    expect(box).to_have_value(old)
    box.fill(new)
    box.press("Enter")
    expect(dialog).to_be_hidden()
    expect(entry(chat, new)).to_be_visible()
    expect(entry(chat, old)).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text(new)
    page.reload()
    expect(page).to_have_title(re.compile(new))


def test_a_pinned_conversation_stands_above_the_others(fake: FakeOpenAI, page: Page):
    first, second = unique("Pin me"), unique("Do not pin me")
    begun(fake, page, first)
    chat = begun(fake, page, second)
    links = chat.conversations.locator("#conversations").get_by_role("link")
    row_menu(chat, first, "Pin")
    expect(chat.conversations.get_by_text("Pinned")).to_be_visible()
    expect(links.first).to_have_text(first)
    row_menu(chat, first, "Unpin")
    expect(chat.conversations.get_by_text("Pinned")).to_have_count(0)


def test_a_deleted_conversation_comes_back_by_undo(fake: FakeOpenAI, page: Page, console: Console):
    console.allow("404")
    title = unique("Delete me")
    chat = begun(fake, page, title)
    url = page.url
    row_menu(chat, title, "Delete")
    expect(page).not_to_have_url(url)
    chat.ready()
    expect(entry(chat, title)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(entry(chat, title)).to_be_visible()
    entry(chat, title).click()
    expect(chat.body).to_contain_text("Yes.")
    other = begun(fake, page, unique("Another one"))
    row_menu(other, title, "Delete")
    expect(entry(other, title)).to_have_count(0)
    expect(page).not_to_have_url(url)
    response = page.goto(url)
    assert response is not None
    assert response.status == 404


SIDEBAR = re.compile(r"/sidebar/")
RESTORATION = re.compile(r"/restore/$")


def held(page: Page, routes: list[Route]) -> Route:
    """The request that is held, as soon as there is one: the browser tells of it before the route does."""
    while not routes:
        page.wait_for_timeout(20)
    return routes.pop()


def ask_for_list(fake: FakeOpenAI, chat: Chat) -> Route:
    """Another answer makes the page ask for the list of conversations, once; that request is held."""
    lists: list[Route] = []
    chat.page.route(SIDEBAR, lambda route: lists.append(route), times=1)  # noqa: PLW0108 - Playwright marks its handlers
    fake.play(Reply.text("Yes."))
    chat.ask("Once more")
    chat.settled()
    return held(chat.page, lists)


def test_a_late_list_does_not_close_the_menu_that_was_opened_meanwhile(fake: FakeOpenAI, page: Page):
    title = unique("Keep my menu")
    chat = begun(fake, page, title)
    late = ask_for_list(fake, chat)
    entry(chat, title).hover()
    chat.conversations.get_by_role("button", name=f"More about {title}").click()
    menu = page.locator("#row-menu")
    expect(menu).to_be_visible()
    with page.expect_response(SIDEBAR) as answer:
        late.continue_()
    answer.value.finished()
    menu.get_by_role("button", name="Pin", exact=True).click()
    expect(chat.conversations.get_by_text("Pinned")).to_be_visible()
    row_menu(chat, title, "Unpin")
    expect(chat.conversations.get_by_text("Pinned")).to_have_count(0)


def test_a_late_list_does_not_take_back_what_was_changed_meanwhile(fake: FakeOpenAI, page: Page):
    title = unique("Bring me back")
    begun(fake, page, title)
    chat = begun(fake, page, unique("I stay"))
    row_menu(chat, title, "Delete")
    expect(entry(chat, title)).to_have_count(0)
    late = ask_for_list(fake, chat)
    old = late.fetch()
    undone: list[Route] = []
    page.route(RESTORATION, lambda route: undone.append(route))  # noqa: PLW0108 - as above
    page.get_by_role("button", name="Undo").click()
    restoration = held(page, undone)
    with page.expect_response(SIDEBAR) as answer:
        late.fulfill(response=old)
    answer.value.finished()
    restoration.continue_()
    expect(entry(chat, title)).to_be_visible()


def test_search_finds_a_word_of_an_answer_and_opens_it(fake: FakeOpenAI, page: Page):
    word = f"zymurgy{uuid.uuid4().hex[:8]}"
    begun(fake, page, unique("What is brewing?"), f"The art of {word}, of course.")
    url = page.url
    chat = Chat(page).open()
    page.keyboard.press("Control+k")
    box = page.get_by_role("dialog", name="Search conversations").get_by_role("searchbox")
    expect(box).to_be_focused()
    box.press_sequentially(word)
    hit = page.locator("#search-results").get_by_role("link")
    expect(hit).to_have_count(1)
    expect(hit.locator("mark")).to_have_text(word)
    hit.click()
    expect(page).to_have_url(re.compile(re.escape(url)))
    expect(chat.body).to_contain_text(word)
    expect(chat.body).to_be_in_viewport()
    page.keyboard.press("Control+k")
    box.fill("nowhere-to-be-found-at-all")
    expect(page.locator("#search-results")).to_contain_text("Nothing with")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_an_exported_conversation_is_imported_whole(fake: FakeOpenAI, page: Page, tmp_path: Path):
    title = unique("Carry me")
    chat = Chat(page).open()
    path = tmp_path / "carried.png"
    path.write_bytes(packed(picture(), "PNG"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images", exact=True).click()
    chooser.value.set_files(path)
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    fake.play(Reply.text("The **first** way."))
    chat.ask(title)
    chat.settled()
    fake.play(Reply.text("The *second* way."))
    chat.tool(chat.answer, "Retry")
    expect(chat.answer).to_contain_text("2/2")
    chat.settled()
    page.get_by_role("banner").or_(page.locator(".stage__bar")).get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as Markdown").click()
    markdown = Path(download.value.path()).read_text()
    assert download.value.suggested_filename.endswith(".md")
    assert title in markdown
    assert "The *second* way." in markdown
    page.locator(".stage__bar").get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as JSON").click()
    exported = Path(download.value.path()).read_text()
    assert {message["text"] for message in json.loads(exported)["messages"]} == {
        title,
        "The **first** way.",
        "The *second* way.",
    }
    old = page.url
    chat.open()
    import_file(page, exported)
    assert page.url != old
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.get_by_role("img")).to_be_visible()
    expect(chat.body.locator("em")).to_have_text("second")
    chat.tool(chat.answer, "Previous")
    expect(chat.body.locator("strong")).to_have_text("first")


def test_a_file_that_is_no_conversation_is_refused_with_a_reason(page: Page, console: Console):
    console.allow("422")
    Chat(page).open()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import", exact=True).click()
    chooser.value.set_files([{"name": "x.json", "mimeType": "application/json", "buffer": b'{"hello": 1}'}])
    expect(page.get_by_text("This is not a conversation exported from Playground")).to_be_visible()


def test_keys_start_a_new_chat_and_list_themselves(fake: FakeOpenAI, page: Page):
    chat = begun(fake, page, unique("Keys"))
    page.keyboard.press("Control+Shift+O")
    expect(page).to_have_url(re.compile(r"^http://[^/]+/$"))
    chat.ready()
    expect(chat.box).to_be_focused()
    chat.box.press("?")
    expect(chat.box).to_have_value("?")  # typed, not obeyed
    chat.box.fill("")
    chat.box.blur()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("Search conversations")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
