"""Frames from the page: known commands or nothing."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from playground.chat.commands import Ack, BadFrame, Follow, Unfollow, Watch, parse

RUN = UUID("8f14e45f-ceea-467f-a0e6-27c0c2f5a6b1")


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        ({"type": "follow", "run": str(RUN), "after": "3.0"}, Follow(RUN, "3.0")),
        ({"type": "follow", "run": str(RUN)}, Follow(RUN, "")),
        ({"type": "unfollow", "run": str(RUN)}, Unfollow(RUN)),
        ({"type": "watch", "conversation": str(RUN)}, Watch(RUN)),
        ({"type": "ack", "seq": 7}, Ack(7)),
    ],
)
def test_a_command_is_read(frame, command):
    assert parse(json.dumps(frame)) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "nonsense",
        '{"type":"follow"}',
        '{"type":"follow","run":"x"}',
        '{"type":"follow","run":null}',
        '{"type":"follow","run":["a"]}',
        '{"type":"ack","seq":"1"}',
        '{"type":"ack","seq":true}',
        '{"type":"ack","seq":-1}',
        '{"type":"ack","seq":1e99}',
        '{"type":"ack","seq":NaN}',
        '{"type":["follow"]}',
        '{"type":"stop","run":"' + str(RUN) + '"}',
        "[" * 100_000,
        '{"type":"ack","seq":' + "9" * 5000 + "}",
        '{"type":"ack","seq":1,"pad":"' + "x" * 70_000 + '"}',
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(BadFrame):
        parse(text)
