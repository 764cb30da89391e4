"""What the documents promise, and the code they speak of, name the same things."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
READERS = {"text", "first_text", "secret", "integer", "seconds", "boolean", "choice", "names", "places", "redis_url"}


def variables_read() -> set[str]:
    """Every variable that the code reads through playground.lib.env."""
    found = set()
    for path in (ROOT / "playground").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "env"):
                continue
            names = node.args if node.func.attr == "first_text" else node.args[:1]
            found |= {name.value for name in names if isinstance(name, ast.Constant)}
    return found


def sections() -> dict[str, str]:
    """Heading and text of every variable in docs/configuration.md."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([A-Z_]+)\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL))


def test_every_variable_is_documented_and_no_other():
    assert len(variables_read()) > 20
    assert set(sections()) == variables_read()


@pytest.mark.parametrize("name", sorted(sections()))
def test_every_variable_has_a_default_and_an_example(name):
    text = sections()[name]
    assert f"Example: `{name}" in text
    assert "Default: " in text or "Alias of " in text


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/configuration.md",
        "docs/operations.md",
        "docs/presets.md",
        "docs/presets-file.md",
    ],
)
def test_links_between_documents_lead_somewhere(name):
    path = ROOT / name
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_command_that_the_documents_name_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"(?<=`|\n)make ([a-z-]+)", (ROOT / name).read_text(encoding="utf-8")))
        assert named <= targets
