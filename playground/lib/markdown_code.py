"""Code blocks: highlighting by CSS classes, and the box around them. Text in, escaped markup out; nothing is marked safe."""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import lru_cache
from html import escape

from django.utils.translation import gettext
from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

MAX_HIGHLIGHT_CHARS = (
    100_000  # longer code is shown without colours; highlighting costs about 1 ms per 1,000 characters
)
MAX_LABEL_CHARS = 40
_STEP_TOKENS = 256  # about a millisecond of highlighting

# What would colour nothing gets no element: names, punctuation and white space are most of a text.
_PLAIN_CLASSES = {"", "n", "p", "w", "nx", "x", "esc"}
PYGMENTS_CLASSES = frozenset(STANDARD_TYPES.values()) - _PLAIN_CLASSES
# Names that models write and Pygments does not know.
_OTHER_NAMES = {
    "shell": "bash",
    "jsonc": "json",
    "plaintext": "text",
    "vue": "html",
    "svelte": "html",
    "mdx": "markdown",
}

# Characters that change how code reads without being seen: bidirectional controls, zero-width ones, soft hyphen.
_HIDDEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def language_of(info: str) -> str:
    """The language named first in a fence's info string, lower case and safe in a class name; "" when none is named."""
    word = info.strip().split(maxsplit=1)[0] if info.strip() else ""
    word = word.strip("{}.").lower()[:MAX_LABEL_CHARS]
    return word if re.fullmatch(r"[a-z0-9][a-z0-9_+#.-]*", word) else ""


def highlight(code: str, language: str, *, limit: int = MAX_HIGHLIGHT_CHARS) -> str:
    """Escaped code, with `<span class=…>` round what has a colour. The language is never guessed."""
    steps = steps_of(code, language, limit=limit)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


def steps_of(code: str, language: str, *, limit: int) -> Generator[None, None, str]:
    """The same as `highlight`, with a pause after each millisecond or so."""
    lexer = _lexer(language) if language and len(code) <= limit else None
    if lexer is None:
        return show_hidden(escape(code))
    pieces: list[str] = []
    current, words = "", [""]
    for count, (kind, value) in enumerate(lexer.get_tokens(code), 1):
        if not count % _STEP_TOKENS:
            yield
        name = _class_of(kind)
        if name == current:
            words.append(value)
            continue
        pieces.append(_span(current, "".join(words)))
        current, words = name, [value]
    pieces.append(_span(current, "".join(words)))
    return show_hidden("".join(pieces))


def _span(name: str, text: str) -> str:
    if not text:
        return ""
    return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)


@lru_cache(maxsize=256)
def _class_of(kind: _TokenType) -> str:
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    name = STANDARD_TYPES.get(kind, "")
    return name if name in PYGMENTS_CLASSES else ""


@lru_cache(maxsize=1)
def _known_names() -> frozenset[str]:
    return frozenset(alias.lower() for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


@lru_cache(maxsize=128)
def _lexer(language: str) -> Lexer | None:
    name = _OTHER_NAMES.get(language, language)
    if name not in _known_names():  # asking Pygments for a stranger searches the installed packages each time
        return None
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def show_hidden(markup: str) -> str:
    """Each hidden character alone in a `<bdi>`: it reorders nothing, is shown by CSS, and is still there to be copied."""
    if markup.isascii():
        return markup
    return _HIDDEN.sub(lambda found: _mark(found.group()), markup)


def _mark(character: str) -> str:
    return f'<bdi class="hidden-char" data-char="U+{ord(character):04X}">{character}</bdi>'


def box(language: str, inner: str) -> str:
    """The box of a code block round its (sanitised) content. `inner` may be empty: text is appended to the `<code>`."""
    name = f' class="language-{language}"' if language else ""
    label = language or gettext("text")
    return (
        f'<code-box class="code-box" data-language="{language}"><figure class="code-box__figure">'
        f'<figcaption class="code-box__bar"><span class="code-box__language">{label}</span>'
        f'<button type="button" class="code-box__copy" data-done="{escape(gettext("Copied"))}">'
        f"{escape(gettext('Copy'))}</button></figcaption>"
        f'<pre class="code-box__pre" tabindex="0"><code{name}>{inner}</code></pre></figure></code-box>\n'
    )
