from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from playground.usage.latency import bucket_of, milliseconds_of, percentile

HOUR_MS = 3_600_000


@given(st.lists(st.integers(0, HOUR_MS), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_at_most_five_percent_off(durations, share):
    counts = Counter(bucket_of(one) for one in durations)
    ordered = sorted(durations)
    exact = ordered[max(1, -(-round(share * 1000) * len(ordered) // 1000)) - 1]
    found = percentile(counts, share)
    assert found is not None
    assert abs(found - exact) <= 0.05 * exact + 0.5  # and half a millisecond of rounding


@given(st.integers(0, HOUR_MS), st.integers(0, HOUR_MS))
def test_buckets_keep_the_order(one, other):
    assert (bucket_of(one) <= bucket_of(other)) or one > other


def test_nothing_has_no_percentile():
    assert percentile({}, 0.5) is None
    assert milliseconds_of(bucket_of(0)) == 0
