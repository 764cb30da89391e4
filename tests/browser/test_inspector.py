"""The Parameters form in a real browser: sliders and boxes in step, unset means nothing is sent."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

SENT = "Object.fromEntries(new FormData(document.querySelector('#inspector-form form')))"


def sent(page: Page) -> dict[str, str]:
    """What the form would send, without the fields of model and preset and the empty ones of selects."""
    values: dict[str, str] = page.evaluate(SENT)
    return {name: value for name, value in values.items() if "model" not in name and "preset" not in name}


def open_form(page: Page) -> tuple[Locator, Locator]:
    """The slider and the box of the temperature."""
    page.goto("/")
    slider = page.get_by_role("slider", name="Temperature", exact=True)
    expect(slider).to_have_attribute("aria-valuetext", "1.00")
    return slider, page.get_by_role("spinbutton", name="Temperature value")


def test_untouched_form_sends_nothing(page: Page):
    open_form(page)
    assert sent(page) == {}


def test_slider_and_box_stay_in_step_by_key_and_by_typing(page: Page):
    slider, box = open_form(page)
    slider.focus()
    for key, value in (
        *(("ArrowRight", "1.01"), ("ArrowDown", "1.00"), ("PageUp", "1.20"), ("PageDown", "1.00")),
        *(("Home", "0.00"), ("End", "2.00")),
    ):
        slider.press(key)
        expect(box).to_have_value(value)
        assert sent(page) == {"temperature": value}
    box.fill("0.35")
    expect(slider).to_have_value("0.35")
    assert slider.evaluate("one => one.style.getPropertyValue('--fill')") == "17.5%"


def test_double_click_and_reset_leave_it_to_the_provider(page: Page):
    slider, box = open_form(page)
    box.fill("0.35")
    assert sent(page) == {"temperature": "0.35"}
    slider.dblclick(position={"x": 40, "y": 8})
    expect(box).to_have_value("")
    assert sent(page) == {}
    box.fill("0.4")
    page.locator("slider-field", has=slider).get_by_role("button", name="reset").click()
    expect(box).to_have_value("")
    expect(slider).to_have_value("1")
    assert sent(page) == {}


def test_stream_is_sent_only_when_it_was_touched(page: Page):
    open_form(page)
    stream = page.get_by_role("switch", name="Stream")
    expect(stream).to_be_checked()
    stream.uncheck()
    assert sent(page) == {"stream": "false"}
    stream.check()
    assert sent(page) == {"stream": "true"}


def test_stop_sequences_become_tokens_and_line_breaks_survive(page: Page):
    open_form(page)
    box = page.get_by_role("textbox", name="Stop sequences")
    for text in ("END", "\\n\\n"):
        box.fill(text)
        box.press("Enter")
    values = page.evaluate("new FormData(document.querySelector('#inspector-form form')).getAll('stop')")
    assert values == ["END", "\n\n"]
    page.get_by_role("button", name="Remove END").click()
    assert page.evaluate("new FormData(document.querySelector('#inspector-form form')).getAll('stop')") == ["\n\n"]


def test_schema_editor_says_where_json_breaks_and_lays_it_out(page: Page):
    open_form(page)
    schema = page.get_by_role("textbox", name="JSON schema")
    expect(schema).to_be_hidden()
    page.get_by_role("combobox", name="Response format").select_option("json_schema")
    schema.fill('{"type": "object",\n  "properties": oops}')
    page.get_by_role("button", name="Line 2, column 17").click()
    assert schema.evaluate("one => one.value.slice(one.selectionStart)") == "oops}"
    schema.fill('{"type":"object","maxProperties":9007199254740993,"properties":{}}')
    page.get_by_role("button", name="tidy up").click()
    expect(schema).to_have_value('{\n  "type": "object",\n  "maxProperties": 9007199254740993,\n  "properties": {}\n}')
    expect(page.locator("#parameter-json_schema-notes")).to_be_empty()


def test_rules_are_told_before_anything_is_sent(page: Page):
    _slider, box = open_form(page)
    box.fill("0.5")
    page.get_by_role("spinbutton", name="Top P value").fill("0.5")
    expect(page.get_by_text("Change temperature or top P, not both")).to_be_visible()
    box.fill("3")
    expect(page.get_by_text("Must be at most 2.")).to_be_visible()


def test_another_model_changes_the_form_and_names_what_it_drops(page: Page):
    _slider, box = open_form(page)
    page.evaluate("document.addEventListener('model-changed', event => { window.told = event.detail })")
    box.fill("0.5")
    page.get_by_role("combobox", name="Image detail").select_option("low")
    model = page.get_by_role("combobox", name="Model", exact=True)
    model.focus()
    model.select_option(label="embedded/SmolLM2-135M-Instruct")
    expect(page.get_by_role("status").filter(has_text="Image detail")).to_be_visible()
    expect(page.get_by_role("combobox", name="Image detail")).to_have_count(0)
    expect(box).to_have_value("0.5")
    expect(model).to_be_focused()
    assert page.evaluate("window.told") == {"model": "embedded/SmolLM2-135M-Instruct", "vision": False, "maxImages": 0}
