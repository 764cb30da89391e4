"""Links as people meet them: made with a preview, opened without an account, with a passphrase, taken along, ended."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat, import_file, long_conversation
from tests.browser.people import Enter, accept, admin, enter, invite, office
from tests.browser.test_hostile_output import CLICK, fired
from tests.browser.test_people_axe import judge
from tests.fake_openai import FakeOpenAI, Reply
from tests.fake_openai.answers import MARKDOWN
from tests.payloads import JOINTS, LEAKS, SCRIPTS

__all__ = ["admin", "enter", "judge", "office"]  # fixtures

PASSPHRASE = "open sesame, please"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
# What must differ: addresses, the text that is copied where there is no address yet, the rank of the title.
SAME = """(root) => { const copy = root.cloneNode(true);
  for (const one of copy.querySelectorAll("[data-copy-source]")) one.remove();
  for (const one of copy.querySelectorAll("[href^='/'], [src]")) { one.removeAttribute("href"); one.removeAttribute("src"); }
  const title = copy.querySelector(".shared__title"); title.replaceWith(title.textContent);
  return copy.innerHTML; }"""


def begin(page: Page, fake: FakeOpenAI, text: str, answer: str) -> Chat:
    """A conversation with one image and one answer."""
    chat = Chat(page).open()
    page.locator("input[type=file][accept*=image]").first.set_input_files(
        [{"name": "dot.png", "mimeType": "image/png", "buffer": PNG}]
    )
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    fake.play(Reply.text(answer))
    chat.ask(text)
    chat.settled()
    return chat


def share(page: Page) -> Locator:
    """The form of a new link, opened from the conversation's bar."""
    page.get_by_role("link", name="Share", exact=True).click()
    expect(page.get_by_role("heading", name="What visitors will see")).to_be_visible()
    return page.get_by_role("group", name="Preview")


def create(page: Page) -> str:
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Link", exact=True).input_value()


def test_a_link_with_a_passphrase_and_an_end(enter: Enter, admin: Page, fake: FakeOpenAI, judge, console: Console):
    console.allow("404")
    alice = accept(enter(), invite(admin, "anna"))
    begin(alice, fake, "What is in it?", MARKDOWN)
    preview = share(alice)
    expect(preview.get_by_role("article", name="User")).to_contain_text("What is in it?")
    expect(preview.get_by_text("Receipt", exact=True)).to_have_count(0)
    with alice.expect_response("**/shares/new/"):
        alice.get_by_label("Receipts: settings, tokens, times and cost").check()
    expect(preview.get_by_text("Receipt", exact=True)).to_have_count(1)
    alice.get_by_label("Your name").fill("The lab")
    alice.get_by_label("Your name").blur()
    expect(preview.get_by_role("article", name="The lab")).to_be_visible()
    judge(alice)
    shown = alice.locator("#preview [data-shared]").evaluate(SAME)
    alice.get_by_label("It ends").select_option(label="In a day")
    alice.get_by_label("Passphrase (optional)").fill(PASSPHRASE)
    link = create(alice)
    judge(alice)

    visitor = enter()
    visitor.goto(link)
    judge(visitor)
    door = visitor.content()
    visitor.get_by_label("Passphrase").fill("not this one")
    visitor.get_by_role("button", name="Open").click()
    expect(visitor.get_by_role("alert")).to_have_text("This passphrase opens nothing here.")
    judge(visitor)
    visitor.get_by_label("Passphrase").fill(PASSPHRASE)
    visitor.get_by_label("Passphrase").press("Enter")
    expect(visitor.get_by_role("article", name="The lab")).to_contain_text("What is in it?")
    assert visitor.locator("main [data-shared]").evaluate(SAME) == shown
    judge(visitor)
    visitor.get_by_role("link", name=re.compile("^Enlarge")).click()
    expect(visitor.get_by_role("dialog", name="Image").get_by_role("img")).to_be_visible()
    visitor.keyboard.press("Escape")

    alice.get_by_role("button", name="Revoke").click()
    expect(alice.get_by_text("Revoked: the link opens for nobody any more.")).to_be_visible()
    visitor.goto(link)
    expect(visitor.get_by_role("heading", name="This link does not open")).to_be_visible()
    hidden = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert hidden.sub("", visitor.content()) == hidden.sub("", door)


def test_copying_what_a_link_shows(enter: Enter, admin: Page, fake: FakeOpenAI):
    anna = accept(enter(), invite(admin, "bert"))
    begin(anna, fake, "Show me code", "Here:\n\n```python\nprint('done')\n```")
    share(anna)
    link = create(anna)
    anna.context.grant_permissions(["clipboard-read", "clipboard-write"])
    anna.get_by_role("button", name="Copy link").click()
    expect(anna.get_by_role("button", name="Copied")).to_be_visible()
    assert anna.evaluate("() => navigator.clipboard.readText()") == link
    visitor = enter()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.goto(link)
    answer = visitor.get_by_role("article").last
    answer.get_by_role("button", name="Copy", exact=True).first.click()
    expect(visitor.get_by_role("button", name="Copied")).to_be_visible()
    assert visitor.evaluate("() => navigator.clipboard.readText()").strip() == "print('done')"


def test_opening_a_link_in_ones_own_playground(enter: Enter, admin: Page, fake: FakeOpenAI, judge, console: Console):
    console.allow("404")
    carl = accept(enter(), invite(admin, "carl"))
    begin(carl, fake, "A question to go on from", "An answer to go on from.")
    share(carl)
    carl.get_by_label("People with an account here who have the link").check()
    link = create(carl)

    dora = accept(enter(), invite(admin, "dora"))
    dora.goto(link)
    dora.get_by_role("link", name="Open in my playground").click()
    judge(dora)
    dora.get_by_role("button", name="Open in my playground").click()
    chat = Chat(dora)
    chat.ready()
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.get_by_role("img")).to_have_count(1)
    fake.play(Reply.text("And it went on."))
    chat.ask("Go on")
    expect(chat.body).to_contain_text("And it went on.")
    carl.reload()
    expect(carl.get_by_text("1 view")).to_be_visible()

    visitor = enter()
    visitor.goto(link)
    visitor.get_by_role("link", name="Sign in").click()
    expect(visitor).to_have_url(re.compile("/accounts/login/"))


def test_one_answer_is_shared_from_its_menu(enter: Enter, admin: Page, fake: FakeOpenAI, judge):
    eve = accept(enter(), invite(admin, "emil"))
    chat = begin(eve, fake, "The question before", "The one answer.")
    chat.tool(chat.answer, "More")
    chat.answer.get_by_role("link", name="Share this answer…").click()
    preview = eve.get_by_role("group", name="Preview")
    expect(preview.get_by_role("article", name="User")).to_contain_text("The question before")
    eve.get_by_label("The question before it").uncheck()
    expect(preview.get_by_role("article", name="User")).to_have_count(0)
    link = create(eve)
    visitor = enter()
    visitor.goto(link)
    expect(visitor.get_by_role("article").last).to_contain_text("The one answer.")
    expect(visitor.get_by_text("The question before")).to_have_count(0)
    eve.get_by_role("navigation", name="Conversations").get_by_role("link", name="Links").click()
    expect(eve.get_by_role("heading", name="Links")).to_be_visible()
    judge(eve)


def test_updating_a_link(enter: Enter, admin: Page, fake: FakeOpenAI):
    fred = accept(enter(), invite(admin, "fred"))
    chat = begin(fred, fake, "First question", "First answer.")
    place = fred.url
    share(fred)
    link = create(fred)
    page_of_link = fred.url
    fred.goto(place)
    fake.play(Reply.text("Second answer."))
    chat.ready()
    chat.ask("Second question")
    expect(chat.body).to_contain_text("Second answer.")
    chat.settled()
    visitor = enter()
    visitor.goto(link)
    expect(visitor.get_by_text("Second answer.")).to_have_count(0)
    fred.goto(page_of_link)
    fred.get_by_role("link", name="Update link").click()
    expect(fred.get_by_role("group", name="Preview")).to_contain_text("Second answer.")
    fred.get_by_role("button", name="Update link").click()
    expect(fred.get_by_text("Updated: the link shows this now.")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_text("Second answer.")).to_be_visible()


def test_what_is_hostile_stays_text_in_the_preview_and_on_the_page(page: Page):
    """Every payload at once, of people and of models. The console fixture fails it for any foreign request."""
    page.add_init_script("window.count = 0; window.fired = () => { window.count += 1 }")
    payloads = [text for _name, text in [*SCRIPTS, *JOINTS, *LEAKS]]
    file = long_conversation(2 * len(payloads), payloads[0])
    for at, message in enumerate(file["messages"]):
        message["text"] = f"{payloads[at // 2]}\n\nPayload {at}."
        message["reasoning"] = payloads[at // 2] if message["role"] == "assistant" else ""
    last = re.compile(rf"Payload {2 * len(payloads) - 1}\.")
    Chat(page).open()
    import_file(page, json.dumps(file))
    preview = share(page)
    page.get_by_label("Your name").fill(payloads[5][:60])
    with page.expect_response("**/shares/new/"):
        page.get_by_label("What the model thought before it answered").check()
    expect(preview.get_by_role("article").last).to_contain_text(last)
    page.evaluate(CLICK)
    assert fired(page) == 0
    page.goto(create(page))
    expect(page.get_by_role("article").last).to_contain_text(last)
    page.evaluate(CLICK)
    assert fired(page) == 0
