"""Hostile Markdown in a real browser: each payload bites without protection (the control), and does nothing with it."""

from __future__ import annotations

from importlib import resources

import pytest
from playwright.sync_api import Error, Page, Route, sync_playwright

from playground.lib.markdown import render
from tests.chromium import launch_options
from tests.payloads import JOINTS, LEAKS, SCRIPTS

pytestmark = pytest.mark.browser

ORIGIN = "http://app.test"
HTMX = (resources.files("django_htmx") / "static/django_htmx/htmx-4.js").read_text()
# A page with htmx and without any content security policy: what is rendered must be harmless by itself.
PAGE = """<!doctype html><meta charset="utf-8"><script>window.count = 0; window.fired = () => {{ window.count += 1; }};
</script><script src="/htmx.js"></script><body><main>{body}</main>"""
# Everything that can be clicked is; what would only leave the page stays.
CLICK = """() => {
  const runs = (url) => /^[\\s\\u0000-\\u0020]*javascript:/i.test(url ?? "");
  addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && !runs(link.href)) event.preventDefault();
  });
  for (const link of document.links) link.removeAttribute("target");
  for (const each of document.querySelectorAll("main :is(a, button, b, x, summary, span)")) each.click();
}"""
SETTLE = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 20)), 20))"


def naive(text: str) -> str:
    """What a renderer without any care makes of it."""
    from markdown_it import MarkdownIt

    md = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    md.validateLink = lambda url: True
    md.normalizeLink = lambda url: url
    return md.render(text)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**launch_options())
        yield chromium
        chromium.close()


@pytest.fixture
def view(chromium):
    """A page of the test's own: one that a payload sent elsewhere may still be on its way."""
    page = chromium.new_page()
    yield page
    page.close()


def harm(view: Page, body: str, *, click: bool) -> tuple[int, list[str]]:
    """Load a page with this body; how often script ran, and which foreign addresses were asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        if url == f"{ORIGIN}/":
            route.fulfill(body=PAGE.format(body=body), content_type="text/html")
        elif url == f"{ORIGIN}/htmx.js":
            route.fulfill(body=HTMX, content_type="text/javascript")
        else:
            if not url.startswith((ORIGIN, "data:", "blob:")):
                asked.append(url)
            route.fulfill(body="", content_type="text/plain", headers={"access-control-allow-origin": "*"})

    view.route("**/*", answer)
    try:
        view.goto(f"{ORIGIN}/", wait_until="domcontentloaded")
        view.evaluate(SETTLE)
        if click and not view.evaluate("() => window.count"):
            view.evaluate(CLICK)
            view.evaluate(SETTLE)
        return view.evaluate("() => window.count"), asked
    except Error:  # the page went elsewhere, which only an unprotected one does
        return 0, asked or ["about:left"]
    finally:
        view.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("text", [text for _, text in SCRIPTS], ids=[name for name, _ in SCRIPTS])
def test_control_script_payload_runs_unprotected(view, text):
    assert harm(view, naive(text), click=True)[0], "an inert payload proves nothing"


@pytest.mark.parametrize("text", [text for _, text in LEAKS], ids=[name for name, _ in LEAKS])
def test_control_leak_payload_asks_a_stranger_unprotected(view, text):
    assert harm(view, naive(text), click=False)[1], "an inert payload proves nothing"


EVERYTHING = SCRIPTS + JOINTS + LEAKS


def test_rendered_payloads_ask_nobody_and_run_nothing(view):
    together = "".join(f"<section>{render(text)}</section>" for _, text in EVERYTHING)
    assert harm(view, together, click=False) == (0, [])


def test_rendered_payloads_run_nothing_when_everything_is_clicked(view):
    together = "".join(f"<section>{render(text)}</section>" for _, text in EVERYTHING)
    assert harm(view, together, click=True) == (0, [])


def test_there_are_enough_payloads():
    assert len(SCRIPTS) >= 57
    assert len(LEAKS) >= 26
