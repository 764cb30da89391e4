"""Markup of what `markdown_parser.py` has parsed: a rule for each kind of token that markdown-it would write otherwise.

Everything is escaped here, nothing is marked safe: the sanitiser of `markdown.py` comes after.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token

from playground.lib.markdown_code import MAX_HIGHLIGHT_CHARS, highlight, language_of, show_hidden

Env = dict[str, Any]

# Left to right and back: overrides and embeddings reverse what stands next to them and have no place in prose.
_OVERRIDES = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")


def prose(text: str) -> str:
    """Escaped text in which bidirectional controls cannot reach beyond themselves."""
    markup = escape(text, quote=False)
    if markup.isascii():
        return markup
    markup = _OVERRIDES.sub(lambda found: show_hidden(found.group()), markup)
    return f"<bdi>{markup}</bdi>" if _ISOLATES.search(markup) else markup


def host_of(href: str) -> str:
    """The host a browser would go to, "" when the link is none that may be followed (http, https, mailto)."""
    if re.match(r"mailto:[^\s?]+", href, re.IGNORECASE):
        return href[7:].partition("?")[0]
    if not re.match(r"https?://[^/?#]", href, re.IGNORECASE):
        return ""
    try:
        return urlsplit(href).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _link_attributes(href: str, host: str) -> str:
    target = "" if href[:7].lower() == "mailto:" else ' target="_blank"'
    shown = escape(host)
    return f'href="{escape(href)}"{target} rel="noopener noreferrer nofollow" title="{shown}" data-host="{shown}"'


def _render_link_open(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    href = str(tokens[index].attrs.get("href", ""))
    host = host_of(href)
    env.setdefault("link_tags", []).append("a" if host else "span")
    if not host:  # a relative or forbidden address: its text stays, there is nowhere to go
        return '<span class="no-link">'
    return f"<a {_link_attributes(href, host)}>"


def _render_link_close(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    return f"</{env['link_tags'].pop()}>"


def _render_image(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    """Never an `<img>`: fetching it would tell a stranger what was said. A link that shows where it leads."""
    token = tokens[index]
    href = str(token.attrs.get("src", ""))
    host = host_of(href)
    words = prose(renderer.renderInlineAsText(token.children or [], options, env)) or escape(gettext("image"))  # type: ignore[attr-defined]
    if not host or href[:7].lower() == "mailto:":
        return f'<span class="image-link">{words}</span>'
    inner = f'{words} <span class="image-link__host">{escape(host)}</span>'
    if token.meta.get("in_link"):
        return f'<span class="image-link">{inner}</span>'
    return f'<a class="image-link" {_link_attributes(href, host)}>{inner}</a>'


def _render_text(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    return prose(tokens[index].content)


def _render_code(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    return f"<code>{show_hidden(escape(tokens[index].content, quote=False))}</code>"


def _render_fence(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    """A slot: the box with its button goes round the code after the sanitiser has seen everything."""
    token = tokens[index]
    language = language_of(token.info)
    code = token.meta.get("highlighted")
    if code is None:
        code = highlight(token.content, language, limit=env.get("highlight_limit", MAX_HIGHLIGHT_CHARS))
    return str(env["slots"].add(language, code))


def _render_task_box(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    is_done = tokens[index].meta["is_done"]
    name = gettext("Done") if is_done else gettext("To do")
    return f'<input type="checkbox" class="task__box" aria-label="{escape(name)}" disabled{" checked" * is_done}> '


def _render_table_open(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    return f'<div class="table-box" role="group" aria-label="{escape(gettext("Table"))}" tabindex="0"><table>\n'


def _render_table_close(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    return "</table></div>\n"


def _render_cell_open(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    token = tokens[index]
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="align-{side}">' if side in {"left", "center", "right"} else f"<{token.tag}>"


def _nothing(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    return ""


RULES: dict[str, Callable[..., str]] = {
    "link_open": _render_link_open,
    "link_close": _render_link_close,
    "image": _render_image,
    "text": _render_text,
    "code_inline": _render_code,
    "fence": _render_fence,
    "code_block": _render_fence,
    "task_box": _render_task_box,
    "table_open": _render_table_open,
    "table_close": _render_table_close,
    "th_open": _render_cell_open,
    "td_open": _render_cell_open,
    "definition": _nothing,
}
