"""Percentiles of durations from counts in buckets: any number of runs in a hundred small integers.

Buckets grow by the eighth root of two, so what is read from them is at most 4.5 % off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

STEPS_PER_DOUBLING = 8


def bucket_of(milliseconds: int) -> int:
    """The bucket that a duration falls into: 0 for 0 ms, about 160 for an hour."""
    return round(STEPS_PER_DOUBLING * math.log2(milliseconds)) + 1 if milliseconds > 0 else 0


def milliseconds_of(bucket: int) -> int:
    """What stands for all durations of a bucket."""
    return round(2 ** ((bucket - 1) / STEPS_PER_DOUBLING)) if bucket else 0


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """Milliseconds that at least `share` (0 to 1) of the runs counted in `counts`, by bucket, did not exceed. None without runs."""
    total = sum(counts.values())
    if not total:
        return None
    wanted = max(1, math.ceil(share * total))
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            return milliseconds_of(bucket)
    raise AssertionError("the shares of a whole add up to it")
