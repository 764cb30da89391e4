"""No template holds words that do not go through gettext, and no script holds words at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").glob("**/*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("**/*.js"))
# Said by gettext, or not said to anybody.
NOT_SHOWN = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|{% blocktranslate\b.*?{% endblocktranslate %}|<script.*?</script>"
    r"|{% block body_class %}.*?{% endblock %}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
SPOKEN = re.compile(r'\s(?:aria-label|aria-description|title|placeholder|alt|label)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Playground", "https"}  # the product's own, and how an address begins
# Where a script would say something: these take what the page has.
SAYING = re.compile(
    r'(?:notify|say|alert|confirm)\(\s*["`]|(?:textContent|ariaLabel|innerText|placeholder|\.title|\.alt) = ["`](?!["`$⌘])'
)


def words_of(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if word not in NAMES]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_all_words_of_a_template_go_through_gettext(template: Path):
    text = NOT_SHOWN.sub(" ", template.read_text())
    assert [word for spoken in SPOKEN.findall(text) for word in words_of(spoken)] == []
    assert words_of(re.sub(r"<[^>]*>|&\w+;", " ", text)) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_script_says_words_of_its_own(script: Path):
    assert SAYING.findall(script.read_text()) == []
