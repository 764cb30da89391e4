r"""LaTeX between `$…$`, `$$…$$`, `\(…\)` and `\[…\]` as MathML, made on the server.

Two halves: `to_mathml` turns one formula into MathML or says no; `maths_plugin` teaches markdown-it where formulas are.
What looks like a formula and is not one ("$5 and $10") stays text, what LaTeX refuses is shown as its own source.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

MAX_FORMULA_CHARS = 2_000  # the longest formula that is converted; about 20 ms
MAX_DOCUMENT_CHARS = 20_000  # all formulas of one text together; what comes after is shown as source
MAX_BLOCK_LINES = 100  # a `$$` that is not closed by then was no formula

# Macros can grow without bound, and references to other places have no meaning here.
_REFUSED = re.compile(
    r"\\(?:def|gdef|edef|xdef|let|newcommand|renewcommand|providecommand|DeclareMathOperator|(?:re)?newenvironment"
    r"|href|url|html\w*|class|cssId|style|require|includegraphics|unicode|begin\{(?:document|figure)\})"
)
_UPRIGHT = re.compile(r"\\mathrm\s*\{([A-Za-z])\}")  # in one pair of braces the converter takes it for a variable
_FUNCTION = re.compile(r"[A-Za-z]{2,}")
_MAX_DEPTH = 40  # of braces, \left…\right and environments
_FENCES = {"$$": "$$", "\\[": "\\]"}


class _Refused(Exception):
    """The formula is too deep or uses what is not known."""


def to_mathml(latex: str, *, display: bool) -> str | None:
    """MathML for one formula (escaped markup, still to be sanitised), or None when it cannot be made."""
    if len(latex) > MAX_FORMULA_CHARS or not latex.strip() or _REFUSED.search(latex):
        return None
    if latex.count("{") + latex.count("\\left") + latex.count("\\begin") > MAX_FORMULA_CHARS // 4:
        return None
    return _convert(latex.strip(), display)


@lru_cache(maxsize=512)
def _convert(latex: str, display: bool) -> str | None:
    try:
        _check_depth(latex)
        source = _UPRIGHT.sub(r"\\mathrm{{\1}}", latex)
        root = Converter(display="block" if display else "inline").convert_to_element(source)
        _unescape(root)
        _space_functions(root)
    except Exception:  # noqa: BLE001 - the converter raises whatever its own code runs into: all mean "not LaTeX"
        return None
    return tostring(root, encoding="unicode")


def _check_depth(latex: str) -> None:
    depth = 0
    for token in re.finditer(r"\\left\b|\\right\b|\\begin\b|\\end\b|\\.|[{}^_]", latex):
        word = token.group()
        if word in {"{", "\\left", "\\begin"}:
            depth += 1
            if depth > _MAX_DEPTH:
                raise _Refused
        elif word in {"}", "\\right", "\\end"}:
            depth -= 1
    if depth:  # the converter would close them by itself
        raise _Refused


def _unescape(root: Element) -> None:
    """Character references become characters, so that the serialiser escapes everything exactly once.

    The converter's own `convert` unescapes *after* serialising, which would let `\\text{<script>}` through as a tag.
    """
    for element in root.iter():
        if element.text and "&" in element.text:
            element.text = html.unescape(element.text)
        if element.text and element.tag != "mtext" and re.match(r"\\[A-Za-z]", element.text):
            raise _Refused  # a command that the converter does not know and would print as it stands
        if element.tail and "&" in element.tail:
            element.tail = html.unescape(element.tail)
        for name, value in element.attrib.items():
            if "&" in value:
                element.set(name, html.unescape(value))


def _space_functions(root: Element) -> None:
    """A thin space between the name of a function and its argument, unless that stands in brackets: sin x, not sinx."""
    for parent in list(root.iter()):
        if parent.tag != "mrow":
            continue
        children = list(parent)
        for at in range(len(children) - 1, 0, -1):
            if _is_function(children[at - 1]) and not _opens(children[at]):
                parent.insert(at, Element("mspace", {"width": "0.167em"}))


def _is_function(element: Element) -> bool:
    """`sin`, and `sin²` as well."""
    if element.tag in {"msup", "msub", "msubsup"} and len(element):
        element = element[0]
    return element.tag == "mi" and _FUNCTION.fullmatch(element.text or "") is not None


def _opens(element: Element) -> bool:
    """Whether it is a bracket or an operator, which has spaces of its own."""
    first = element[0] if element.tag == "mrow" and len(element) else element
    return first.tag in {"mo", "mspace"}


# --- where formulas are -------------------------------------------------------------------------------------------


def looks_like_prose(content: str) -> bool:
    """Whether text between two dollar signs is prices or words rather than a formula."""
    if re.search(r"[\\^_=+*/<>{}|]", content):
        return False
    if re.match(r"[\d.,]+\s?\w*(?:\s|$)", content) and re.search(r"[A-Za-z]{2,}|\s", content):
        return True  # 5 and (10
    return len(re.findall(r"[A-Za-z]{3,}", content)) >= 2  # several words and no operator


def inline_maths(state: StateInline, silent: bool) -> bool:
    """`$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]` inside a paragraph."""
    source, pos = state.src, state.pos
    found: tuple[int, int, str] | None = None  # start of the content, its end, the opening mark
    if source[pos] == "$":
        found = _dollar(source, pos, state.posMax)
    elif source[pos] == "\\" and source[pos + 1 : pos + 2] in {"(", "["}:
        found = _bracket(source, pos, state.posMax)
    if found is None:
        return False
    start, end, mark = found
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = source[start:end]
        token.markup = mark
        token.meta = {"display": mark in _FENCES}
    state.pos = end + len(mark)
    return True


def _dollar(source: str, pos: int, stop: int) -> tuple[int, int, str] | None:
    if pos and (source[pos - 1].isalnum() or source[pos - 1] in "\\$"):
        return None  # US$5, the second half of $$
    if source.startswith("$$", pos):
        end = source.find("$$", pos + 2, min(stop, pos + MAX_FORMULA_CHARS))
        return (pos + 2, end, "$$") if end > pos + 2 and source[pos + 2 : end].strip() else None
    start = pos + 1
    end = _closing_dollar(source, start, min(stop, start + MAX_FORMULA_CHARS))
    # The first dollar sign decides: looking further would make a text full of prices quadratic, and wrong.
    if end <= start or source[start].isspace() or source[end - 1].isspace():
        return None
    if end + 1 < stop and (source[end + 1].isalnum() or source[end + 1] == "$"):
        return None
    return None if looks_like_prose(source[start:end]) else (start, end, "$")


def _closing_dollar(source: str, start: int, stop: int) -> int:
    end = source.find("$", start, stop)
    while end > start and source[end - 1] == "\\":
        end = source.find("$", end + 1, stop)
    return end


def _bracket(source: str, pos: int, stop: int) -> tuple[int, int, str] | None:
    mark = source[pos : pos + 2]
    closing = "\\)" if mark == "\\(" else "\\]"
    start = pos + 2
    end = source.find(closing, start, min(stop, start + MAX_FORMULA_CHARS))
    if end < 0 or looks_like_prose(source[start:end]) or not source[start:end].strip():
        return None
    if source[end + 2 : end + 3] == "(" and mark == "\\[":
        return None  # an escaped link, as in \[text\](url)
    return start, end, mark


def block_maths(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """`$$` or `\\[` at the start of a line up to the closing mark at the end of a line, blank lines included.

    When the text ends before the formula does and `env["partial"]` is set (an answer still being written), the rest of
    the text is the formula, marked `meta["open"]`.
    """
    pos = state.bMarks[start_line] + state.tShift[start_line]
    opening = state.src[pos : pos + 2]
    closing = _FENCES.get(opening)
    if closing is None or state.is_code_block(start_line):
        return False
    body_start = pos + 2
    for line in range(start_line, min(end_line, start_line + MAX_BLOCK_LINES)):
        if line > start_line and state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return False
        begin = body_start if line == start_line else state.bMarks[line]
        text = state.src[begin : state.eMarks[line]]
        at = text.find(closing)
        if at < 0:
            continue
        if text[at + 2 :].strip():
            return False  # more follows on the line: the inline rule's business
        first = state.src[body_start : state.eMarks[start_line]] if line > start_line else text[:at]
        return silent or _push_block(state, start_line, line + 1, first, text[:at] if line > start_line else "")
    is_partial = state.env.get("partial") and end_line - start_line <= MAX_BLOCK_LINES and end_line == state.lineMax
    if not is_partial or len(state.src) - pos > MAX_FORMULA_CHARS * 2:
        return False
    if not silent:
        _push_block(state, start_line, end_line, state.src[body_start : state.eMarks[start_line]], None)
    return True


def _push_block(state: StateBlock, start_line: int, next_line: int, first: str, last: str | None) -> bool:
    """Push the formula made of its first line, the lines between and its last line (None: not closed yet)."""
    until = next_line if last is None else next_line - 1
    middle = state.getLines(start_line + 1, until, state.blkIndent, False) if until > start_line + 1 else ""
    content = "\n".join(part for part in (first, middle, last) if part)
    if not content.strip() and last is not None:
        return False
    state.line = next_line
    token = state.push("math_block", "math", 0)
    token.block = True
    token.content = content
    token.markup = state.src[state.bMarks[start_line] + state.tShift[start_line] :][:2]
    token.map = [start_line, next_line]
    token.meta = {"display": True, "open": last is None}
    return True


# --- markup -------------------------------------------------------------------------------------------------------


def render_maths(renderer: RendererProtocol, tokens: Any, index: int, options: Any, env: Any) -> str:
    """One formula as MathML, or its source in `<code class="math-source">`."""
    token = tokens[index]
    display = token.meta["display"]
    env["maths_chars"] = env.get("maths_chars", 0) + len(token.content)
    is_whole = not token.meta.get("open") and env["maths_chars"] <= MAX_DOCUMENT_CHARS
    markup = to_mathml(token.content, display=display) if is_whole else None
    if markup is None:
        closing = {"\\(": "\\)", "\\[": "\\]"}.get(token.markup, token.markup)
        source = token.content if token.meta.get("open") else f"{token.markup}{token.content}{closing}"
        markup = f'<code class="math-source">{html.escape(source)}</code>'
    if token.type == "math_block":
        return f'<div class="math-block">{markup}</div>\n'
    return markup


def maths_plugin(md: MarkdownIt) -> None:
    """Teach a parser the four kinds of brackets."""
    md.block.ruler.before("fence", "math_block", block_maths, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.inline.ruler.before("escape", "math_inline", inline_maths)
    md.add_render_rule("math_inline", render_maths)
    md.add_render_rule("math_block", render_maths)
