"""The composer in two tabs: what is typed in either is never replaced or cleared by the other without a word."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.browser.test_sending_waits import Line
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

DRAFT = re.compile(r"/draft/$")  # a save; to ask has a query


def save(chat: Chat, text: str, status: int = 204) -> None:
    """Type `text`; returns when the server has answered with `status`."""
    with chat.page.expect_response(DRAFT) as answer:
        chat.box.fill(text)
    assert answer.value.status == status


def come_back(chat: Chat) -> None:
    """To a tab that was in the background; returns when it has asked for what is new."""
    with chat.page.expect_response("**/draft/?*"):
        chat.page.evaluate("() => window.dispatchEvent(new Event('focus'))")


def stored(chat: Chat) -> str:
    return chat.page.request.get(f"/draft/?conversation={chat.uuid}").text()


def notice(chat: Chat) -> Locator:
    return chat.page.get_by_role("group", name="Another draft")


def kept_in_browser(page: Page) -> list[str]:
    return page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('draft:'))")


@pytest.fixture
def tabs(page: Page, context: BrowserContext, fake: FakeOpenAI, console: Console) -> tuple[Chat, Chat]:
    """One conversation of one answer, open twice."""
    console.allow("422")
    chat = Chat(page).open()
    fake.play(Reply.text("Hello."))
    chat.ask("Hello")
    chat.settled()
    return chat, Chat(context.new_page()).open(page.url)


def test_an_untouched_box_follows_the_other_tab(tabs: tuple[Chat, Chat]):
    one, two = tabs
    save(one, "Half a thought")
    come_back(two)
    expect(two.box).to_have_value("Half a thought")
    save(two, "Half a thought, and a half")
    come_back(one)
    expect(one.box).to_have_value("Half a thought, and a half")
    save(one, "")
    come_back(two)
    expect(two.box).to_have_value("")
    expect(notice(one)).to_have_count(0)
    expect(notice(two)).to_have_count(0)


def test_of_two_texts_the_second_is_shown_the_first_and_can_be_kept(tabs: tuple[Chat, Chat]):
    one, two = tabs
    save(one, "From one")
    save(two, "From two", 422)
    expect(notice(two)).to_contain_text("something else in another tab")
    expect(notice(two)).to_contain_text("From one")
    expect(two.box).to_have_value("From two")
    assert stored(two) == "From one"
    with two.page.expect_response(DRAFT):
        notice(two).get_by_role("button", name="Keep mine").click()
    expect(notice(two)).to_have_count(0)
    expect(two.box).to_be_focused()
    assert stored(two) == "From two"
    come_back(one)
    expect(one.box).to_have_value("From two")


def test_the_other_text_changes_places_with_mine_and_both_survive_a_reload(tabs: tuple[Chat, Chat]):
    one, two = tabs
    save(one, "From one")
    save(two, "From two", 422)
    two.page.reload()
    two.ready()
    expect(two.box).to_have_value("From two")
    expect(notice(two)).to_contain_text("From one")
    notice(two).get_by_role("button", name="Use this text").click()
    expect(two.box).to_have_value("From one")
    expect(notice(two)).to_contain_text("Your text from before")
    two.page.reload()
    two.ready()
    expect(two.box).to_have_value("From one")
    expect(notice(two)).to_contain_text("From two")
    with two.page.expect_response(DRAFT):
        notice(two).get_by_role("button", name="Use this text").click()
    expect(two.box).to_have_value("From two")
    expect(notice(two)).to_contain_text("From one")
    notice(two).get_by_role("button", name="Discard").click()
    expect(notice(two)).to_have_count(0)
    assert stored(two) == "From two"
    assert kept_in_browser(two.page) == []


def test_sending_in_one_tab_leaves_what_the_other_has_typed(tabs: tuple[Chat, Chat], fake: FakeOpenAI):
    one, two = tabs
    save(one, "Typed in one")
    save(two, "Sent from two", 422)
    fake.play(Reply.text("Well."))
    two.ask("Sent from two")
    two.settled()
    expect(notice(two)).to_have_count(0)
    assert stored(two) == "Typed in one"
    expect(one.box).to_have_value("Typed in one")
    expect(one.questions).to_have_count(2)
    fake.play(Reply.text("Well, well."))
    one.box.press("Enter")
    expect(one.questions).to_have_count(3)
    expect(one.box).to_have_value("")
    one.settled()
    assert fake.last.prompt == "Typed in one"
    assert stored(one) == ""
    assert kept_in_browser(one.page) == []


def test_a_conflict_is_over_when_the_other_text_was_sent(tabs: tuple[Chat, Chat], fake: FakeOpenAI):
    one, two = tabs
    save(one, "From one")
    save(two, "From two", 422)
    fake.play(Reply.text("Well."))
    one.box.press("Enter")
    expect(one.box).to_have_value("")
    with two.page.expect_response(DRAFT):
        two.page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(notice(two)).to_have_count(0)
    expect(two.box).to_have_value("From two")
    assert stored(two) == "From two"
    two.settled()


def test_two_new_chats_share_a_draft_and_sending_one_keeps_the_others(
    own_site: Server, page: Page, context: BrowserContext, fake: FakeOpenAI, console: Console
):
    console.allow("422")
    one, two = (Chat(tab).open(own_site.url) for tab in (page, context.new_page()))
    save(one, "The first new chat")
    save(two, "The second new chat", 422)
    expect(notice(two)).to_contain_text("The first new chat")
    fake.play(Reply.text("Two."))
    two.ask("The second new chat")
    two.settled()
    expect(two.box).to_have_value("")
    expect(one.box).to_have_value("The first new chat")
    page.reload()
    one.ready()
    expect(one.box).to_have_value("The first new chat")
    two.page.goto(own_site.url)
    two.ready()
    expect(two.box).to_have_value("The first new chat")


def test_what_a_closed_tab_could_not_save_is_in_the_next_one(tabs: tuple[Chat, Chat], console: Console):
    console.allow(r"ERR_|WebSocket|Failed to")
    one, two = tabs
    context = one.page.context
    context.set_offline(True)
    two.box.fill("Typed on a dead line")
    two.page.close()
    context.set_offline(False)
    save(one, "Typed in one")
    three = Chat(context.new_page()).open(one.page.url)
    expect(three.box).to_have_value("Typed on a dead line")
    expect(notice(three)).to_contain_text("Typed in one")
    assert stored(three) == "Typed in one"
    expect(one.box).to_have_value("Typed in one")


def test_a_save_that_the_message_overtakes_does_not_bring_it_back(tabs: tuple[Chat, Chat], fake: FakeOpenAI):
    one, _two = tabs
    line = Line(one.page, DRAFT)
    with one.page.expect_request(DRAFT):
        one.box.fill("Quick")
    fake.play(Reply.text("Well."))
    one.ask("Quick")
    line.is_open = True
    with one.page.expect_response(
        lambda response: DRAFT.search(response.url) is not None and not response.request.post_data_json["text"]
    ):
        line.let_through()
    one.settled()
    assert stored(one) == ""
