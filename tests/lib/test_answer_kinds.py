"""What kind of text an answer is, which decides how it is compared."""

from __future__ import annotations

import pytest

from playground.lib.answer_kinds import kind_of, without_fence

JSON = '{"a": 1}'
CODE = "Here it is:\n\n```python\ndef f():\n    return 1\n\n\nprint(f())\n```\n"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (JSON, "[1]", "json"),
        (f"```json\n{JSON}\n```", JSON, "json"),
        (JSON, "It is 1.", "prose"),
        ("1", "2", "prose"),
        (CODE, CODE, "code"),
        (CODE, "Prose.", "prose"),
        ("A long explanation of everything there is.\n\n```\nx\n```\n", CODE, "prose"),
        ("```python\nstill being written", CODE, "code"),
        ("", "", "prose"),
    ],
)
def test_texts_are_compared_as_what_both_are(a: str, b: str, expected: str) -> None:
    assert kind_of(a, b) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```json\n{}\n```", "{}\n"),
        ("  ~~~\n{}\n~~~ \n", "{}\n"),
        ("```\n{}\n```\nand more", "```\n{}\n```\nand more"),
        ("````\n```\n{}\n```\n````", "```\n{}\n```\n"),
        ("{}", "{}"),
    ],
)
def test_only_a_fence_around_everything_is_taken_off(text: str, expected: str) -> None:
    assert without_fence(text) == expected
