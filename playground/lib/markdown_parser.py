"""The parser behind `markdown.py`: GitHub-flavoured Markdown without HTML, split into top-level blocks.

Knows nothing of safety beyond escaping: what it renders still goes through the sanitiser of `markdown.py`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkLabel, parseLinkTitle
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from playground.lib.markdown_code import MAX_HIGHLIGHT_CHARS, language_of, steps_of
from playground.lib.markdown_markup import RULES
from playground.lib.maths import maths_plugin

MAX_NESTING = 20  # of quotes, lists and inline marks
CPU_SECONDS = 1.2  # of this thread for 100,000 characters; ordinary text needs a tenth of it
_EXPANSION = 20  # link targets may grow the text by this factor, and no more
_EXPANSION_FREE = 20_000  # characters

Env = dict[str, Any]
Blocks = list[list[Token]]


class TooExpensive(Exception):
    """The text would cost more time or space than any honest one."""


class Budget:
    """What one text may cost. Kept in `env["budget"]`; every rule that can be made slow on purpose asks it."""

    def __init__(self, source_chars: int, seconds: float = CPU_SECONDS) -> None:
        """`seconds` of this thread's CPU from now on; more in proportion for a text beyond 100,000 characters."""
        self.deadline = time.thread_time() + seconds * max(1.0, source_chars / 100_000)
        self.target_chars = _EXPANSION_FREE + _EXPANSION * source_chars

    def check_time(self) -> None:
        if time.thread_time() > self.deadline:
            raise TooExpensive

    def spend_target(self, chars: int) -> None:
        """A reference used a thousand times is a thousand copies of its target in the HTML."""
        self.target_chars -= chars
        if self.target_chars < 0:
            raise TooExpensive


def parse_blocks(source: str, env: Env) -> Blocks:
    """The top-level blocks of a text, each with its tokens, inline content still unparsed. Adds to env's references."""
    env.setdefault("references", {})
    if "budget" not in env:
        env["budget"] = Budget(len(source))
    state = StateCore(source, PARSER, env)
    PARSER.block.parse(state.src, PARSER, env, state.tokens)
    blocks: list[list[Token]] = [[]]
    for token in state.tokens:
        blocks[-1].append(token)
        if token.level == 0 and token.nesting <= 0:
            blocks.append([])
    blocks.pop()
    return blocks


def render_block(tokens: list[Token], env: Env) -> str:
    """Unsanitised HTML of one block of `parse_blocks`; code boxes are slots, kept in `env["slots"]`."""
    _apply_inline_rules(tokens, env)
    return str(PARSER.renderer.render(tokens, PARSER.options, env))


def highlight_steps(tokens: list[Token], env: Env) -> Iterator[None]:
    """Do the dearest part of `render_block` beforehand, in steps of a millisecond or so."""
    for token in tokens:
        if token.type == "fence":
            limit = env.get("highlight_limit", MAX_HIGHLIGHT_CHARS)
            token.meta["highlighted"] = yield from steps_of(token.content, language_of(token.info), limit=limit)


def block_words(tokens: list[Token], env: Env) -> str:
    """The words of one block of `parse_blocks` without any marks."""
    _apply_inline_rules(tokens, env)
    return " ".join(_words(token) for token in tokens)


def _words(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.children:
        return "".join(_words(child) for child in token.children)
    return "" if token.type == "inline" else token.content


def _apply_inline_rules(tokens: list[Token], env: Env) -> None:
    state = StateCore("", PARSER, env)
    state.tokens = tokens
    for rule in _INLINE_RULES:
        rule(state)


# --- limits -------------------------------------------------------------------------------------------------------


def _block_budget(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """markdown-it leaves out what is nested deeper than its limit; here the whole text is shown as it is instead."""
    if state.level > MAX_NESTING:
        raise TooExpensive
    state.env["budget"].check_time()
    return False


def _inline_budget(state: StateInline, silent: bool) -> bool:
    if not state.pos & 63:
        state.env["budget"].check_time()
    return False


def _bounded_link_label(state: StateInline, start: int, disable_nested: bool = False) -> int:
    state.env["budget"].check_time()
    return parseLinkLabel(state, start, disable_nested)


# --- after parsing ------------------------------------------------------------------------------------------------


def _parse_inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            PARSER.inline.parse(token.content, PARSER, state.env, token.children if token.children is not None else [])


def _join_text(state: StateCore) -> None:
    for token in state.tokens:
        children = token.children
        if token.type != "inline" or not children:
            continue
        joined: list[Token] = []
        for child in children:
            if child.type == "text_special":
                child.type = "text"
            if child.type == "text" and joined and joined[-1].type == "text":
                joined[-1].meta.setdefault("parts", [joined[-1].content]).append(child.content)
            else:
                joined.append(child)
        for child in joined:
            if "parts" in child.meta:
                child.content = "".join(child.meta.pop("parts"))
        token.children = joined


_BARE_URL = re.compile(r"(?<![\w/@.-])(?:https?://|www\.(?=[\w-]))[^\s<>\"`\\^{|}]+", re.IGNORECASE)
_TRAILING = "?!.,:;*_~'\"’”"


def _link_urls(state: StateCore) -> None:
    """Bare URLs become links, unless they already stand in one. Also marks images that stand in a link."""
    for token in state.tokens:
        if token.type != "inline" or not token.children:
            continue
        children: list[Token] = []
        depth = 0
        for child in token.children:
            depth += child.nesting if child.type in {"link_open", "link_close"} else 0
            if child.type == "link_open":
                state.env["budget"].spend_target(len(str(child.attrs.get("href", ""))))
            elif child.type == "image":
                state.env["budget"].spend_target(len(str(child.attrs.get("src", ""))))
                child.meta["in_link"] = depth > 0
            if child.type == "text" and not depth and ("://" in child.content or "www." in child.content.lower()):
                children.extend(_split_urls(child))
            else:
                children.append(child)
        token.children = children


def _split_urls(token: Token) -> list[Token]:
    pieces: list[Token] = []
    last = 0
    for found in _BARE_URL.finditer(token.content):
        url = _without_trailing(found.group())
        if not re.match(r"(?:https?://|www\.)[^\W_]", url, re.IGNORECASE):
            continue
        href = PARSER.normalizeLink(url if "://" in url[:8] else f"http://{url}")
        pieces.append(_text(token.content[last : found.start()], token.level))
        pieces.append(Token("link_open", "a", 1, attrs={"href": href}, level=token.level))
        pieces.append(_text(url, token.level + 1))
        pieces.append(Token("link_close", "a", -1, level=token.level))
        last = found.start() + len(url)
    pieces.append(_text(token.content[last:], token.level))
    return [piece for piece in pieces if piece.type != "text" or piece.content]


def _without_trailing(url: str) -> str:
    """Punctuation after a URL belongs to the sentence, and so does a bracket that was opened before it."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while end and (url[end - 1] in _TRAILING or (url[end - 1] == ")" and surplus > 0)):
        surplus -= url[end - 1] == ")"
        end -= 1
    return url[:end]


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)


def _task_lists(state: StateCore) -> None:
    """`- [ ]` and `- [x]` at the start of a list item become a box that cannot be ticked."""
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type != "inline" or index < 2 or tokens[index - 2].type != "list_item_open" or not token.children:
            continue
        first = token.children[0]
        if first.type != "text" or not re.match(r"\[[ xX]\](?:\s|$)", token.content):
            continue
        first.content = first.content[3:].lstrip()
        tokens[index - 2].attrSet("class", "task")
        box = Token("task_box", "input", 0, meta={"is_done": token.content[1] != " "})
        token.children.insert(0, box)


_INLINE_RULES = (_parse_inline, _join_text, _link_urls, _task_lists)


def _make_parser() -> MarkdownIt:
    # A list goes two levels deeper: its content must still come to the rules, which look at the depth.
    options = {"html": False, "maxNesting": MAX_NESTING + 3, "inline_definitions": True, "xhtmlOut": False}
    md = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    md.disable(["html_inline", "html_block"])
    md.use(maths_plugin)
    every_chain: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "budget", _block_budget, every_chain)
    md.inline.ruler.before("link", "budget", _inline_budget)
    md.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=_bounded_link_label, parseLinkDestination=parseLinkDestination, parseLinkTitle=parseLinkTitle
    )
    # Every link is parsed as one; whether it may be followed is decided when it is rendered, and then by the sanitiser.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    for name, rule in RULES.items():
        md.add_render_rule(name, rule)
    return md


PARSER = _make_parser()
