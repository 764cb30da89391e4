"""Our own sentences about failures: kept in English, read in any language, with its own way of writing numbers."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from playground.catalog.upstream_wording import say
from playground.lib.sentences import Sentence
from playground.runs import advice
from playground.runs.circuit import Circuits, ProviderDown
from playground.runs.plan import Unsendable
from playground.runs.wording import SENTENCES, sentence
from playground.upstream.errors import ConnectFailed, FirstTokenTimeout
from tests.translations import write_catalogue

PLAYGROUND = Path(settings.BASE_DIR) / "playground"


def trees(*apps: str) -> Iterator[ast.AST]:
    for app in apps:
        for path in (PLAYGROUND / app).glob("*.py"):
            yield ast.parse(path.read_text())


def texts_in(tree: ast.AST) -> set[str]:
    """The constants that are texts, without docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
    return {node.value for node in constants if isinstance(node.value, str)}


def is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and " " in text


def starts_of_f_strings(tree: ast.AST) -> set[str]:
    """How sentences begin that are put together on the spot, and so could not be translated."""
    starts = (node.values[0] for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and node.values)
    texts = (start.value for start in starts if isinstance(start, ast.Constant) and isinstance(start.value, str))
    return {text for text in texts if text[:1].isupper() and " " in text.strip()}


def test_what_the_upstream_client_says_is_marked_for_translation():
    said = {text for tree in trees("upstream") for text in texts_in(tree) if is_sentence(text) or "%(" in text}
    assert {"No connection to the server.", "No answer within %(seconds)s s."} <= said
    assert said - set(SENTENCES) == set()


def test_what_runs_and_the_built_in_model_say_with_figures_is_marked_for_translation():
    said = {text for tree in trees("runs", "embedded") for text in texts_in(tree) if "%(" in text}
    assert "%(provider)s needs an API key. An admin can enter it on the model's page." in said
    assert said - set(SENTENCES) == set()


def test_no_failure_is_put_together_where_it_happens():
    assert set().union(*map(starts_of_f_strings, trees("upstream", "runs", "embedded"))) == set()


def test_what_the_engine_says_is_marked_for_translation():
    assert advice.error_payload(RuntimeError())["message"] in SENTENCES


def test_what_a_server_said_stays_as_it_is():
    assert sentence({"message": ""}) == ""
    assert sentence({"message": "Ungültige Anfrage, 100 % falsch"}) == "Ungültige Anfrage, 100 % falsch"


# --- in another language ---

GERMAN = {
    "No connection to the server.": "Keine Verbindung zum Server.",
    "No answer within %(seconds)s s.": "Keine Antwort in %(seconds)s s.",
    "The model %(model)s is no longer in the catalogue. Choose another one.": "Das Modell %(model)s gibt es nicht mehr.",
    "The built-in model did not start: %(reason)s (its log: %(path)s)": "Nicht gestartet: %(reason)s (%(path)s)",
    "it was not ready in time": "es war nicht rechtzeitig bereit",
    "The provider does not answer (tries in a row: %(tries)s). It is tried again in %(seconds)s s.": (
        "Der Anbieter antwortet nicht (%(tries)s Versuche), der nächste in %(seconds)s s."
    ),
}


@pytest.fixture
def german(settings, tmp_path) -> Iterator[None]:
    write_catalogue(tmp_path, "de", GERMAN)
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("de"):
        yield


def kept(error: BaseException) -> dict:
    """As the database gives it back."""
    return json.loads(json.dumps(advice.error_payload(error)))


@pytest.mark.parametrize(
    ("message", "english", "in_german"),
    [
        ("No connection to the server.", "No connection to the server.", "Keine Verbindung zum Server."),
        (
            Sentence("No answer within %(seconds)s s.", seconds=0.52),
            "No answer within 0.5 s.",
            "Keine Antwort in 0,5 s.",
        ),
        (
            Sentence("No answer within %(seconds)s s.", seconds=1800.0),
            "No answer within 1800 s.",
            "Keine Antwort in 1.800 s.",
        ),
        (
            Sentence(
                "The built-in model did not start: %(reason)s (its log: %(path)s)",
                reason="it was not ready in time",
                path="/data/50%s.log",
            ),
            "The built-in model did not start: it was not ready in time (its log: /data/50%s.log)",
            "Nicht gestartet: es war nicht rechtzeitig bereit (/data/50%s.log)",
        ),
    ],
)
def test_a_row_keeps_english_and_is_read_in_the_readers_language(german, message, english, in_german):
    row = kept(FirstTokenTimeout(message=message))
    assert row["message"] == english
    assert sentence(row) == in_german
    assert say(message) == (
        in_german if "built-in" not in english else english
    )  # the catalogue knows no built-in model
    with translation.override("en"):
        assert sentence(row) == english.replace("1800", "1,800")


def test_what_runs_say_themselves_is_read_in_the_readers_language(german):
    gone = Unsendable(Sentence("The model %(model)s is no longer in the catalogue. Choose another one.", model="a/b"))
    assert sentence(kept(gone)) == "Das Modell a/b gibt es nicht mehr."
    assert sentence(kept(down())) == "Der Anbieter antwortet nicht (5 Versuche), der nächste in 15 s."
    assert kept(down())["message"].startswith("The provider does not answer (tries in a row: 5).")


def down() -> ProviderDown:
    circuits = Circuits()
    for _time in range(5):
        circuits.failed(1, ConnectFailed(message="No."))
    with pytest.raises(ProviderDown) as refused:
        circuits.check(1)
    return refused.value


def test_a_row_of_an_earlier_version_is_shown_as_it_is(german):
    assert sentence({"message": "No answer within 120.0 seconds."}) == "No answer within 120.0 seconds."
