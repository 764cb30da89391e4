"""Numbers inside sentences."""

from __future__ import annotations

import pytest
from django.utils import translation

from playground.lib.numbers import number


@pytest.mark.parametrize(
    ("value", "decimals", "english", "german"),
    [
        (2, 1, "2", "2"),
        (1800.0, 1, "1,800", "1.800"),
        (0.52, 1, "0.5", "0,5"),
        (-1047576, 1, "-1,047,576", "-1.047.576"),
        (0.000001, 6, "0.000001", "0,000001"),
        (20.0, 2, "20", "20"),
    ],
)
def test_a_number_is_written_as_the_reader_writes_it(value, decimals, english, german):
    with translation.override("en"):
        assert number(value, decimals) == english
    with translation.override("de"):
        assert number(value, decimals) == german
