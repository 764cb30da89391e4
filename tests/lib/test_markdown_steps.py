"""One long block, a list of a thousand items say: each step works on a bounded piece of it, and the pieces fit together."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.lib import markdown_stream
from playground.lib.markdown import _prose_cleaner, render_blocks
from playground.lib.markdown_stream import HIGHLIGHT_CHARS, MAX_PART_CHARS, PART_CHARS, SLICE_CHARS, MarkdownStream
from tests.payloads import JOINTS, LEAKS, SCRIPTS

# What is begun with, repeated and ended with.
SHAPES = {
    "list": ("", "- item **bold** and `code` here\n", ""),
    "loose list": ("", "- item **bold**\n\n  more text\n\n", ""),
    "numbered list": ("7. seven\n", "8. item\n", ""),
    "nested list": ("3. top\n", "   - item **bold**\n     - deeper one\n", ""),
    "list in one line": ("- - 1. a\n", "    2. b *c*\n", ""),
    "tasks": ("", "- [x] done\n- [ ] to do\n", ""),
    "table": ("| a | b |\n|---|--:|\n", "| cell **x** | `y` |\n", ""),
    "table in a list": ("- look:\n\n  | a | b |\n  |---|---|\n", "  | 1 | 2 |\n", ""),
    "paragraph": ("", "word **bold** and more words ", ""),
    "paragraph of lines": ("", "word **bold**, and more words\n", ""),
    "paragraph in a list": ("- ", "word **bold** and more words ", ""),
    "paragraph in a quote": ("> a\n", "> word **bold** and more words\n", ""),
    "quote": ("", "> word **bold** and more words\n>\n", ""),
    "list in a quote": ("", "> - item **bold**\n", ""),
    "paragraphs in a list": ("1. a\n\n", "   a paragraph of words\n\n", ""),
    "formulas": ("", "- it is $x^2$\n", ""),
}
CODE = {
    "code": ("```py\n", "x = 'a <b>'\n", "```\n"),
    "code in a list": ("1. do\n\n   ```py\n", "   x = 'a <b>'\n", "   ```\n"),
    "code in a quote": ("> ```py\n", "> x = 'a <b>'\n", "> ```\n"),
}
UNCUT = {
    "line without spaces": ("", "abcdefgh", ""),
    "heading": ("# ", "abc def ", ""),
    "indented code": ("", "    x = 1\n", ""),
    "open emphasis": ("**", "word ", ""),
    "brackets": ("", "[", ""),
}


def long_text(shape, chars=9_000):
    head, piece, end = shape
    return head + piece * (chars // len(piece)) + "\n" * (not end) + end + "\nafter it\n\n" + "and the end\n\n" * 150


def fed(text, size):
    stream = MarkdownStream()
    for start in range(0, len(text), size):
        stream.feed(text[start : start + size])
        stream.preview()
    return stream


class Work:
    """Characters parsed and rendered since it was asked last."""

    def __init__(self, monkeypatch):
        self.parsed = self.rendered = 0
        parse, render = markdown_stream.parse_blocks, markdown_stream.render_tokens

        def counting_parse(source, env):
            self.parsed += len(source)
            return parse(source, env)

        def counting_render(tokens, env):
            self.rendered += sum(len(token.content) for token in tokens)
            return render(tokens, env)

        monkeypatch.setattr(markdown_stream, "parse_blocks", counting_parse)
        monkeypatch.setattr(markdown_stream, "render_tokens", counting_render)

    def take(self):
        done = max(self.parsed, self.rendered)
        self.parsed = self.rendered = 0
        return done


@pytest.mark.parametrize("size", [61, 997, 30_000])
@pytest.mark.parametrize("shape", [*SHAPES, *UNCUT, "code in a list", "code in a quote"])
def test_no_step_works_on_more_than_a_part_of_a_long_block(shape, size, monkeypatch):
    work = Work(monkeypatch)
    text = long_text((SHAPES | CODE | UNCUT)[shape])
    stream = MarkdownStream()
    worst = 0
    for start in range(0, len(text), size):
        for _ in stream.steps(text[start : start + size]):
            worst = max(worst, work.take())
        worst = max(worst, work.take())
        stream.preview()
        worst = max(worst, work.take())
    assert worst <= (MAX_PART_CHARS if shape in UNCUT else 2 * PART_CHARS) + SLICE_CHARS


@pytest.mark.parametrize("size", [61, 997, 30_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_block_that_was_cut_is_the_same_as_whole(shape, size):
    text = long_text(SHAPES[shape])
    stream = fed(text, size)
    assert len(stream.blocks) >= 1
    assert stream.blocks == render_blocks(text)[: len(stream.blocks)]


@pytest.mark.parametrize("size", [61, 997])
@pytest.mark.parametrize("shape", CODE)
def test_long_code_is_finished_without_colours(shape, size):
    text = long_text(CODE[shape])
    block, whole = fed(text, size).blocks[0], render_blocks(text)[0]
    assert re.sub(r"</?span[^>]*>", "", block) == re.sub(r"</?span[^>]*>", "", whole)
    assert len(text) > HIGHLIGHT_CHARS


@pytest.mark.parametrize("shape", UNCUT)
def test_nothing_is_lost_of_what_cannot_be_cut(shape):
    text = long_text(UNCUT[shape])
    stream = fed(text, 16)
    shown = "".join(stream.blocks) + stream.open_block().html + stream.open_block().text
    assert len(re.findall(r"\w|\[", re.sub(r"<[^>]*>", "", shown))) >= len(re.findall(r"\w|\[", text)) - 5


def test_a_list_that_becomes_loose_late_stays_one_list():
    stream = fed("- tight item of a list\n" * 200 + "\n" + "- loose item of a list\n\n" * 200 + "end\n\nend\n", 64)
    assert stream.blocks[0].count("<ul>") == stream.blocks[0].count("</ul>") == 1
    assert stream.blocks[0].count("<li>") == 400


def test_raw_text_after_a_cut_is_not_shown_twice():
    stream = MarkdownStream()
    for number in range(400):
        stream.feed(f"- item {number};\n")
        if not number % 7:
            stream.preview()
        shown = stream.open_block()
        assert [int(each) for each in re.findall(r"item (\d+)", shown.html + shown.text)] == list(range(number + 1))


def test_a_pause_shows_no_block_twice_and_loses_none():
    stream = MarkdownStream()
    text = "".join(f"Paragraph {number}; of some words and `code`.\n\n" for number in range(200))
    for _ in stream.steps(text):
        shown = stream.open_block()
        numbers = [
            int(each) for each in re.findall(r"Paragraph (\d+);", "".join(stream.blocks) + shown.html + shown.text)
        ]
        assert numbers == list(range(len(numbers)))


LINES = st.sampled_from(
    [
        *(
            "- a *b*\n",
            "  - c\n",
            "    - d\n",
            "1. e\n",
            "   2) f\n",
            "\n",
            "\n\n",
            "> g\n",
            "> > h\n",
            "> - i\n",
            ">\n",
        ),
        *(
            "| a | b |\n|---|---|\n",
            "| 1 | 2 |\n",
            "  | 1 | 2 |\n",
            "text **bold\n",
            "bold** text ",
            "  text\n",
            "      code\n",
        ),
        *(
            "```\n",
            "  ```py\n",
            "> ```\n",
            "# h\n",
            "$$\n",
            "[a]: /b\n",
            "[a]",
            "- [ ] t\n",
            "---\n",
            "===\n",
            "-\n",
            "\t- u\n",
        ),
        *(text for _, text in SCRIPTS + JOINTS + LEAKS),
    ]
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(LINES, st.integers(1, 40)), min_size=3, max_size=8), st.integers(200, 600))
def test_cut_anyhow_the_html_is_whole_and_clean(pieces, size):
    text = "".join(line * times for line, times in pieces)
    stream = MarkdownStream()
    for start in range(0, len(text), size):
        stream.feed(text[start : start + size])
        shown = stream.preview().html
        assert not re.search(r"<(?:script|img|svg|iframe|style|form|video)\b|<[^>\"]*\son\w+=", shown)
    for block in [*stream.blocks, stream.preview().html]:
        without_boxes = (
            re.sub(r"<code-box.*?</code-box>\n?", "", block, flags=re.DOTALL).replace("<pre>", "").replace("</pre>", "")
        )
        assert re.sub(r"\s", "", _prose_cleaner.clean(without_boxes)) == re.sub(
            r"\s", "", without_boxes.replace(' class="plain"', "")
        )
