"""axe finds nothing to complain about: every page and state, in light and dark, and the drawers on a phone."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.comparing import Board
from tests.browser.conftest import Console
from tests.browser.pages import Chat, Inspector, PresetImport
from tests.browser.test_presets_in_chat import make_preset
from tests.browser.test_small_and_keyboard import PHONE
from tests.fake_openai import FakeOpenAI, Reply, scenario
from tests.fake_openai.answers import MARKDOWN

# Run by the debugger's protocol, which the content security policy does not bind: nothing is added to the page.
AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()
RUN = "(scope) => axe.run(scope || document, { resultTypes: ['violations'], preload: false })"
THEMES = ["light", "dark"]
# Half faded colours would be judged as they are.
MOTION_OVER = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().iterations !== Infinity).map((one) => one.finished))"""


PRESET_FILES = Path(__file__).parents[1] / "presets" / "transfer" / "files"

Check = Callable[..., None]


@pytest.fixture(params=THEMES)
def check(request: pytest.FixtureRequest, page: Page, console: Console) -> Check:
    """Call it when the page shows what is to be judged: fails with all that axe calls a violation, in `scope` if given."""
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")

    def judge(scope: str = "") -> None:
        page.wait_for_load_state()
        page.evaluate(MOTION_OVER)
        assert console.unexpected == []
        if not page.evaluate("() => typeof window.axe === 'object'"):
            page.evaluate(AXE)
        found = page.evaluate(RUN, scope)
        console.forget()  # axe tries styles of its own, which the policy forbids and the console tells
        assert [words(violation, node) for violation in found["violations"] for node in violation["nodes"]] == []

    return judge


def words(violation: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{violation['id']}: {node['target']} {node['html'][:200]} {node.get('failureSummary', '')}"


def test_a_new_chat(page: Page, check: Check):
    Chat(page).open()
    check()


def test_a_conversation_with_rich_content(page: Page, check: Check, fake: FakeOpenAI):
    chat = Chat(page).open()
    fake.play(Reply.text(MARKDOWN + "\n\n![remote](https://example.com/x.png) and [a link](https://example.com)."))
    chat.ask("Rich content, please")
    chat.settled()
    fake.play(Reply.text("Another.", finish_reason="length"))
    chat.tool(chat.answer, "Retry")
    expect(chat.answer).to_contain_text("2/2")
    chat.settled()
    check()
    chat.tool(chat.answer, "Previous")
    expect(chat.answer.get_by_role("table")).to_be_visible()
    check()
    chat.tool(chat.answer, "More")
    check()
    page.keyboard.press("Escape")
    chat.menu(chat.answer, "Show raw")
    expect(page.get_by_role("tabpanel", name="Raw")).to_contain_text("gpt-4.1")
    check()
    chat.tool(chat.answer, "Receipt")
    expect(page.get_by_role("dialog", name="Receipt")).to_contain_text("gpt-4.1")
    check()


def test_a_failed_answer_and_a_queued_question(page: Page, check: Check, fake: FakeOpenAI):
    chat = Chat(page).open()
    reply = fake.play(Reply.cut("Some text").hold_after(1))
    chat.ask("Fail, please")
    reply.wait_held(30)
    chat.ask("A queued question")
    check()
    reply.release()
    chat.settled()
    expect(chat.answer.get_by_role("alert")).to_be_visible()
    check()
    fake.play(scenario("401"))
    chat.open()
    chat.ask("No key")
    chat.settled()
    check()


def test_a_streaming_answer(page: Page, check: Check, fake: FakeOpenAI):
    chat = Chat(page).open()
    reply = fake.play(Reply.text(MARKDOWN, reasoning="Let me think.").hold_after(0).hold_after(60))
    chat.ask("Stream, please")
    reply.wait_held(30)
    expect(chat.answer.get_by_role("status")).to_be_visible()
    check()
    reply.release()
    reply.wait_held(30)
    expect(chat.answer.get_by_role("heading").first).to_be_visible()
    check()
    chat.tool(chat.questions.first, "Edit")
    expect(page.get_by_role("textbox", name="Edit message")).to_be_visible()
    check()


def test_the_inspector_with_everything_set(page: Page, check: Check):
    Chat(page).open()
    inspector = Inspector(page)
    inspector.value("Temperature").fill("3")
    inspector.value("Top P").fill("0.5")
    inspector.select("Response format").select_option("json_schema")
    inspector.text("JSON schema").fill("{oops")
    inspector.text("Stop sequences").fill("END")
    inspector.text("Stop sequences").press("Enter")
    expect(inspector.field("json_schema").locator(".field__error")).to_be_visible()
    check()
    inspector.select("Model").select_option(value="embedded/SmolLM2-135M-Instruct")
    expect(inspector.root.get_by_text("Not taken over")).to_be_visible()
    check()


@pytest.mark.parametrize(
    "path", ["/models/", "/models/openai/gpt-4.1/", "/models/embedded/SmolLM2-135M-Instruct/", "/settings/"]
)
def test_a_page(page: Page, check: Check, path: str):
    response = page.goto(path)
    assert response is not None
    assert response.status == 200
    check()


def test_the_form_of_a_key(page: Page, check: Check):
    page.goto("/models/openai/gpt-4.1/")
    page.get_by_role("link", name="Change the key").click()
    expect(page.get_by_role("heading", name="Key of OpenAI")).to_be_visible()
    check()


def test_a_page_that_is_not_there(page: Page, check: Check, console: Console):
    console.allow("404")
    page.goto("/nowhere/")
    check()


def open_search(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("searchbox").fill("please")


def open_keys(page: Page) -> None:
    page.locator("#composer-text").blur()
    page.keyboard.press("?")


@pytest.mark.parametrize("show", [open_search, open_keys])
def test_a_dialog(page: Page, check: Check, show: Callable[[Page], None]):
    Chat(page).open()
    show(page)
    expect(page.get_by_role("dialog")).to_be_visible()
    check()


@pytest.mark.parametrize("drawer", ["Conversations", "Parameters"])
def test_a_drawer_of_a_phone(page: Page, check: Check, drawer: str):
    page.set_viewport_size(PHONE)
    Chat(page).open()
    check()
    page.get_by_role("button", name=drawer, exact=True).click()
    expect(page.locator(":popover-open")).to_have_count(1)
    check()


def test_the_drawer_of_a_page_that_is_no_chat(page: Page, check: Check):
    page.set_viewport_size(PHONE)
    page.goto("/models/")
    page.get_by_role("button", name="Conversations", exact=True).click()
    expect(page.locator(":popover-open")).to_have_count(1)
    check()


def test_two_drafts_of_one_message(page: Page, context: BrowserContext, check: Check, console: Console):
    console.allow("422")
    other, chat = Chat(context.new_page()).open(), Chat(page).open()
    for tab, text in ((other, "From the other tab\n" * 20), (chat, "Mine")):
        with tab.page.expect_response("**/draft/"):
            tab.box.fill(text)
    shown = page.get_by_role("group", name="Another draft")
    expect(shown).to_be_visible()
    check()
    with page.expect_response("**/draft/"):
        shown.get_by_role("button", name="Keep mine").click()
    expect(shown).to_have_count(0)
    with page.expect_response("**/draft/"):
        chat.box.fill("")


def test_a_comparison_its_settings_and_the_list(page: Page, check: Check, fake: FakeOpenAI):
    board = Board(page).begin(3)
    fake.play(Reply.text(MARKDOWN), scenario("401"), Reply.text("Short", tokens_per_second=50))
    board.ask("Side by side, please")
    board.settled()
    check()
    board.open_settings(2)
    board.set("Temperature value", "9")
    expect(board.settings).to_contain_text("Must be at most 2")
    check()
    board.settings.get_by_role("button", name="Close", exact=True).click()
    board.menu(2, "Remove")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    check()
    page.get_by_role("button", name="More about column 1").click()
    check()
    page.set_viewport_size(PHONE)
    check()
    page.goto("/compare/")
    check()


def test_presets_in_a_chat(page: Page, check: Check, console: Console, fake: FakeOpenAI):
    slug = make_preset(page)
    page.goto(f"/?preset={slug}&temperature=0.9&seed=7&nonsense=1")
    chat = Chat(page)
    chat.ready()
    expect(page.locator("preset-panel [data-changes]")).to_contain_text("2 changes")
    check()
    page.keyboard.press("Alt+p")
    check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save preset").click()
    expect(page.get_by_role("dialog", name="Save preset")).to_be_visible()
    check()
    page.keyboard.press("Escape")
    console.allow("422")
    chat.box.fill("Teh cat")
    chat.send.click()
    expect(page.locator("#composer-errors")).to_contain_text("tone")
    check()
    page.get_by_label("tone", exact=True).fill("dry")
    chat.send.click()
    chat.settled()
    chat.tool(chat.answer, "Receipt")
    expect(page.get_by_role("dialog", name="Receipt")).to_contain_text("Filled with")
    check()
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    check()


def test_presets_that_come_in_and_go_out(page: Page, check: Check, console: Console):
    console.allow("422")
    came = PresetImport(page).open()
    check()
    came.paste("{")
    expect(page.get_by_role("alert").get_by_text("Nothing was imported.")).to_be_visible()
    check()
    came.box.fill("")
    came.choose(PRESET_FILES / "openai-prompt.json")
    came.found(1)
    check()
    came.open().choose(PRESET_FILES / "langfuse-prompts.json")
    came.found(2)
    came.press("Import")
    page.wait_for_url("**/presets/")
    page.goto("/presets/export/")


def test_a_sweep_planned_and_done(page: Page, check: Check, fake: FakeOpenAI):
    page.goto("/compare/sweeps/new/")
    page.get_by_role("textbox", name="Message", exact=True).fill("How high is the tide in {{port}}?")
    page.get_by_label("First field").select_option(label="Temperature")
    page.get_by_role("textbox", name="Values").fill("0 0.5 1")
    page.get_by_label("Second field").select_option(label="Model")
    page.get_by_role("listbox", name="Values").select_option(["openai/gpt-4.1"])
    page.get_by_label("Table of inputs (CSV)").fill("port\nBrest\nCork")
    page.get_by_role("button", name="Add check").click()
    page.get_by_label("What is checked for").fill("tide")
    page.get_by_label("Repeats").fill("2")
    expect(page.locator("#sweep-estimate")).to_contain_text("12 runs")
    check()
    fake.play(Reply.error(400, "No such luck"))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("region", name="Progress").get_by_role("status")).to_have_text("Done")
    check()
    page.get_by_label("Colour by").select_option(label="Length")
    expect(page.locator("[data-legend]")).to_be_visible()
    check()
    page.locator(".square__open").last.click()
    expect(page.get_by_role("dialog", name="Answers").get_by_role("button", name="Open as chat")).to_be_visible()
    check()
    page.goto("/compare/sweeps/")
    check()
