"""When something fails: it is said, with what to do next, and nothing that a person wrote is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat, Inspector
from tests.chat.images.files import packed, picture
from tests.fake_openai import End, FakeOpenAI, Reply, scenario
from tests.servers import Server


@pytest.mark.parametrize(
    ("name", "says", "advice"),
    [
        ("401", "Incorrect API key", "API key"),
        ("429-quota", "exceeded your current quota", "add credit"),
        ("context", "maximum context length", "Shorten it"),
        ("200-html", "", "base URL"),
        ("404", "does not exist", "Choose another model"),
        ("400", "Invalid value", "Change what"),
    ],
)
def test_a_failure_says_what_happened_and_what_to_do(fake: FakeOpenAI, page: Page, name: str, says: str, advice: str):
    chat = Chat(page).open()
    fake.play(scenario(name))
    chat.ask(f"Fail with {name}")
    chat.settled()
    alert = chat.answer.get_by_role("alert")
    expect(alert).to_contain_text(says)
    expect(alert).to_contain_text(advice)
    assert "sk-bad0123456789" not in chat.answer.inner_text()  # the provider quoted the key
    assert len(fake.completions) == 1
    fake.play(Reply.text("All is well."))
    alert.get_by_role("button", name="Try again").click()
    expect(chat.body).to_contain_text("All is well.")
    chat.settled()
    page.reload()
    chat.ready()
    expect(chat.body).to_contain_text("All is well.")


def test_a_rate_limit_is_retried_before_the_eyes_of_the_reader(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    # Long enough to be seen on a slow machine, over at once when the test is done with it.
    fake.play(Reply.error(429, "Rate limit reached", type="requests", headers={"Retry-After": "5"}))
    fake.play(Reply.text("The second try."))
    chat.ask("Hurry")
    expect(chat.answer.get_by_role("status")).to_contain_text(re.compile(r"Trying again in \d s \(\d of \d\)"))
    expect(chat.body).to_contain_text("The second try.")
    chat.settled()
    assert len(fake.completions) == 2
    expect(chat.answer.get_by_role("alert")).to_have_count(0)


def test_a_server_error_that_stays_ends_after_three_tries(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    fake.play(*(scenario("500") for _try in range(3)))
    chat.ask("Break")
    chat.settled()
    expect(chat.answer.get_by_role("alert")).to_contain_text("The server had an error")
    assert len(fake.completions) == 3
    expect(chat.box).to_be_enabled()
    fake.play(Reply.text("Mended."))
    chat.ask("And now?")
    expect(chat.body).to_contain_text("Mended.")
    chat.settled()


@pytest.mark.parametrize("end", [End.CUT, End.RESET])
def test_a_cut_answer_keeps_its_text_and_can_go_on(fake: FakeOpenAI, page: Page, end: End):
    chat = Chat(page).open()
    fake.play(Reply.cut("It was going so well", end=end))
    chat.ask("Break off")
    chat.settled()
    expect(chat.body).to_contain_text("It was going so well")
    alert = chat.answer.get_by_role("alert")
    expect(alert).to_contain_text("The text that arrived is kept")
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()
    fake.play(Reply.text(" until it did not."))
    alert.get_by_role("button", name="Continue").click()
    expect(chat.body).to_contain_text("It was going so well until it did not.")
    chat.settled()
    expect(chat.answer.get_by_role("alert")).to_have_count(0)


def attach(page: Page, folder: Path) -> None:
    path = folder / "kept.png"
    path.write_bytes(packed(picture(), "PNG"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images", exact=True).click()
    chooser.value.set_files(path)
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)


def test_a_send_that_fails_keeps_text_and_images(
    own_site: Server, fake: FakeOpenAI, page: Page, tmp_path: Path, console: Console
):
    console.allow(r"ERR_|WebSocket|htmx:|503|Failed to")
    chat = Chat(page).open(own_site.url)
    attach(page, tmp_path)
    page.context.set_offline(True)
    chat.box.fill("Do not lose me")
    chat.box.press("Enter")
    expect(page.locator("#notices")).to_contain_text("The server cannot be reached")
    expect(chat.box).to_have_value("Do not lose me")
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    page.context.set_offline(False)
    fake.play(Reply.text("Here you are."))
    chat.box.press("Enter")
    expect(chat.body).to_contain_text("Here you are.")
    chat.settled()
    assert len(fake.completions) == 1
    assert len(fake.last.images) == 1
    expect(page.locator("image-tray [data-attachment]")).to_have_count(0)


def test_a_draft_of_text_and_images_survives_a_reload(own_site: Server, page: Page, tmp_path: Path):
    chat = Chat(page).open(own_site.url)
    attach(page, tmp_path)
    with page.expect_response("**/draft/"):
        chat.box.fill("Half a thought")
    page.reload()
    chat.ready()
    expect(chat.box).to_have_value("Half a thought")
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    # What was typed a moment ago is in the browser, where the server's copy is older.
    chat.box.fill("Half a thought, and a half")
    page.reload()
    chat.ready()
    expect(chat.box).to_have_value("Half a thought, and a half")


def test_a_lost_session_keeps_the_draft(fake: FakeOpenAI, page: Page, context: BrowserContext, console: Console):
    console.allow(r"40[0-9]|WebSocket|htmx:")
    chat = Chat(page).open()
    fake.play(Reply.text("Hello."))
    chat.ask("Hello")
    chat.settled()
    context.clear_cookies()
    chat.box.fill("Written while signed out")
    chat.box.press("Enter")
    # In local mode the owner is signed in again by the next page; whatever the server said, the words are there.
    expect(chat.box).to_have_value("Written while signed out")
    fake.play(Reply.text("Welcome back."))
    page.reload()
    chat.ready()
    expect(chat.box).to_have_value("Written while signed out")
    chat.box.press("Enter")
    expect(chat.body).to_contain_text("Welcome back.")
    assert fake.last.prompt == "Written while signed out"
    assert len(fake.completions) == 2


def test_a_message_typed_while_an_answer_streams_goes_out_after_it(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = fake.play(Reply.text("First answer, rather long.").hold_after(2))
    chat.ask("First question")
    reply.wait_held(30)
    fake.play(Reply.text("Second answer."))
    chat.ask("Second question")
    expect(chat.questions.last).to_contain_text("Goes out when the answer above is done")
    assert len(fake.completions) == 1
    reply.release()
    expect(chat.body).to_contain_text("Second answer.")
    chat.settled()
    expect(chat.questions).to_have_count(2)
    expect(chat.answers).to_have_count(2)
    expect(chat.questions.last).not_to_contain_text("Goes out")
    assert [message["content"] for message in fake.last.messages] == [
        "First question",
        "First answer, rather long.",
        "Second question",
    ]


def test_a_queued_message_waits_for_its_writer_when_the_answer_was_stopped(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = fake.play(Reply.text("First answer, rather long.").hold_after(2))
    chat.ask("First question")
    reply.wait_held(30)
    chat.ask("Second question")
    chat.stop.click()
    expect(chat.questions.last).to_contain_text("Not sent yet")
    assert len(fake.completions) == 1
    fake.play(Reply.text("Second answer."))
    chat.questions.last.get_by_role("button", name="Send now").click()
    expect(chat.body).to_contain_text("Second answer.")
    chat.settled()


def test_the_provider_that_is_not_there_is_named(page: Page, fake: FakeOpenAI):
    chat = Chat(page).open()
    Inspector(page).reset_all()
    fake.play(*(Reply.steps(End.RESET) for _try in range(3)))
    chat.ask("Is anybody there?")
    chat.settled()
    expect(chat.answer.get_by_role("alert")).to_be_visible()
    expect(chat.answer.get_by_role("button", name="Try again")).to_be_visible()
