"""Markdown as safe HTML: the only module that may mark HTML safe.

Escape, sanitise, insert, in that order: the parser never passes HTML through, a strict sanitiser of our own lists goes
over what it renders, and only then the boxes of code blocks (whose insides were sanitised too) are put in.
Model output is hostile text (see docs/architecture.md); nothing here fetches anything.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator
from html import escape

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from playground.lib.markdown_code import PYGMENTS_CLASSES, box, show_hidden
from playground.lib.markdown_parser import Budget, Env, TooExpensive, block_words, parse_blocks, render_block

# Goes up whenever the same text gives other HTML: stored HTML of an older version is made anew.
RENDERER_VERSION: int = 3

MAX_SOURCE_CHARS = 1_000_000  # longer texts are shown as they are; a second of CPU
MAX_HTML_CHARS = 5_000_000
_MAX_GROWTH = 20  # characters of HTML for each one of Markdown …
_CODE_PIECE_CHARS = 16_384  # sanitised at once: about a millisecond
_FREE_GROWTH = 16_384  # … beyond this many, so that a few short formulas or boxes are no reason to give up

_MATHML = {
    "math": {"display"},
    "mrow": set(),
    "mi": {"mathvariant"},
    "mn": {"mathvariant"},
    "mo": {
        "stretchy",
        "fence",
        "form",
        "separator",
        "largeop",
        "movablelimits",
        "minsize",
        "maxsize",
        "lspace",
        "rspace",
    },
    "mtext": {"mathvariant"},
    "mspace": {"width", "height", "depth"},
    "mfrac": {"linethickness"},
    "msqrt": set(),
    "mroot": set(),
    "msub": set(),
    "msup": set(),
    "msubsup": set(),
    "munder": {"accentunder"},
    "mover": {"accent"},
    "munderover": set(),
    "mmultiscripts": set(),
    "mprescripts": set(),
    "mtable": {"columnalign", "columnlines", "rowlines", "frame", "rowspacing", "columnspacing", "displaystyle"},
    "mtr": set(),
    "mtd": {"columnalign", "columnspan"},
    "mstyle": {"displaystyle", "scriptlevel", "mathcolor", "mathvariant"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mphantom": set(),
    "menclose": {"notation"},
}
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "blockquote", "ul", "ol", "li", "a", "span", "bdi", "input"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "div"),
    *_MATHML,
}
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "data-host", "rel"},
    "bdi": {"data-char"},
    "div": {"aria-label"},
    "input": {"aria-label", "disabled", "checked"},
    "ol": {"start"},
    **_MATHML,
}
_CLASSES: dict[str, set[str]] = {
    "a": {"image-link"},
    "bdi": {"hidden-char"},
    "code": {"math-source"},
    "div": {"table-box", "math-block"},
    "input": {"task__box"},
    "li": {"task"},
    "span": {"no-link", "image-link", "image-link__host"},
    "td": {"align-left", "align-center", "align-right"},
    "th": {"align-left", "align-center", "align-right"},
}
_prose_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    tag_attribute_values={
        "a": {"target": {"_blank"}},
        "div": {"role": {"group"}, "tabindex": {"0"}},
        "input": {"type": {"checkbox"}},
    },
    set_tag_attribute_values={"input": {"disabled": "", "type": "checkbox"}},
    link_rel=None,  # the parser sets it on every link it makes
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)
_code_cleaner = nh3.Cleaner(
    tags={"span", "bdi"},
    attributes={"bdi": {"data-char"}},
    allowed_classes={"span": set(PYGMENTS_CLASSES), "bdi": {"hidden-char"}},
)


_SLOT = re.compile(r"slot-([0-9a-f]{32})-(\d+)\.\n?")


class _Slots:
    """Code blocks taken out of the text while it is sanitised. Their place is held by a word nobody can guess."""

    def __init__(self) -> None:
        self._word = secrets.token_hex(16)
        self._boxes: list[tuple[str, str]] = []

    def add(self, language: str, code: str) -> str:
        self._boxes.append((language, code))
        return f"slot-{self._word}-{len(self._boxes) - 1}.\n"

    def fill(self, markup: str) -> str:
        return _SLOT.sub(self._box, markup) if self._boxes else markup

    def _box(self, found: re.Match[str]) -> str:
        if found[1] != self._word:
            return found[0]  # the text's own
        language, code = self._boxes[int(found[2])]
        return box(language, _code_cleaner.clean(code))


def render(text: str) -> SafeString:
    """Sanitised HTML of a Markdown text; the text itself in a `<pre>` when it is too long or costs too much.

    Costs about 5 ms of CPU for 1,000 tokens, at most two seconds for 100 kB: not for the event loop.
    """
    return mark_safe("".join(render_blocks(text)))  # noqa: S308 - joined from safe parts


def from_store(html: str) -> SafeString:
    """HTML that `render` made earlier and a row of ours kept. Never for anything that came from outside."""
    return mark_safe(html)  # noqa: S308 - made by `render`


def render_blocks(text: str) -> list[SafeString]:
    """The same as `render`, as a list of top-level blocks. Blocks without output (link definitions) are left out."""
    source = normalise(text)
    if len(source) > MAX_SOURCE_CHARS:
        return [as_plain(source)]
    env: Env = {"budget": Budget(len(source))}
    try:
        blocks = [render_tokens(tokens, env) for tokens in parse_blocks(source, env)]
        check_size(len(source), sum(map(len, blocks)))
    except (TooExpensive, RecursionError):
        return [as_plain(source)]
    return [block for block in blocks if block]


def render_tokens(tokens: list, env: Env) -> SafeString:  # type: ignore[type-arg]
    """Sanitised HTML of one block of `parse_blocks`."""
    env["slots"] = slots = _Slots()
    markup = render_block(tokens, env)
    if len(markup) > MAX_HTML_CHARS:
        raise TooExpensive
    return mark_safe(slots.fill(_prose_cleaner.clean(markup)))  # noqa: S308 - sanitised in this line


def code_box(language: str) -> SafeString:
    """The empty box of a code block that is still being written: its text goes into the `<code>`."""
    return mark_safe(box(language, ""))  # noqa: S308 - the language is one of language_of


def code_steps(language: str, code: str) -> Generator[None, None, SafeString]:
    """A code block without colours, as it is while it is too long for them; with a pause after each piece."""
    pieces = []
    for start in range(0, len(code), _CODE_PIECE_CHARS):
        pieces.append(_code_cleaner.clean(show_hidden(escape(code[start : start + _CODE_PIECE_CHARS]))))
        yield
    return mark_safe(box(language, "".join(pieces)))  # noqa: S308 - sanitised above, the language is one of language_of


def raw_box(text: str) -> SafeString:
    """The text as it is, escaped: for what cannot be formatted yet."""
    return mark_safe(f'<div class="plain"><pre>{escape(text, quote=False)}</pre></div>\n')  # noqa: S308 - escaped


def check_size(source_chars: int, html_chars: int) -> None:
    """Raise TooExpensive when HTML is out of proportion to what it was made from."""
    if html_chars > min(MAX_HTML_CHARS, source_chars * _MAX_GROWTH + _FREE_GROWTH):
        raise TooExpensive


def as_plain(text: str) -> SafeString:
    """The text as it is, escaped, with a note that it is shown that way."""
    note = escape(gettext("Shown as plain text: too long or too complex to format."))
    markup = f'<div class="plain"><p class="plain__note">{note}</p><pre>{escape(text, quote=False)}</pre></div>\n'
    return mark_safe(markup)  # noqa: S308 - escaped above


def normalise(text: str) -> str:
    """One kind of line end, no NUL, no half of a surrogate pair (which no encoder would take)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def plain_text(text: str) -> str:
    """The words of a Markdown text on one line, without marks: for titles and search snippets. Not HTML: escape it."""
    source = normalise(text)[:MAX_SOURCE_CHARS]
    try:
        env: Env = {}
        words = " ".join(block_words(tokens, env) for tokens in parse_blocks(source, env))
    except (TooExpensive, RecursionError):
        words = source
    return " ".join(words.split())
