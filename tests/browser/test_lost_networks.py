"""A network that breaks ten times in one answer, a second device, a tab that slept: all end with what the upstream said."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import TIMEOUT_MS, Console
from tests.browser.pages import PATIENCE_MS, Chat
from tests.browser.test_stop_and_resume import NETWORK_LOST
from tests.fake_openai import FakeOpenAI, Reply
from tests.faults.cutting import Wire
from tests.safety.product import Rows, wait_until
from tests.servers import Server

LOSSES = 10
WORDS_A_LINE, LINES = 10, 110
WORDS = [f"word{line}.{word} " for line in range(LINES) for word in range(WORDS_A_LINE)]
HELD_EVERY = len(WORDS) // (LOSSES + 1)
PACE = 400  # pieces a second between two holds


def broken_into_blocks() -> list[str]:
    """The pieces of an answer of paragraphs, with a box of code in the middle and another at the end."""
    pieces: list[str] = []
    for line in range(LINES):
        words = WORDS[line * WORDS_A_LINE : (line + 1) * WORDS_A_LINE]
        in_code = line % 40 >= 30
        before = "```text\n" if line % 40 == 30 else ""
        after = "\n```\n\n" if line % 40 == 39 else "\n" if in_code else "\n\n"
        pieces += [before + words[0], *words[1:-1], words[-1].rstrip() + after]
    return pieces


SOCKET_IS_OPEN = "() => htmx.ext.ws.getRegistry().get('/ws/')?.socket?.readyState === WebSocket.OPEN"
SOCKET_IS_CLOSED = "() => (htmx.ext.ws.getRegistry().get('/ws/')?.socket?.readyState ?? 3) === WebSocket.CLOSED"

ANSWER = broken_into_blocks()
TEXT = "".join(ANSWER)
# A paragraph of the page, a line of a code box: its words and nothing else.
SHOWN = [line for line in TEXT.replace("```text", "").replace("```", "").split("\n") if line]


def shown(chat: Chat) -> list[str]:
    """Every line of the last answer, as it stands in the page."""
    texts: list[str] = chat.body.evaluate(
        "body => [...body.querySelectorAll('p, pre code')].flatMap(one => one.textContent.split('\\n'))"
    )
    return [line for line in texts if line]


def whole(chat: Chat, site: Server, asked: str) -> None:
    """The page, the copy it offers and the database have exactly the upstream's text."""
    chat.settled()
    assert shown(chat) == SHOWN
    message = chat.answer.get_attribute("data-message")
    assert chat.page.request.get(f"/messages/{message}/text/").text() == TEXT
    assert Rows(site).runs()[asked] == ("completed", TEXT)


def begins(chat: Chat) -> None:
    """What stands there is the beginning of the answer, without a gap and without a repetition."""
    lines = shown(chat)
    assert lines[:-1] == SHOWN[: len(lines) - 1]
    assert SHOWN[len(lines) - 1].startswith(lines[-1])


def slow_answer(fake: FakeOpenAI) -> Reply:
    """It stands ten times, each time until it is let go."""
    reply = fake.play(Reply.text(ANSWER, tokens_per_second=PACE))
    for number in range(1, LOSSES + 1):
        reply.hold_after(number * HELD_EVERY)
    return reply


def wait_sent(fake: FakeOpenAI, pieces: int) -> None:
    wait_until(lambda: fake.completions and fake.last.pieces_sent >= pieces, f"{pieces} pieces")


@dataclass(frozen=True)
class Line:
    """Between the browser and the server; `address` is where the page is opened over it."""

    name: str
    address: str
    lose: Callable[[], None]
    find_again: Callable[[], None]


@pytest.fixture(params=["the cable is pulled", "the browser is offline"])
def line(request: pytest.FixtureRequest, site: Server, page: Page, context: BrowserContext) -> Iterator[Line]:
    """What is on its way when it is lost is gone, in both directions. In the second case the browser knows, and says so."""
    with Wire(("127.0.0.1", site.port)) as wire:

        def tell(is_offline: bool) -> None:
            if request.param == "the browser is offline":
                context.set_offline(is_offline)

        def lose() -> None:
            wire.cut()
            # Chromium that is told to be offline no longer hears that an open socket has ended.
            page.wait_for_function(SOCKET_IS_CLOSED)
            tell(is_offline=True)

        def find_again() -> None:
            wire.mend()
            tell(is_offline=False)

        yield Line(request.param, f"http://127.0.0.1:{wire.port}", lose, find_again)


def test_ten_lost_networks_in_one_answer_lose_and_repeat_nothing(
    site: Server, fake: FakeOpenAI, page: Page, console: Console, line: Line
):
    console.allow(NETWORK_LOST)
    chance, chat = random.Random(10), Chat(page).open(f"{line.address}/")
    reply = slow_answer(fake)
    chat.ask(line.name)
    lost = page.get_by_text("Reconnecting")
    for number in range(1, LOSSES + 1):
        # In the middle of what streams, at a moment of chance; some of it comes while nobody can hear it.
        wait_sent(fake, (number - 1) * HELD_EVERY + chance.randrange(5, HELD_EVERY - 5))
        line.lose()
        expect(lost).to_be_visible()
        reply.wait_held(PATIENCE_MS / 1000)
        line.find_again()
        expect(lost).to_be_hidden()
        expect(chat.body).to_contain_text(WORDS[number * HELD_EVERY - 1].strip())
        begins(chat)
        reply.release()
    whole(chat, site, line.name)
    assert len(fake.completions) == 1


def test_a_second_device_that_joins_in_the_middle_ends_with_the_same_text(
    site: Server, fake: FakeOpenAI, page: Page, browser: Browser, console: Console
):
    chat = Chat(page).open()
    reply = slow_answer(fake)
    chat.ask("Two devices")
    with browser.new_context(base_url=site.url) as device:
        device.set_default_timeout(TIMEOUT_MS)
        console.watch(device)
        # While it streams, not while it stands still.
        wait_sent(fake, HELD_EVERY // 2)
        second = Chat(device.new_page()).open(page.url)
        reply.release_all()
        whole(second, site, "Two devices")
        whole(chat, site, "Two devices")
    assert len(fake.completions) == 1


HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}"""


@pytest.mark.parametrize("ends_meanwhile", [False, True])
def test_a_tab_that_was_hidden_for_a_minute_ends_with_the_same_text(
    site: Server, fake: FakeOpenAI, page: Page, ends_meanwhile: bool
):
    page.clock.install()
    asked = f"Hide me, {ends_meanwhile}"
    chat = Chat(page).open()
    reply = slow_answer(fake)
    chat.ask(asked)
    reply.wait_held(PATIENCE_MS / 1000)
    expect(chat.body).to_contain_text(WORDS[HELD_EVERY - 1].strip())
    page.evaluate(HIDE, True)
    page.wait_for_function(SOCKET_IS_CLOSED)
    stood = shown(chat)
    if ends_meanwhile:
        reply.release_all()
        wait_until(lambda: Rows(site).runs()[asked][0] == "completed", "the end")
    else:
        reply.release()
        reply.wait_held(PATIENCE_MS / 1000)
    page.clock.fast_forward("01:00")
    assert shown(chat) == stood
    page.evaluate(HIDE, False)
    page.wait_for_function(SOCKET_IS_OPEN)
    if not ends_meanwhile:
        expect(chat.body).to_contain_text(WORDS[2 * HELD_EVERY - 1].strip())
        begins(chat)
        reply.release_all()
    whole(chat, site, asked)
    assert len(fake.completions) == 1
