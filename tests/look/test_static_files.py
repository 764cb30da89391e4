"""Without a build, lists are kept by hand: these keep them whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

STATIC = Path(settings.BASE_DIR) / "static"
MODULES = sorted(path.relative_to(STATIC / "js").as_posix() for path in (STATIC / "js").glob("*/*.js"))
STYLES = sorted(path.relative_to(STATIC / "css").as_posix() for path in (STATIC / "css").glob("**/*.css"))


def import_map() -> dict[str, str]:
    html = render_to_string("components/_import_map.html", {"CSP_NONCE": "n"})
    found = re.search(r'<script type="importmap" nonce="n">(.*)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])["imports"]


def test_the_import_map_names_every_module_and_nothing_else():
    assert sorted(import_map()) == MODULES


@pytest.mark.parametrize("module", ["app.js", *MODULES])
def test_a_module_imports_only_what_the_import_map_names(module):
    source = (STATIC / "js" / module).read_text()
    imported = re.findall(r'^import (?:.* from )?"([^"]+)";$', source, re.MULTILINE)
    assert set(imported) <= set(import_map())


def test_every_element_is_imported_by_app_js():
    source = (STATIC / "js" / "app.js").read_text()
    assert [module for module in MODULES if module.startswith("elements/") and f'"{module}"' not in source] == []


def test_every_style_sheet_is_imported_by_app_css():
    source = (STATIC / "css" / "app.css").read_text()
    assert sorted(re.findall(r'url\("([^"]+)"\)', source)) == [
        style for style in STYLES if style != "app.css" and not style.startswith("admin")
    ]


@pytest.mark.parametrize("template", sorted((Path(settings.BASE_DIR) / "templates").glob("**/*.html")), ids=str)
def test_no_template_needs_what_the_content_security_policy_forbids(template):
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", template.read_text(), flags=re.DOTALL)
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|<script(?![^>]*(?:src=|nonce=))", text) == []
