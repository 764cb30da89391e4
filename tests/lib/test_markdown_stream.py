"""Markdown that arrives in pieces ends as the whole render does, and looks right on the way."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from django.utils.safestring import SafeString
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.lib.markdown import render, render_blocks
from playground.lib.markdown_stream import MarkdownStream
from tests.lib.bombs import BOMBS
from tests.payloads import JOINTS, LEAKS, SCRIPTS

SPEC = json.loads((Path(__file__).parent.parent / "data" / "commonmark-0.31.2.json").read_text())
TRICKY = [
    "Title\n=====\n\ntext\n---\nmore\n",
    "- a\n- b\n\n- c\n\ntext\n",
    "- a\n\n  b\n\n      code\n- c\n",
    "> quote\nlazy\n\nend\n",
    "````md\n```py\nx\n```\n````\nafter\n",
    "- a\n  ```py\n  x\n\n  y\n  ```\n- b\n\nafter\n",
    "```py\nx\n\ny",
    "~~~\n```\n~~~\n",
    "   ```py\n   x\n     y\n   ```\n",
    "text\n```\ncode\n```\ntext\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\nafter | it\n",
    "a paragraph\nwith | a bar\n--- | ---\n1 | 2\n",
    "costs $5\n\nand $10\n\n$$\nx\n\ny\n$$\n\nend\n",
    "$$\nnever closed\n\nparagraph\n\nanother\n\n",
    "text\n$$\nnever closed\n\nparagraph\n",
    "\\[\na\n\nb\n\\]\n\n\\(c\\)\n",
    "1. a\n2. b\n\n\n3. c\n* d\n",
    "line\r\n\r\nnext\rlast\r\n",
    "emoji \U0001f600 and \u202e\n",
    "    indented\n\n    code\n\ntext\n",
    "[a]: https://x.example\n\n[a] and [b]\n",
    "- [ ] a\n- [x] b\n",
    "# h\n## i\ntext\n### j\n",
]


def stream(text: str, cut: int | None = None, size: int = 0) -> MarkdownStream:
    stream = MarkdownStream()
    if cut is not None:
        stream.feed(text[:cut])
        stream.feed(text[cut:])
    for start in range(0, len(text) if size else 0, size or 1):
        stream.feed(text[start : start + size])
    return stream


def without_definitions(text: str) -> bool:
    """Link definitions further down are the one thing that changes finished blocks: the render at the end is for them."""
    return "]:" not in text


def check(stream: MarkdownStream, text: str) -> None:
    check_finished(stream, text, render_blocks(text))


def check_finished(stream: MarkdownStream, text: str, full: list[SafeString]) -> None:
    """What was shown as finished is what the whole render says."""
    if without_definitions(text):
        assert stream.blocks == full[: len(stream.blocks)], "finished blocks are final"


@pytest.mark.parametrize("example", SPEC, ids=[f"{each['example']}" for each in SPEC])
def test_every_example_of_the_specification_split_anywhere(example):
    text = example["markdown"]
    full = render_blocks(text)
    assert "".join(full) == render(text)
    for cut in range(len(text) + 1):
        check_finished(stream(text, cut=cut), text, full)
    check(stream(text, size=5), text)
    one_by_one = stream(text + "\n\nend\n\nend\n", size=1)
    check(one_by_one, text + "\n\nend\n\nend\n")


def test_there_are_652_examples():
    assert len(SPEC) == 652


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_text_split_anywhere(text):
    for cut in range(len(text) + 1):
        check(stream(text, cut=cut), text)
    for size in (1, 2, 3, 7):
        check(stream(text, size=size), text)


@pytest.mark.parametrize(
    "text", [text for _, text in SCRIPTS + JOINTS + LEAKS], ids=[name for name, _ in SCRIPTS + JOINTS + LEAKS]
)
def test_payload_split_anywhere_is_as_clean_as_whole(text):
    full = render_blocks(text)
    assert "".join(full) == render(text)
    for cut in range(len(text) + 1):
        part = MarkdownStream()
        part.feed(text[:cut])
        shown = part.preview()
        assert not re.search(r"<(?:script|img|svg|iframe|style|form|video)\b|<[^>\"]*\son\w+=", shown.html)
        part.feed(text[cut:])
        check_finished(part, text, full)
    check(part, text)


PIECES = st.sampled_from(
    [*(each["markdown"] for each in SPEC), *TRICKY, "\n", "\n\n", " ", "$", "$$\n", "```\n", "- ", "> ", "| a |\n"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, min_size=1, max_size=8), st.integers(1, 40))
def test_any_concatenation_in_any_pieces(parts, size):
    text = "".join(parts)
    check(stream(text, size=size), text)


def test_surrogate_pair_cut_in_two_is_one_character():
    part = MarkdownStream()
    part.feed("a \ud83d")
    part.feed("\ude00 b\n\nc\n\nd")
    assert part.blocks[0] == "<p>a \U0001f600 b</p>\n"


def test_blocks_finish_while_text_arrives():
    part = stream("# a\n\nparagraph\n\n- list\n", size=4)
    assert [block.strip() for block in part.blocks] == ["<h1>a</h1>", "<p>paragraph</p>"]


def test_open_fence_is_a_code_box_from_its_first_line():
    part = MarkdownStream()
    part.feed("Look:\n\n``")
    assert part.preview().kind in {"none", "html"}
    part.feed("`py\n")
    shown = part.open_block()
    assert (shown.kind, shown.language, shown.text) == ("code", "py", "")
    assert shown.html.endswith('<code class="language-py"></code></pre></figure></code-box>\n')
    assert len(part.blocks) == 1


@pytest.mark.parametrize("text", ["```py\nx = 1\n\n  y = ``\n`` `\n```\nafter\n", "  ~~~\n  a\n   b\n~\n ~~~~\n"])
def test_text_of_an_open_fence_only_grows_and_never_shows_its_closing_line(text):
    part, seen, revision = MarkdownStream(), "", None
    for character in text:
        part.feed(character)
        shown = part.open_block()
        if shown.kind != "code":
            continue
        assert shown.text.startswith(seen)
        assert revision in {None, shown.revision}
        seen, revision = shown.text, shown.revision
    fence = next(each for each in part.blocks if "<pre" in each)
    code = re.sub(r"<[^>]+>", "", fence[fence.index("<code ") if "<code " in fence else fence.index("<code>") :])
    assert seen == code.removesuffix("\n") or seen == code


def test_closed_fence_is_finished_at_once():
    part = stream("```py\nx\n```\n", size=3)
    assert len(part.blocks) == 1
    assert part.open_block().kind == "none"


def test_fence_in_a_list_is_previewed_with_the_list():
    part = stream("1. a\n   ```py\n   x = **", size=5)
    shown = part.preview()
    assert shown.kind == "html"
    assert "<code-box" in shown.html
    assert "slot-" not in shown.html


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("**bo", "<p><strong>bo</strong></p>"),
        ("**bold*", "<p><strong>bold</strong></p>"),
        ("a `co", "<p>a <code>co</code></p>"),
        ("[text](ht", "<p>text</p>"),
        ("see [te", "<p>see te</p>"),
        ("x\n--", "<p>x</p>"),
        ("- a\n- **b", "<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>"),
        ("~~a", "<p><s>a</s></p>"),
        ("a \\(x+", "<p>a</p>"),
        ("2 * 3", "<p>2 * 3</p>"),
        ("snake_case_na", "<p>snake_case_na</p>"),
        ("- [", ""),
    ],
)
def test_preview_closes_what_is_unfinished(text, seen):
    part = MarkdownStream()
    part.feed(text)
    assert part.preview().html.strip() == seen
    assert not part.preview().text.strip(" \n")


def test_preview_draws_a_table_before_its_delimiter_row_is_whole():
    for text in ("| a | b", "| a | b |\n", "| a | b |\n|-", "| a | b |\n|---|--", "| a | b |\n|---|---|\n| **c"):
        part = MarkdownStream()
        part.feed(text)
        assert "<th>a</th>\n<th>b</th>" in part.preview().html, text


def test_raw_marks_never_show_in_a_preview():
    text = (
        "## A *heading*\n\nSome **bold words**, `code`, ~~gone~~ and a [link](https://a.example/x).\n\n"
        "1. First **step**\n   - nested `a`\n2. Second\n\n| Name | Value |\n|------|------:|\n| `a` | **1** |\n\n> A *quote*.\n"
    )
    part = MarkdownStream()
    for character in text:
        part.feed(character)
        shown = part.preview()
        words = re.sub(r"<code.*?</code>", "", shown.html, flags=re.DOTALL) + shown.text
        assert not re.search(r"\*\*|`|\]\(|~~|\||\*\w", re.sub(r"<[^>]+>", "", words)), repr(shown.text[-30:])


def test_revision_tells_whether_only_text_was_added():
    part = MarkdownStream()
    part.feed("word " * 1_000)
    first = part.preview()
    part.feed("more")
    second = part.preview()
    assert second.revision == first.revision
    assert second.html == first.html
    assert second.text == first.text + " more"


@pytest.mark.parametrize("between", [" ", "\n", "\n\n", "\n- "])
def test_text_after_a_preview_keeps_its_distance(between):
    space = between.removesuffix("- ")
    part = MarkdownStream()
    part.feed("- one" + space)
    shown = part.preview()
    assert shown.text == ""
    part.feed(between.removeprefix(space) + "two")
    assert part.open_block().revision == shown.revision
    assert part.open_block().text == between + "two"


def test_long_list_is_previewed_in_parts_that_fit_together():
    text = "".join(f"{number}. item **{number}**\n" for number in range(1, 300))
    part = MarkdownStream()
    for start in range(0, len(text), 40):
        part.feed(text[start : start + 40])
        part.preview()
    html = part.preview().html
    assert html.count("<ol") == html.count("</ol>") == 1
    assert html.count("<li>") >= 290


def test_long_table_is_previewed_in_parts_that_fit_together():
    text = "| a | b |\n|---|---|\n" + "".join(f"| {number} | **x** |\n" for number in range(300))
    part = MarkdownStream()
    for start in range(0, len(text), 40):
        part.feed(text[start : start + 40])
        part.preview()
    html = part.preview().html
    assert html.count("<table>") == html.count("</table>") == html.count("<tbody>") == 1
    assert html.count("<tr>") >= 290


def test_prefix_may_be_fed_at_once():
    text = "# a\n\n" + "paragraph **b**\n\n" * 50 + "```py\nx = 1\n"
    part = MarkdownStream()
    part.feed(text)
    assert len(part.blocks) == 51
    assert part.open_block().kind == "code"
    part.feed("y = 2\n```\n")
    check(part, text + "y = 2\n```\n")


def test_late_definition_changes_what_was_finished():
    text = "see [a]\n\nmore\n\n[a]: https://a.example\n"
    part = stream(text, size=3)
    assert "<a " not in part.blocks[0]
    assert "<a " in render_blocks(text)[0]


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bomb_in_pieces_stays_within_time(text):
    before = time.thread_time()
    part = MarkdownStream()
    for index, start in enumerate(range(0, len(text), 400)):
        part.feed(text[start : start + 400])
        if index % 4 == 0:
            part.preview()
    # Seconds of this thread; a bomb that goes off takes minutes. A figure for what it costs is bench's business.
    assert time.thread_time() - before < 60


def test_cost_is_linear_in_the_length():
    def cost(text: str) -> float:
        before = time.thread_time()
        part = MarkdownStream()
        for index, start in enumerate(range(0, len(text), 16)):
            part.feed(text[start : start + 16])
            if index % 50 == 0:
                part.preview()
        return time.thread_time() - before

    text = "A paragraph with **bold** and `code` in it.\n\n- item\n- item\n\n```py\nx = 1\n```\n\n" * 40
    cost(text)
    assert min(cost(text * 4) for _ in range(2)) < 4 * 2 * min(cost(text) for _ in range(2))
