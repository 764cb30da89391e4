"""Places of servers, `host:port`: one spelling for what an operator lists and what a base URL names."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from playground.lib import env
from playground.lib.places import place_of, read_place


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        ("http://Ollama.:11434", "ollama:11434"),
        ("http://ollama/v1", "ollama:80"),
        ("https://ollama/v1", "ollama:443"),
        ("http://[0:0::1]:8080/v1", "[::1]:8080"),
        ("http://[FD12::5]/", "[fd12::5]:80"),
        *((url, "") for url in ("", "ollama:11434", "ftp://x/", "http://", "http://h:99999/", "http://[::1")),
    ],
)
def test_a_url_names_a_place(url, place):
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("127.0.0.1:11434", "127.0.0.1:11434"),
        ("Ollama:11434", "ollama:11434"),
        ("models.lan.:80", "models.lan:80"),
        ("[0:0::1]:8080", "[::1]:8080"),
        ("my_ollama-1:1", "my_ollama-1:1"),
    ],
)
def test_a_typed_place_is_spelled_like_that_of_a_url(typed, place):
    assert read_place(typed) == place == place_of(f"http://{typed}/v1")


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "ollama",
            "127.0.0.1",
            "::1",
            "[::1]",
            ":80",
            "ollama:",
            "ollama:0",
            "ollama:x",
            "ollama:99999",
            "ollama:80:80",
        ),
        *("http://ollama:80", "ollama:80/v1", "me@ollama:80", "10.0.0.0/8:80", "*:80", "*.lan:80", "a b:80", "[::1:80"),
    ],
)
def test_what_names_no_place_is_refused_at_start(typed, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_PRIVATE_HOSTS", f"ollama:11434,{typed}")
    with pytest.raises(ImproperlyConfigured, match="PLAYGROUND_PRIVATE_HOSTS must name hosts with their ports"):
        env.places("PLAYGROUND_PRIVATE_HOSTS")


def test_places_are_a_list_separated_by_commas(monkeypatch):
    assert env.places("PLAYGROUND_PRIVATE_HOSTS") == frozenset()
    monkeypatch.setenv("PLAYGROUND_PRIVATE_HOSTS", " ollama:11434 , [::1]:80,")
    assert env.places("PLAYGROUND_PRIVATE_HOSTS") == {"ollama:11434", "[::1]:80"}
