"""Our own sentences about failures can be translated."""

from __future__ import annotations

import ast
from pathlib import Path

from django.conf import settings

from playground.runs import advice
from playground.runs.wording import SENTENCES, sentence

UPSTREAM = Path(settings.BASE_DIR) / "playground" / "upstream"


def sentences_in(path: Path) -> set[str]:
    """Whole sentences among the constants, without docstrings."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and id(node) not in docs
        and isinstance(node.value, str)
        and node.value[:1].isupper()
        and node.value.endswith(".")
        and " " in node.value
    }


def test_what_the_upstream_client_says_is_marked_for_translation():
    said = set().union(*(sentences_in(path) for path in UPSTREAM.glob("*.py")))
    assert "No connection to the server." in said
    assert said - set(SENTENCES) == set()


def test_what_the_engine_says_is_marked_for_translation():
    assert advice.error_payload(RuntimeError())["message"] in SENTENCES


def test_what_a_server_said_stays_as_it_is():
    assert sentence("") == ""
    assert sentence("Ungültige Anfrage") == "Ungültige Anfrage"
