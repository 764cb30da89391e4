"""How many tokens an image costs, by the rules a model's row carries in `image_tokens`.

`{"method": "tile", "base": 85, "per_tile": 170}` or `{"method": "patch", "multiplier": 1.62}`; `{}` means unknown.
Formulas and check values: reference "chat-completions.md", section 4 (OpenAI's images-vision guide and measured bills).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from playground.lib.tokens import TokenCount

# Pixels. Every image is first fitted into the outer square; tiles then shrink the short side. Never upscaled.
OUTER_SIDE = 2048
TILE_SHORT_SIDE = 768
TILE_SIDE = 512
PATCH_SIDE = 32
LOW_SIDE = 512
MAX_PATCHES = 1536
# Where the scaled image lands exactly on a pixel, floating point may fall just short of it.
EPSILON = 1e-6


def image_tokens(rules: Mapping[str, object], width: int, height: int, detail: str) -> TokenCount | None:
    """The tokens of an image of `width` x `height` pixels at `detail` "low", "high" or "auto"; None when unknown.

    "auto" is counted as high, which is what bills show, and marked approximate, since the provider decides.
    """
    if width < 1 or height < 1:
        return None
    base, per_tile = _number(rules, "base"), _number(rules, "per_tile")
    if rules.get("method") == "tile" and base is not None and per_tile is not None:
        return _tile_tokens(base, per_tile, width, height, detail)
    multiplier = _number(rules, "multiplier")
    if rules.get("method") == "patch" and multiplier is not None:
        return _patch_tokens(multiplier, width, height, detail)
    return None


def largest_image_tokens(rules: Mapping[str, object]) -> TokenCount | None:
    """The most an image of unknown size (named by URL) can cost; None when the rules are unknown."""
    worst = image_tokens(rules, OUTER_SIDE, TILE_SHORT_SIDE, "high")
    return TokenCount(worst.tokens, is_approximate=True) if worst else None


def _tile_tokens(base: float, per_tile: float, width: int, height: int, detail: str) -> TokenCount:
    if detail == "low":
        return TokenCount(_rounded(base))
    fit = min(1.0, OUTER_SIDE / max(width, height))
    inner_width, inner_height = width * fit, height * fit
    shrink = min(1.0, TILE_SHORT_SIDE / min(inner_width, inner_height))
    across = math.ceil(_rounded(inner_width * shrink) / TILE_SIDE)
    down = math.ceil(_rounded(inner_height * shrink) / TILE_SIDE)
    return TokenCount(_rounded(base + per_tile * across * down), is_approximate=detail != "high")


def _patch_tokens(multiplier: float, width: int, height: int, detail: str) -> TokenCount:
    # At low detail the model is said to get a version of 512 x 512; how it is billed is not documented.
    side = LOW_SIDE if detail == "low" else OUTER_SIDE
    fit = min(1.0, side / max(width, height))
    patches = _patches(_rounded(width * fit), _rounded(height * fit))
    return TokenCount(_rounded(patches * multiplier), is_approximate=detail != "high")


def _patches(width: int, height: int) -> int:
    """Squares of 32 pixels that cover the image, scaled down until they are at most 1,536."""
    patches = math.ceil(width / PATCH_SIDE) * math.ceil(height / PATCH_SIDE)
    if patches <= MAX_PATCHES:
        return patches
    ratio = math.sqrt(MAX_PATCHES * PATCH_SIDE**2 / (width * height))
    across, down = width * ratio / PATCH_SIDE, height * ratio / PATCH_SIDE
    # A strip thinner than one patch keeps its one row.
    ratio *= min(max(1, math.floor(across)) / across, max(1, math.floor(down)) / down, 1.0)
    across = math.ceil(max(1, math.floor(width * ratio + EPSILON)) / PATCH_SIDE)
    down = math.ceil(max(1, math.floor(height * ratio + EPSILON)) / PATCH_SIDE)
    return min(MAX_PATCHES, across * down)


def _rounded(value: float) -> int:
    """To the nearest whole number, halves up, and at least 1."""
    return max(1, math.floor(value + 0.5))


def _number(rules: Mapping[str, object], key: str) -> float | None:
    value = rules.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None
