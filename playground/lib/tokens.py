"""How many tokens a text costs, before it is sent.

With the tokenizer `o200k_base` the count is exact; without one it is an estimate and says so. Counting is linear (at
worst about 0.3 us a character) and gives other threads, the event loop's among them, a turn every few ms. Formulas: reference "chat-completions.md", section 4,
which follows openai-cookbook, `How_to_count_tokens_with_tiktoken.ipynb`.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from typing import NamedTuple, Protocol

# Longer texts are counted up to here and the rest in proportion: one count never takes much more than a second.
EXACT_CHARS = 4_000_000
# The tokenizer keeps the interpreter's lock while it counts, so it gets pieces of a few ms. A piece ends where the
# tokenizer would split anyway: before a single space or mark between two letters, or after a line before a letter.
PIECE_CHARS = 8_192
SEAM = re.compile(r"(?<=[^\W\d_])(?=[ 、。,][^\W\d_])|(?<=\n)(?=[^\W\d_])")
SEAM_SEARCH_CHARS = 8_192  # without a seam this far the piece is cut anyway, and the count may be a token too high
# What the chat format adds to each message, and once to prime the reply.
TOKENS_PER_MESSAGE = 3
TOKENS_PER_NAME = 1
TOKENS_OF_REPLY = 3
UTF8_BYTES_PER_TOKEN = 4  # Latin text, by rule of thumb
# Scripts without spaces, where a character is about a token: kana, Han, Hangul and their full-width forms.
DENSE = re.compile("[\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class TokenCount:
    """A number of tokens; `is_approximate` when it is an estimate."""

    tokens: int
    is_approximate: bool = False

    def __add__(self, other: TokenCount) -> TokenCount:
        return TokenCount(self.tokens + other.tokens, self.is_approximate or other.is_approximate)


class ChatText(NamedTuple):
    """One message as the count sees it."""

    role: str
    text: str
    name: str = ""


class Tokenizer(Protocol):
    def count(self, text: str) -> int: ...


def text_tokens(text: str, tokenizer: str = "") -> TokenCount:
    """The tokens of `text` alone, by the tokenizer of that name (`Model.tokenizer`); an estimate when we lack it."""
    counter = _tokenizer(tokenizer)
    if counter is None:
        return TokenCount(_estimate(text), is_approximate=True)
    total = TokenCount(0)
    for piece, is_seam in _pieces(text[:EXACT_CHARS]):
        total += TokenCount(counter.count(_without_surrogates(piece)), is_approximate=not is_seam)
    if len(text) <= EXACT_CHARS:
        return total
    return TokenCount(-(-total.tokens * len(text) // EXACT_CHARS), is_approximate=True)


def chat_tokens(messages: Iterable[ChatText], tokenizer: str = "") -> TokenCount:
    """The tokens of a whole prompt, with what the chat format adds. Images are counted apart (`image_tokens`)."""
    total = TokenCount(TOKENS_OF_REPLY)
    for message in messages:
        total += TokenCount(TOKENS_PER_MESSAGE)
        total += text_tokens(message.role, tokenizer) + text_tokens(message.text, tokenizer)
        if message.name:
            total += text_tokens(message.name, tokenizer) + TokenCount(TOKENS_PER_NAME)
    return total


@functools.cache
def _tokenizer(name: str) -> Tokenizer | None:
    """The tables of `name`, read once, at the first count (0.2 s and 67 MB). None when we do not have them.

    Straight from the extension of `bpe-openai`: importing the package itself also reads every vocabulary into Python
    dictionaries (twice the memory, a deprecated call), and its wrapper refuses texts above a million characters.
    """
    package = importlib.util.find_spec("bpe_openai") if name == "o200k_base" else None
    spec = PathFinder.find_spec("bpe_openai._bindings", package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        return None
    bindings = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bindings)
    tables: Tokenizer = bindings.tokenizer_for_encoding(name)
    return tables


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """`text` in pieces, each with whether it ends where a token ends."""
    start = 0
    while len(text) - start > PIECE_CHARS + SEAM_SEARCH_CHARS:
        limit = start + PIECE_CHARS
        seam = SEAM.search(text, limit, limit + SEAM_SEARCH_CHARS)
        end = seam.start() if seam else limit
        yield text[start:end], seam is not None
        start = end
    yield text[start:], True


def _estimate(text: str) -> int:
    spaced = DENSE.sub("", text)
    return len(text) - len(spaced) - (-len(spaced.encode(errors="replace")) // UTF8_BYTES_PER_TOKEN)


def _without_surrogates(text: str) -> str:
    """Half characters, which JSON can carry and UTF-8 cannot, count as the replacement character."""
    return text.encode(errors="surrogatepass").decode(errors="replace") if _has_surrogates(text) else text


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
