"""A fake OpenAI-compatible server: real HTTP on loopback, scripted replies, every known fault. See server.FakeOpenAI."""

from tests.fake_openai.asked import Request, SentImage
from tests.fake_openai.reply import Reply
from tests.fake_openai.scenarios import SCENARIOS, scenario
from tests.fake_openai.script import End, Framing, Gate, Head, Piece, Wait
from tests.fake_openai.server import FakeOpenAI

__all__ = [
    "SCENARIOS",
    "End",
    "FakeOpenAI",
    "Framing",
    "Gate",
    "Head",
    "Piece",
    "Reply",
    "Request",
    "SentImage",
    "Wait",
    "scenario",
]
