"""How long a frame is: steady while the process has time, longer when it is busy, and back again."""

import asyncio

from playground.runs.pace import BUSY_FRAME_S, FAST_CHARS, FRAME_S, SLOWEST_FRAME_S, Pace


def learnt(pace: Pace, times: int, *, busy: float, lag_s: float = 0.001) -> float:
    for _ in range(times):
        pace.learn(busy=busy, lag_s=lag_s)
    return pace.frame_s


def test_a_calm_process_is_prompt():
    assert learnt(Pace(), 5, busy=0.1) == FRAME_S


def test_a_busy_one_sends_fewer_frames_within_what_nobody_sees():
    assert FRAME_S < learnt(Pace(), 5, busy=0.7) <= BUSY_FRAME_S


def test_one_that_cannot_keep_up_slows_down_to_a_bound_and_comes_back():
    pace = Pace()
    assert learnt(pace, 30, busy=0.99) == SLOWEST_FRAME_S
    assert learnt(pace, 30, busy=0.1) == FRAME_S


def test_one_late_look_does_not_stop_the_show():
    pace = Pace()
    learnt(pace, 1, busy=0.2, lag_s=0.5)
    assert pace.frame_s < 2 * FRAME_S


async def test_what_comes_faster_than_frames_is_not_held_up():
    pace = Pace()
    pace.frame_s = 3600
    await asyncio.wait_for(pace.rest(FAST_CHARS + 1), 5)
