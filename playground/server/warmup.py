"""What the first visitor would otherwise wait for, loaded while nobody does."""

from __future__ import annotations

import gc
import logging
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver

from playground.lib.markdown import render

log = logging.getLogger(__name__)

# Pygments imports each language when it is first asked for one, which in a live answer is on the event loop.
LANGUAGES = (
    "python",
    "javascript",
    "typescript",
    "bash",
    "json",
    "html",
    "css",
    "sql",
    "yaml",
    "c",
    "go",
    "rust",
    "java",
)


def warm_up() -> None:
    """Load addresses, templates and highlighters. About a second of CPU: call it in a thread. Never raises."""
    try:
        get_resolver().url_patterns  # noqa: B018 - imports all views
        folder = Path(settings.BASE_DIR) / "templates"
        for path in folder.rglob("*.html"):
            get_template(str(path.relative_to(folder)))
        render("\n\n".join([*(f"```{name}\nx = 1\n```" for name in LANGUAGES), "| a |\n|---|\n| $x^2$ |"]))
    except Exception:
        log.warning("The server could not warm up; the first pages will be slower", exc_info=True)
    # What is here now stays: the collector need not walk through it again and again while answers stream.
    gc.collect()
    gc.freeze()
