"""Every row of section 4 of the reference, and what the formula must not do."""

from __future__ import annotations

import pytest

from playground.lib.image_tokens import image_tokens, largest_image_tokens
from playground.lib.tokens import TokenCount

TILE = {"method": "tile", "base": 85, "per_tile": 170}
MINI = {"method": "patch", "multiplier": 1.62}
NANO = {"method": "patch", "multiplier": 2.46}

# width, height, tile at high, tile at low, patches x 1.62, patches x 2.46
TABLE = [
    (128, 64, 255, 85, 13, 20),
    (512, 512, 255, 85, 415, 630),
    (800, 600, 765, 85, 770, 1169),
    (1024, 1024, 765, 85, 1659, 2519),
    (1920, 1080, 1105, 85, 2443, 3710),
    (1800, 2400, 765, 85, 2352, 3572),
    (2400, 1800, 765, 85, 2352, 3572),
    (4000, 1474, 1445, 85, 2488, 3779),
    (2048, 4096, 1105, 85, 2362, 3587),
]


@pytest.mark.parametrize(("width", "height", "high", "low", "mini", "nano"), TABLE)
def test_every_row_of_the_reference_is_met(width, height, high, low, mini, nano):  # noqa: PLR0917 - a row of the table
    assert image_tokens(TILE, width, height, "high") == TokenCount(high)
    assert image_tokens(TILE, width, height, "low") == TokenCount(low)
    assert image_tokens(MINI, width, height, "high") == TokenCount(mini)
    assert image_tokens(NANO, width, height, "high") == TokenCount(nano)


@pytest.mark.parametrize(("width", "height", "tiles"), [(2049, 513, 8), (2050, 513, 4), (128, 64, 1)])
def test_tiles_match_measured_bills(width, height, tiles):
    assert image_tokens(TILE, width, height, "high") == TokenCount(85 + 170 * tiles)


@pytest.mark.parametrize(("rules", "most"), [(MINI, 415), (NANO, 630)])
def test_low_detail_of_patches_is_an_estimate_of_a_512_square(rules, most):
    assert image_tokens(rules, 4000, 4000, "low") == TokenCount(most, is_approximate=True)


def test_auto_counts_as_high_and_says_it_is_an_estimate():
    assert image_tokens(TILE, 1024, 1024, "auto") == TokenCount(765, is_approximate=True)


@pytest.mark.parametrize(
    "rules", [{}, {"method": "tile"}, {"method": "tile", "base": "85", "per_tile": 170}, {"method": "x"}]
)
def test_rules_we_do_not_know_give_no_number(rules):
    assert image_tokens(rules, 100, 100, "high") is None
    assert largest_image_tokens(rules) is None


@pytest.mark.parametrize("rules", [TILE, MINI, NANO])
def test_no_image_costs_more_than_the_largest(rules):
    most = largest_image_tokens(rules)
    assert most is not None
    for width, height in [(1, 30_000), (30_000, 1), (7000, 7000), (1, 1), (2048, 768), (8192, 4096), (999, 3001)]:
        count = image_tokens(rules, width, height, "high")
        assert count is not None
        assert 1 <= count.tokens <= most.tokens
