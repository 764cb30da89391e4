"""What a model server says beside its answer is text: errors, and fields that should hold something else."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Chat
from tests.browser.texts.hostile import OUT, TWICE, opened, quiet, shown_as_sent
from tests.fake_openai import FakeOpenAI, Head, Piece, Reply
from tests.fake_openai.frames import DONE, Chunks, sse
from tests.fake_openai.reply import STREAM_HEADERS


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
