"""From a slider to the body of the request, and back to what is left to the provider."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Chat, Inspector
from tests.fake_openai import FakeOpenAI, Reply

ALWAYS = {"model", "messages", "stream", "stream_options"}  # what we send without being told
SCHEMA = '{"type": "object", "properties": {"port": {"type": "string"}}, "required": ["port"]}'


@pytest.fixture
def chat(page: Page) -> Chat:
    """A new chat with every parameter left alone."""
    chat = Chat(page).open("/?model=openai/gpt-4.1")
    chat.box.fill("")
    Inspector(page).reset_all()
    expect(Inspector(page).root.locator(".field--set")).to_have_count(0)
    return chat


@pytest.fixture
def inspector(chat: Chat) -> Inspector:
    return Inspector(chat.page)


def sent(fake: FakeOpenAI, chat: Chat, question: str = "Go") -> dict[str, object]:
    """What the model server gets of the parameters."""
    fake.play(Reply.text("Done."))
    chat.ask(question)
    chat.settled()
    expect(chat.body).to_contain_text("Done.")
    return {name: value for name, value in fake.last.json.items() if name not in ALWAYS}


def test_what_is_left_alone_is_left_out(fake: FakeOpenAI, chat: Chat):
    assert sent(fake, chat) == {}
    assert fake.last.json["stream"] is True
    assert fake.last.messages == [{"role": "user", "content": "Go"}]


def test_every_control_reaches_the_body(fake: FakeOpenAI, chat: Chat, inspector: Inspector):
    inspector.text("System prompt").fill("You are a pilot.")
    inspector.value("Temperature").fill("0.7")
    inspector.value("Top P").fill("0.9")
    inspector.value("Presence penalty").fill("-0.5")
    inspector.value("Frequency penalty").fill("1.25")
    inspector.number("Seed").fill("9007199254740993")  # 2^53 + 1: no number of JavaScript
    inspector.number("Max completion tokens").fill("77")
    stop = inspector.text("Stop sequences")
    stop.fill("END")
    stop.press("Enter")
    stop.fill("\\n\\n")
    stop.press("Enter")
    inspector.select("Image detail").select_option("low")
    inspector.select("Response format").select_option("json_object")
    body = sent(fake, chat, "Answer in JSON")
    assert body == {
        "temperature": 0.7,
        "top_p": 0.9,
        "presence_penalty": -0.5,
        "frequency_penalty": 1.25,
        "seed": 9007199254740993,
        "max_completion_tokens": 77,
        "stop": ["END", "\n\n"],
        "response_format": {"type": "json_object"},
    }
    assert fake.last.messages[0] == {"role": "system", "content": "You are a pilot."}
    # They stay for the next question, and after a reload.
    assert sent(fake, chat, "And again in JSON") == body
    chat.page.reload()
    chat.ready()
    expect(inspector.number("Seed")).to_have_value("9007199254740993")
    assert sent(fake, chat, "And once more in JSON") == body


@pytest.mark.parametrize(
    ("name", "low", "high", "start"),
    [
        ("Temperature", 0, 2, 1),
        ("Top P", 0, 1, 1),
        ("Presence penalty", -2, 2, 0),
        ("Frequency penalty", -2, 2, 0),
    ],
)
def test_a_slider_obeys_the_keyboard(inspector: Inspector, name: str, low: float, high: float, start: float):
    slider, box = inspector.slider(name), inspector.value(name)
    expect(box).to_have_value("")
    slider.focus()
    slider.press("Home")
    expect(box).to_have_value(f"{low:.2f}")
    slider.press("ArrowRight")
    slider.press("ArrowUp")
    expect(box).to_have_value(f"{low + 0.02:.2f}")
    slider.press("ArrowLeft")
    expect(box).to_have_value(f"{low + 0.01:.2f}")
    slider.press("PageUp")
    after_page = float(box.input_value())
    assert after_page >= low + 0.1
    slider.press("PageDown")
    assert float(box.input_value()) == pytest.approx(low + 0.01)
    slider.press("End")
    expect(box).to_have_value(f"{high:.2f}")
    box.press("PageDown")
    expect(box).to_have_value(f"{high - 0.1:.2f}")
    expect(slider).to_have_value(f"{high - 0.1:g}")
    slider.dblclick()
    expect(box).to_have_value("")
    expect(slider).to_have_value(f"{start:g}")


def test_a_reset_gives_the_parameter_back_to_the_provider(fake: FakeOpenAI, chat: Chat, inspector: Inspector):
    field, box = inspector.field("temperature"), inspector.value("Temperature")
    reset = field.get_by_role("button", name="reset")
    assert box.get_attribute("placeholder")  # the ghost: what the provider does
    expect(reset).to_be_hidden()
    box.fill("0.2")
    expect(inspector.slider("Temperature")).to_have_value("0.2")
    expect(field).to_have_class("field field--set")
    reset.click()
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(reset).to_be_hidden()
    expect(field).to_have_class("field field--unset")
    assert sent(fake, chat) == {}


def test_temperature_with_top_p_is_warned_about_and_sent(fake: FakeOpenAI, chat: Chat, inspector: Inspector):
    inspector.value("Temperature").fill("0.2")
    inspector.value("Top P").fill("0.5")
    expect(inspector.root.get_by_text("Change temperature or top P, not both")).to_be_visible()
    assert sent(fake, chat) == {"temperature": 0.2, "top_p": 0.5}
    inspector.field("top_p").get_by_role("button", name="reset").click()
    expect(inspector.root.get_by_text("Change temperature or top P, not both")).to_be_hidden()


def test_a_value_out_of_range_is_said_before_and_at_sending(
    fake: FakeOpenAI, chat: Chat, inspector: Inspector, console
):
    console.allow("422")
    inspector.value("Temperature").fill("3")
    expect(inspector.field("temperature").locator(".field__error")).to_be_visible()
    chat.box.fill("Too hot")
    chat.box.press("Enter")
    expect(chat.page.locator("#composer").get_by_role("alert")).to_have_text("Temperature: Must be at most 2.")
    expect(chat.box).to_have_value("Too hot")
    assert fake.completions == []
    inspector.value("Temperature").fill("1.5")
    expect(chat.page.locator("#composer").get_by_role("alert")).to_have_count(0)
    assert sent(fake, chat, "Better") == {"temperature": 1.5}


def test_json_that_follows_a_schema(fake: FakeOpenAI, chat: Chat, inspector: Inspector, console):
    console.allow("422")
    editor = inspector.text("JSON schema")
    expect(editor).to_be_hidden()
    inspector.select("Response format").select_option("json_schema")
    expect(editor).to_be_visible()
    editor.fill('{"type": "object", }')
    expect(inspector.field("json_schema").locator(".field__error")).to_contain_text("Line 1")
    editor.fill('{"type": "nonsense"}')
    expect(inspector.field("json_schema").locator(".field__error")).to_contain_text("nonsense")
    chat.box.fill("This cannot go")
    chat.box.press("Enter")
    expect(chat.page.locator("#composer").get_by_role("alert")).to_be_visible()
    assert fake.completions == []
    editor.fill(SCHEMA)
    expect(inspector.field("json_schema").locator(".field__error")).to_have_count(0)
    inspector.text("Schema name").fill("port")
    body = sent(fake, chat, "A port, please")
    assert body["response_format"]["type"] == "json_schema"  # type: ignore[index]
    described = body["response_format"]["json_schema"]  # type: ignore[index]
    assert described["name"] == "port"
    assert described["schema"]["required"] == ["port"]
    inspector.field("json_schema").get_by_role("button", name="tidy up").click()
    expect(editor).to_have_value(json.dumps(json.loads(SCHEMA), indent=2))


def test_an_answer_without_streaming(fake: FakeOpenAI, chat: Chat, inspector: Inspector):
    expect(inspector.switch("Stream")).to_be_checked()
    inspector.switch("Stream").uncheck()
    assert sent(fake, chat) == {}
    assert not fake.last.is_stream
    expect(chat.answer.locator(".message__meta")).to_contain_text("out")


def test_another_model_keeps_what_fits_and_names_the_rest(fake: FakeOpenAI, chat: Chat, inspector: Inspector):
    inspector.value("Temperature").fill("0.4")
    inspector.number("Max completion tokens").fill("30000")
    inspector.select("Image detail").select_option("high")
    inspector.select("Model").focus()
    inspector.select("Model").select_option(value="embedded/SmolLM2-135M-Instruct")
    dropped = inspector.root.get_by_role("status").filter(has_text="Not taken over")
    expect(dropped).to_contain_text("Image detail")
    expect(dropped).to_contain_text("Max completion tokens")
    expect(inspector.value("Temperature")).to_have_value("0.4")
    expect(inspector.select("Image detail")).to_have_count(0)
    expect(inspector.select("Model")).to_be_focused()
    inspector.select("Model").select_option(value="openai/gpt-4.1-mini")
    expect(inspector.select("Image detail")).to_be_visible()
    assert sent(fake, chat) == {"temperature": 0.4}
    assert fake.last.model == "gpt-4.1-mini"
