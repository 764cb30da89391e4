"""Rendering open blocks again takes a small share of the time, and a smaller one while the process is busy."""

from playground.chat.preview_budget import PreviewBudget
from playground.runs.pace import FRAME_S, SLOWEST_FRAME_S, pace


def seconds_allowed(frame_s: float, monkeypatch) -> float:
    """Of twenty."""
    monkeypatch.setattr(pace, "frame_s", frame_s)
    budget, spent = PreviewBudget(), 0.0
    for _ in range(200):
        budget._credited_at -= 0.1  # a tenth of a second goes by
        while budget.allows():
            budget.spend(0.001)
            spent += 0.001
    return spent


def test_a_share_of_the_time_and_less_when_frames_are_long(monkeypatch):
    calm, slow = (seconds_allowed(frame_s, monkeypatch) for frame_s in (FRAME_S, SLOWEST_FRAME_S))
    assert 1.0 < calm < 2.5
    assert slow < calm / 3
