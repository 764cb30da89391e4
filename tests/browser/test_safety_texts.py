"""T10, T11: titles, names, errors and files may hold anything. It is shown as text, live and after a reload.

The `console` fixture fails a test for any foreign request, and for any markup that the policy had to stop.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat, Inspector, import_file, long_conversation
from tests.chat.images.files import packed, picture
from tests.fake_openai import FakeOpenAI, Head, Piece, Reply
from tests.fake_openai.frames import DONE, Chunks, sse
from tests.fake_openai.reply import STREAM_HEADERS
from tests.payloads import BREAKOUTS, JOINTS, LEAKS, SCRIPTS
from tests.servers import Server

EVERYTHING = [text for _name, text in [*SCRIPTS, *JOINTS, *LEAKS]] + [text for _name, text, _around in BREAKOUTS]
# A title or a name is one line.
LINES = [text for text in EVERYTHING if text.isprintable() and " ".join(text.split()) == text and len(text) <= 150]
OUT = "\"'><img src=data:, onerror=fired()><img src=https://leak.test/i.png></title>"
SHORT = OUT[: OUT.index("<img src=https")]
TWICE = "&lt;img src=data:, onerror=fired()&gt;"  # harmless until somebody decodes it
# Each title is an import of its own: a third of the lines, and all ways out of an attribute.
TITLES = {*LINES[::3], *(text for _name, text, _around in BREAKOUTS)}
COUNT = "window.count = 0; window.fired = () => { window.count += 1 }"
# How often script ran, and what of a payload became an element: markup that does nothing today is markup all the same.
HARM = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const smuggled = "[onerror], [onload], [onfocus], [onclick], [ontoggle], [onbegin], [hx-vals*=fired], [hx-trigger*=fired]," +
    "[src*='leak.test'], [src='data:,'], [href^='javascript'], [srcdoc], iframe, object, embed, base";
  const roots = [document, ...[...document.querySelectorAll("template")].map((one) => one.content)];
  const found = roots.flatMap((root) => [...root.querySelectorAll(smuggled)]);
  done([window.count, ...found.map((one) => one.outerHTML.slice(0, 200))]);
}, 30)))"""


def quiet(page: Page) -> None:
    assert page.evaluate(HARM) == [0]


@pytest.fixture(scope="module")
def product(fake_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Not the one of the other tests: its models and titles would be in their way."""
    with Server(tmp_path_factory.mktemp("texts"), openai_base_url=fake_server.base_url) as server:
        yield server


@pytest.fixture(scope="module")
def browser_context_args(product: Server) -> dict[str, object]:
    return {"base_url": product.url, "locale": "en-US", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(autouse=True)
def counting(context: BrowserContext) -> None:
    context.add_init_script(COUNT)


def opened(page: Page, path: str = "/") -> Chat:
    return Chat(page).open(path)


def post(page: Page, path: str, body: dict[str, Any]) -> str:
    """A request of the page's own person; the address that it leads to."""
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    answer = page.request.post(
        path,
        data=json.dumps(body),
        headers={"X-CSRFToken": token, "Content-Type": "application/json", "HX-Request": "true"},
    )
    assert answer.status == 204, answer.text()
    return answer.headers["hx-redirect"]


def hostile_file(title: str) -> dict[str, Any]:
    """An exported conversation with a payload wherever it holds text."""
    file = long_conversation(3, title)
    file["conversation"] |= {"model": OUT, "parameters": {OUT: OUT, "temperature": OUT, "stop": [OUT]}}
    pixel = f"data:image/png;base64,{base64.b64encode(packed(picture(), 'PNG')).decode()}"
    question, answer, _last = file["messages"]
    question |= {"text": OUT, "images": [{"name": SHORT, "alt": OUT, "detail": "auto", "url": pixel}]}
    answer |= {"text": f"An answer. {OUT}", "reasoning": OUT, "is_edited": True}
    for message in file["messages"]:
        message["id"] = f"{SHORT}{message['id'][-1]}"
        message["parent"] = message["parent"] and f"{SHORT}{message['parent'][-1]}"
    file["conversation"]["shown"] = file["messages"][-1]["id"]
    return file


def test_control_a_breakout_bites_where_nothing_protects(page: Page):
    decode = "for (const one of document.querySelectorAll('[data-twice]')) one.innerHTML = one.title"
    for name, text, around in BREAKOUTS:
        page.set_content(f"<script>{COUNT}</script>{around.format(text)}<p>end</p><script>{decode}</script>")
        page.evaluate("document.querySelector('[autofocus]')?.focus()")
        assert page.evaluate(HARM)[0] > 0, f"{name}: an inert payload proves nothing"


def test_control_markup_that_came_in_is_noticed(page: Page):
    page.set_content("<template><b onclick=x()>x</b></template>")
    assert len(page.evaluate(HARM)) == 2


def test_titles_are_text_wherever_they_stand(fake: FakeOpenAI, page: Page, context: BrowserContext):
    chat = opened(page)
    for title in sorted(TITLES):
        post(page, "/c/import/", long_conversation(1, title))
    opened(page)
    rows = page.locator("#conversations .nav__row")
    expect(rows.first).to_be_visible()
    assert set(rows.locator("a span").all_text_contents()) >= TITLES  # other tests' conversations may stand there, too
    quiet(page)
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Search conversations").get_by_role("searchbox").press_sequentially("onerror")
    expect(page.locator("#search-results a").filter(has_text="<img src=data:, onerror=fired()>").first).to_be_visible()
    quiet(page)
    page.keyboard.press("Escape")

    # From the first message, before the eyes of the reader; then renamed while another tab looks.
    fake.play(Reply.text("Yes."))
    chat.ask(f"`{OUT}`")
    chat.settled()
    bar, row = page.get_by_role("heading", level=1), page.locator("#conversations [aria-current=page] span")
    expect(bar).to_contain_text("\"'><img src=data:, onerror=fired()>")
    expect(row).to_have_text(bar.text_content() or "")
    other = context.new_page()
    watched = opened(other, page.url)
    for title in ('" autofocus tabindex=0 onfocus="fired()', OUT):
        page.locator(".stage__bar").get_by_role("button", name="More", exact=True).click()
        page.locator("#conversation-menu").get_by_role("button", name="Rename").click()
        box = page.get_by_role("dialog", name="Rename").get_by_role("textbox", name="Title")
        box.fill(title)
        box.press("Enter")
        expect(bar).to_have_text(title)
        expect(row).to_have_text(title)
        expect(other.locator("#conversations [aria-current=page] span")).to_have_text(title)
        for one in (page, other):
            quiet(one)
    other.close()
    del watched

    page.reload()
    chat.ready()
    expect(bar).to_have_text(OUT)
    assert page.title() == f"{OUT} · Playground"
    row.hover()
    # Other conversations may have this title, too: the button of this one.
    shown = rows.filter(has=page.locator("[aria-current=page]"))
    shown.get_by_role("button", name=f"More about {OUT}").click()
    quiet(page)
    page.locator("#row-menu").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value(OUT)
    page.keyboard.press("Escape")
    chat.menu(chat.answer, "Branch from here")
    expect(bar).to_have_text(f"Branch of {OUT}")
    quiet(page)
    page.locator(".stage__bar").get_by_role("button", name="More", exact=True).click()
    page.locator("#conversation-menu").get_by_role("button", name="Delete").click()
    expect(page.locator("#notices")).to_contain_text("“Branch of \"'><img src=data:")
    quiet(page)


def test_imported_files_are_text_wherever_they_stand(fake: FakeOpenAI, page: Page, console: Console):
    chat = opened(page)
    import_file(page, json.dumps(hostile_file(OUT)))
    for _visit in ("as it was imported", "after a reload"):
        expect(page.get_by_role("heading", level=1)).to_have_text(OUT)
        expect(chat.questions.first.get_by_role("img")).to_have_attribute("alt", OUT)
        expect(chat.answers.first).to_contain_text("An answer.")
        thinking = chat.answers.first.locator("details")
        thinking.locator("summary").click()
        expect(thinking).to_contain_text(OUT)
        quiet(page)
        page.reload()
        chat.ready()
    chat.questions.first.get_by_role("link").first.click()
    expect(page.get_by_role("dialog", name="Image").get_by_role("img")).to_have_attribute("alt", OUT)
    page.keyboard.press("Escape")
    chat.tool(chat.questions.first, "Edit")
    expect(page.get_by_role("textbox", name="Edit message")).to_have_value(OUT)
    quiet(page)

    console.allow("422")
    broken: list[dict[str, Any]] = [{"format": OUT}, long_conversation(1, "x") | {"version": OUT}, {OUT: OUT}]
    for change in ({"role": OUT}, {"parent": OUT}, {"created_at": OUT}, {"images": [{"url": OUT}]}):
        broken.append(long_conversation(1, "x"))
        broken[-1]["messages"][0] |= change
    for number, file in enumerate(broken):
        opened(page)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import", exact=True).click()
        content = FilePayload(name=f"{OUT}.json", mimeType="application/json", buffer=json.dumps(file).encode())
        chooser.value.set_files([content])
        expect(page.locator("#notices [role=alert]"), f"broken file {number}").to_be_visible()
        quiet(page)


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


def shown_as_sent(page: Page, chat: Chat, text: str) -> None:
    """The receipt and the raw exchange of the last answer quote `text`."""
    chat.tool(chat.answer, "Receipt")
    expect(page.locator("#receipt-body")).to_contain_text(text)
    page.keyboard.press("Escape")
    chat.menu(chat.answer, "Show raw")
    expect(page.locator("#raw .raw")).to_contain_text(text)
    quiet(page)


def bad_words(request_model: str) -> list[Head | bytes | Piece]:
    """A stream with a payload in every field that is text."""
    chunks = Chunks(request_model)

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return sse(chunks.chunk(choices=[choice], model=OUT, id=OUT, system_fingerprint=OUT, service_tier=OUT))

    return [
        Head(200, STREAM_HEADERS),
        chunk({"role": OUT, "content": ""}),
        chunk({"reasoning_content": OUT[:40]}),
        chunk({"reasoning_content": OUT[40:]}),
        Piece(chunk({"content": "It said."})),
        chunk({}, OUT),
        DONE,
    ]


def alert_of(chat: Chat) -> Locator:
    return chat.answer.get_by_role("alert")


def test_what_an_upstream_says_in_errors_and_odd_fields_is_text(fake: FakeOpenAI, page: Page):
    chat = opened(page)
    said = f"No, {TWICE} {OUT}"
    shown = "No, <img src=data:, onerror=fired()>"
    fields = {"type": TWICE, "param": TWICE, "code": TWICE}
    fake.play(Reply.json({"error": {"message": said, **fields}}, status=400))
    chat.ask("Fail at once")
    chat.settled()
    expect(alert_of(chat)).to_contain_text(shown)
    expect(alert_of(chat).locator(".callout__detail")).to_contain_text("400 <img src=data:, onerror=fired()>")
    quiet(page)

    fake.play(Reply.error(429, said, type="requests", headers={"Retry-After": "3"}))
    fake.play(*(Reply.events(sse({"error": {"message": said, **fields}})) for _try in range(2)))
    chat.ask("Try again, then fail")
    status = chat.answer.get_by_role("status")
    expect(status).to_contain_text("Trying again in")
    quiet(page)
    chat.settled()
    expect(alert_of(chat)).to_contain_text(shown)
    chat.menu(chat.answer, "Show raw")
    expect(page.locator("#raw .raw")).to_contain_text("onerror=fired()")
    quiet(page)

    html = f"<html><title>{TWICE}</title><body>{OUT}".encode()
    fake.play(Reply.raw(html, status=404, headers={"Content-Type": "text/html"}))
    chat.ask("Fail with a page")
    chat.settled()
    expect(alert_of(chat)).to_be_visible()
    quiet(page)

    fake.play(Reply(lambda request: bad_words(request.model)))
    chat.ask("Say odd things")
    expect(chat.body).to_contain_text("It said.")
    chat.settled()
    quiet(page)
    shown_as_sent(page, chat, "<img src=data:, onerror=fired()>")
    page.reload()
    chat.ready()
    expect(chat.body).to_contain_text("It said.")
    chat.answer.locator("summary").click()
    expect(chat.answer.locator("details")).to_contain_text(OUT)
    expect(chat.answers.first.get_by_role("alert")).to_contain_text(shown)
    quiet(page)


def test_names_and_descriptions_of_images_are_text(fake: FakeOpenAI, page: Page, console: Console):
    console.allow("415")
    chat = opened(page)
    names = [f"{text}.png" for text in ('"><img src=data:, onerror=fired()>', "'\"><svg onload=fired()>", TWICE)]
    good = packed(picture(), "PNG")
    files = [FilePayload(name=name, mimeType="image/png", buffer=good) for name in names]
    files.append(FilePayload(name="<img src=data:, onerror=fired()>.png", mimeType="image/png", buffer=b"no picture"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images", exact=True).click()
    chooser.value.set_files(files)
    cards = page.locator("image-tray [data-attachment]")
    expect(cards).to_have_count(len(names), timeout=60_000)
    refused = page.locator("image-tray [data-failed]")
    expect(refused).to_contain_text("<img src=data:, onerror=fired()>.png", timeout=60_000)
    # The browser writes the quotes of a file's name so, and the server reads entities in it.
    shown = {name.replace('"', "%22").replace("&lt;", "<").replace("&gt;", ">") for name in names}
    assert set(page.locator("image-tray .shot__name").all_text_contents()) == shown
    alt = page.get_by_label("Alt text of %22><img")
    alt.fill(OUT)
    with page.expect_response(lambda response: response.request.method == "POST" and "/images/" in response.url):
        alt.press("Enter")
    quiet(page)
    page.reload()
    chat.ready()
    expect(alt).to_have_value(OUT)
    quiet(page)
    fake.play(Reply.text("I see."))
    chat.ask("Look")
    chat.settled()
    for _visit in ("as it was sent", "after a reload"):
        pictures = chat.questions.last.get_by_role("img")
        expect(pictures).to_have_count(len(names))
        assert OUT in [one.get_attribute("alt") for one in pictures.all()]
        quiet(page)
        page.reload()
        chat.ready()
