"""Names of models are text, in the admin, in lists, in the inspector and on answers."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Inspector
from tests.browser.texts.hostile import LINES, OUT, opened, quiet, shown_as_sent
from tests.fake_openai import FakeOpenAI, Reply


def test_names_of_models_that_a_server_lists_are_text(fake: FakeOpenAI, page: Page, console: Console):
    console.allow("favicon.ico")  # Django's admin names no icon
    assert len(LINES) > 100
    names = {text for text in LINES if not re.search("embed|audio|/image", text)}  # those are no chat models
    fake.models = [{"id": name, "owned_by": OUT, "shutdown_date": OUT} for name in sorted(names)]
    page.goto("/admin/catalog/provider/add/")
    page.get_by_label("Name", exact=False).first.fill(f"Evil {OUT}")
    page.locator("#id_base_url").fill(fake.base_url)
    page.locator("#id_requires_key").uncheck()
    page.locator("#id_slug").fill("evil")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text(f"Evil {OUT}: {len(names)} new models.")
    quiet(page)
    page.goto("/admin/catalog/model/?provider__id__exact=&all=")
    quiet(page)
    page.goto("/models/?provider=evil")
    assert set(page.locator(".model-line__title").all_text_contents()) == names
    quiet(page)
    page.locator(".model-line", has_text='" autofocus tabindex=0').get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text('" autofocus tabindex=0 onfocus="fired()')
    quiet(page)

    chat = opened(page)
    name = "</option></select><img src=data:, onerror=fired()>"
    Inspector(page).select("Model").select_option(f"evil/{name}")
    expect(page.locator("#parameter-model-facts a")).to_have_attribute("href", re.compile("/models/evil/"))
    quiet(page)
    reply = fake.play(Reply.text(["Here ", "I ", "am."]).hold_after(2))
    chat.ask("Who are you?")
    reply.wait_held(60)
    author = chat.answer.locator(".message__author")
    expect(author).to_have_text(f"evil/{name}")
    quiet(page)
    reply.release()
    chat.settled()
    shown_as_sent(page, chat, name)
    page.reload()
    chat.ready()
    expect(author).to_have_text(f"evil/{name}")
    expect(Inspector(page).select("Model")).to_have_value(f"evil/{name}")
    quiet(page)
    chat.menu(chat.answer, "Delete")
