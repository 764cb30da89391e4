"""What a whole Markdown text becomes."""

from __future__ import annotations

import re
import time

import pytest
from django.utils.safestring import SafeString

from playground.lib.markdown import MAX_HTML_CHARS, RENDERER_VERSION, plain_text, render, render_blocks
from playground.lib.markdown_stream import MarkdownStream
from tests.lib.bombs import BOMBS
from tests.payloads import JOINTS, LEAKS, SCRIPTS


def test_result_is_safe_and_versioned():
    assert isinstance(render("a"), SafeString)
    assert RENDERER_VERSION >= 1


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title *x*", "<h1>Title <em>x</em></h1>"),
        ("**b** ~~s~~ `c<d`", "<p><strong>b</strong> <s>s</s> <code>c&lt;d</code></p>"),
        ("a\nb", "<p>a\nb</p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>"),
        ("3. x", '<ol start="3">\n<li>x</li>\n</ol>'),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("---", "<hr>"),
        ("a\n\n\0", "<p>a</p>\n<p>\N{REPLACEMENT CHARACTER}</p>"),
        ("a\r\nb\rc", "<p>a\nb\nc</p>"),
        ("", ""),
        ("\ud800", "<p>\N{REPLACEMENT CHARACTER}</p>"),
    ],
)
def test_common_marks(text, html):
    assert render(text).strip() == html


def test_code_box_names_its_language_and_keeps_the_text():
    html = render("```Python title\nx = '<b>'\n```")
    assert '<code-box class="code-box" data-language="python">' in html
    assert '<code class="language-python">' in html
    assert re.sub(r"<[^>]+>", "", html[html.index("<code ") :]).strip() == "x = '&lt;b&gt;'"
    assert 'class="code-box__copy"' in html


def test_language_is_never_guessed():
    assert "<span" not in render("```\ndef f(): pass\n```").partition("<pre")[2]
    assert "<span" not in render("```nosuchlanguage\ndef f(): pass\n```").partition("<pre")[2]


def test_code_over_the_limit_has_no_colours():
    assert "<span" not in render("```python\n" + "x = 'a'\n" * 13_000 + "```").partition("<pre")[2]


def test_code_that_looks_like_a_slot_stays_itself():
    assert render("slot-0123456789abcdef0123456789abcdef-0.\n\n```\nx\n```").startswith("<p>slot-0123456789abcdef")


def test_code_box_right_after_words_of_a_list_item():
    html = render("- a\n  ```py\n  x\n  ```")
    assert "slot-" not in html
    assert "<li>a<code-box" in html


def test_task_list_boxes_cannot_be_ticked_and_have_names():
    html = render("- [x] done\n- [ ] not yet")
    assert html.count("disabled") == 2
    assert html.count("checked") == 1
    assert 'aria-label="Done"' in html
    assert 'aria-label="To do"' in html


def test_table_scrolls_in_a_box_of_its_own():
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert html.startswith('<div class="table-box" role="group"')
    assert '<td class="align-center">1</td>' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("see https://a.example/x_y?z=1.", "https://a.example/x_y?z=1"),
        ("(https://a.example/w_(x))", "https://a.example/w_(x)"),
        ("www.a.example, ok", "http://www.a.example"),
        ("<https://a.example>", "https://a.example"),
        ("[x](https://a.example/)", "https://a.example/"),
        ("[x](mailto:a@b.example)", "mailto:a@b.example"),
    ],
)
def test_links_lead_out_safely(text, target):
    html = render(text)
    assert f'href="{target}"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert ('target="_blank"' in html) == target.startswith("http")


@pytest.mark.parametrize(
    "text", ["[x](/logout)", "[x](#a)", "[x](javascript:x)", "[x](data:text/html,x)", "[x](file:///etc)"]
)
def test_other_addresses_are_words(text):
    assert render(text) == '<p><span class="no-link">x</span></p>\n'


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("https://google.example@evil.example/", "evil.example"),
        (
            "https://evil.example\\@google.example",
            "google.example",
        ),  # the parser encodes the backslash: what a browser does then
        ("https://EVIL.example:8443/x", "evil.example:8443"),
        ("https://\u0430pple.example/", "xn--pple-43d.example"),
    ],
)
def test_link_shows_its_real_host(href, host):
    assert f'data-host="{host}"' in render(f"[https://bank.example](<{href}>)")


def test_image_becomes_a_link_that_shows_its_host():
    html = render("![a cat](https://pics.example/cat.png)")
    assert "<img" not in html
    assert 'a cat <span class="image-link__host">pics.example</span></a>' in html


def test_image_in_a_link_does_not_nest_links():
    html = render("[![x](https://a.example/i.png)](https://b.example)")
    assert html.count("<a ") == 1
    assert "a.example" in html


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10.",
        "$5-$10, US$3, A$4",
        "between $100, $200 and $300",
        "PATH=$HOME/bin:$PATH",
        "$20k and he paid 30$",
        "I had $5 (and then $6)",
        "the $variable and the $other variable$ here",
        "\\$x\\$",
        "`$x$`",
        "$ x $",
        "a single $",
        "\\[not maths at all\\](url)",
    ],
)
def test_dollars_in_prose_are_not_maths(text):
    assert "<math" not in render(text)
    assert "math-source" not in render(text)


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("$x^2$", "inline"),
        ("$x$", "inline"),
        ("so $a+b$, yes", "inline"),
        ("\\(a+b\\)", "inline"),
        ("$$\\frac{a}{b}$$", "block"),
        ("\\[a+b\\]", "block"),
        ("$$\na\n\nb\n$$", "block"),
        ("text\n\\[\na+b\n\\]\nmore", "block"),
        ("- item\n  $$\n  a+b\n  $$", "block"),
        ("| a |\n|---|\n| $x$ |", "inline"),
    ],
)
def test_formulas_become_mathml(text, display):
    assert f'<math display="{display}"><mrow>' in render(text)


@pytest.mark.parametrize("text", [r"$6\,\mathrm{h}$", r"$\mathrm {h}_0$", r"$\mathrm{kh}$"])
def test_an_upright_letter_stands_upright(text):
    assert '<mi mathvariant="normal">h</mi>' in render(text)


@pytest.mark.parametrize(
    ("text", "spaces"),
    [(r"$\sin x$", 1), (r"$\sin^2 x + \cos\frac{a}{b}$", 2), (r"$\log_2 n$", 1), (r"$\sin(x)$", 0), (r"$\sin + 1$", 0)],
)
def test_a_function_keeps_its_distance_to_what_it_is_of(text, spaces):
    assert render(text).count("<mspace") == spaces


@pytest.mark.parametrize(
    "latex", [r"\frac{a", r"\nosuchcommand x", r"\def\a{\a\a}\a", r"\href{https://x.example}{y}", "{" * 60 + "}" * 60]
)
def test_bad_latex_shows_its_source(latex):
    html = render(f"\\({latex}\\)")
    assert "<math" not in html
    assert '<code class="math-source">\\(' in html


def test_text_in_a_formula_stays_text():
    assert "&lt;script&gt;" in render(r"$\text{<script>}$")
    assert "<script" not in render(r"$\text{<script>}$")


def test_bidi_overrides_reach_no_further_than_themselves():
    assert '<bdi class="hidden-char" data-char="U+202E">\u202e</bdi>' in render("file\u202egpj.exe")
    assert 'data-char="U+2066"' in render("`a\u2066b`")
    assert 'data-char="U+200B"' in render("```\na\u200bb\n```")
    assert "<bdi>" in render("a\u2067b")
    assert "data-char" not in render("\u05d0\u200f 1")  # marks of direction are ordinary prose


ALL_PAYLOADS = [text for _, text in SCRIPTS + JOINTS + LEAKS]


@pytest.mark.parametrize("text", ALL_PAYLOADS, ids=[name for name, _ in SCRIPTS + JOINTS + LEAKS])
def test_no_payload_leaves_an_element_or_attribute_that_does_anything(text):
    tags = re.findall(r"<[a-z][^>]*>", render(text).replace('<button type="button" class="code-box__copy"', "<i"))
    for tag in tags:
        assert not re.match(
            r"<(?:script|img|svg|iframe|object|embed|style|form|button|link|meta|base|video|audio)\b", tag
        )
        # Quoted values may say anything; names may not.
        names = re.findall(r"\s([a-z][\w:-]*)(?==|\s|>)", re.sub(r'"[^"]*"', "", tag))
        assert not [
            name
            for name in names
            if name.startswith(("on", "hx-", "data-hx")) or name in {"id", "style", "name", "src", "srcset"}
        ]
        assert not re.search(r'href="(?!(?i:https?://|mailto:))', tag)


def test_inert_attributes_are_stripped_by_the_sanitiser_too():
    from playground.lib.markdown import _prose_cleaner

    dirty = '<p id="a" style="x" name="n" hx-get="/x" data-hx-get="/x" class="evil" onclick="x">t</p><a href="/x">u</a><img src="x">'
    assert _prose_cleaner.clean(dirty) == "<p>t</p><a>u</a>"


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bomb_stays_within_size_and_time(text):
    before = time.thread_time()
    html = render(text)
    # Seconds of this thread; a bomb that goes off takes minutes. A figure for what it costs is bench's business.
    assert time.thread_time() - before < 30
    assert len(html) <= min(MAX_HTML_CHARS, 20 * len(text) + 16_384)


def test_what_costs_too_much_is_shown_as_it_is():
    html = render(BOMBS["one long target used often"])
    assert html.startswith('<div class="plain"><p class="plain__note">')
    assert "[a]: https://x/xxx" in html


@pytest.mark.parametrize(
    "text",
    [
        ">" * 40 + " end",
        "".join("  " * depth + f"- item {depth}\n" for depth in range(40)) + "  " * 40 + "end",
        "> - " * 12 + "end",
        "1. " * 12 + "```\nend\n```",
    ],
    ids=["quotes", "list", "both", "code"],
)
def test_what_is_nested_too_deep_is_not_left_out(text):
    assert "end" in render(text)
    part = MarkdownStream()
    part.feed(text)
    assert "end" in "".join(part.blocks) + part.preview().html + part.preview().text


def test_ten_lists_in_one_another_are_lists():
    html = render("".join("  " * depth + f"- item {depth}\n" for depth in range(10)))
    assert html.count("<ul>") == 10
    assert "item 9" in html


def test_twice_the_text_costs_twice_the_time_not_four_times():
    def cost(text: str) -> float:
        before = time.thread_time()
        render(text)
        return time.thread_time() - before

    text = "A paragraph with **bold** and `code`, https://a.example/b and $x^2$.\n\n- item\n- item\n\n" * 100
    render(text)
    assert min(cost(text * 4) for _ in range(3)) < 4 * 2 * min(cost(text) for _ in range(3))


def test_blocks_joined_are_the_render():
    text = "# a\n\nb\n\n- c\n\n[x]: https://a.example\n"
    assert "".join(render_blocks(text)) == render(text)
    assert len(render_blocks(text)) == 3


def test_plain_text_has_no_marks():
    text = "# A *title*\n\n- [x] see [this](https://a.example) `code`\n\n```py\nx < 1\n```\n\n![alt](https://a.example/i.png) $x$"
    assert plain_text(text) == "A title see this code x < 1 alt x"
