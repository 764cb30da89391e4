"""The Markdown of a snapshot as HTML, kept with it: visitors may be many, and none of them makes the server render twice."""

from __future__ import annotations

from playground.chat.showing import SHOWN_CHARACTERS
from playground.lib.markdown import RENDERER_VERSION, render
from playground.shares.models import Share


def render_anew(share: Share) -> None:
    """Render and keep what an older renderer made; does nothing when it is of this one."""
    if share.html_version == RENDERER_VERSION:
        return
    share.html = [render(text[:SHOWN_CHARACTERS]) for text in share.snapshot["texts"]]
    share.html_version = RENDERER_VERSION
    same = Share.objects.filter(pk=share.pk, updated_at=share.updated_at)
    same.update(html=share.html, html_version=share.html_version)
