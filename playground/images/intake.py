"""Bytes in, a clean image out: the only way an image gets into Playground. Knows no database.

The decoding happens in a process of its own (`decode.py`), one for each file, with bounds on memory and time: what a
hostile file does to a decoder, it does there. Why a process for each file: docs/decisions/0003-image-intake.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from playground.images import errors
from playground.images.decode import Clean, Limits
from playground.lib.turns import others_may_run

DECODER = Path(__file__).with_name("decode.py")
MAX_PIXELS = 50_000_000
# The worst photo of 50 megapixels (turned, or CMYK) takes 460 MB: two copies of 200 and its encoder. A bomb takes 35.
MEMORY_BYTES = 640 * 1024**2
CPU_SECONDS = 20
WALL_SECONDS = 30
# Two pictures at a time: more would take the processor from the answers that stream meanwhile.
PLACES = threading.BoundedSemaphore(2)
WAIT_SECONDS = 60
NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class CleanImage(Clean):
    """A clean image and its file's name."""

    name: str


def clean_image(data: bytes, name: str) -> CleanImage:
    """Check and re-encode `data`. Raises `ImageError`. Blocks for up to a minute and a half: never on the event loop."""
    name = clean_name(name)
    max_bytes = settings.MAX_IMAGE_BYTES
    if len(data) > max_bytes:
        raise errors.ImageTooLarge(name, max_bytes)
    with others_may_run():
        answer = _decode_in_turn(data, name, Limits(MAX_PIXELS, max_bytes, CPU_SECONDS, MEMORY_BYTES))
    return _read_answer(answer, name, max_bytes)


def clean_name(name: str) -> str:
    """The file's own name, fit to be shown: no folders, no control or direction characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip()
    if len(shown) > NAME_CHARS:
        shown = f"{shown[: NAME_CHARS - 12]}…{shown[-11:]}"
    return shown or "image"


def _decode_in_turn(data: bytes, name: str, limits: Limits) -> bytes:
    if not PLACES.acquire(timeout=WAIT_SECONDS):
        raise errors.IntakeBusy(name)
    try:
        return _decode(data, limits)
    except subprocess.TimeoutExpired:
        raise errors.TooDemanding(name) from None
    finally:
        PLACES.release()


def _decode(data: bytes, limits: Limits) -> bytes:
    """What the decoder answers; nothing when it was ended by one of its bounds."""
    done = subprocess.run(  # noqa: S603 - our own program; the file goes in by stdin
        [sys.executable, "-I", str(DECODER), json.dumps(asdict(limits))],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=WALL_SECONDS,
        check=False,
        cwd="/",
        # Nothing of ours, keys least of all. One arena, or malloc reserves 64 MB of address space a thread.
        env={"MALLOC_ARENA_MAX": "1"},
    )
    return done.stdout if done.returncode == 0 else b""


def _read_answer(answer: bytes, name: str, max_bytes: int) -> CleanImage:
    head, newline, body = answer.partition(b"\n")
    if not newline:
        raise errors.TooDemanding(name)
    facts = json.loads(head)
    if code := facts.get("refused"):
        raise _refusal(code, name, max_bytes)
    cut = facts["data_bytes"]
    return CleanImage(
        facts["media_type"], facts["width"], facts["height"], facts["removed"], body[:cut], body[cut:], name
    )


def _refusal(code: str, name: str, max_bytes: int) -> errors.ImageError:
    makers: dict[str, Callable[[], errors.ImageError]] = {
        "empty": lambda: errors.EmptyFile(name),
        "svg": lambda: errors.SvgRefused(name),
        "wrong_type": lambda: errors.WrongImageType(name),
        "animated": lambda: errors.AnimatedImage(name),
        "polyglot": lambda: errors.PolyglotImage(name),
        "damaged": lambda: errors.DamagedImage(name),
        "too_many_pixels": lambda: errors.TooManyPixels(name, MAX_PIXELS),
        "too_large_when_clean": lambda: errors.ImageTooLarge(name, max_bytes),
        "too_demanding": lambda: errors.TooDemanding(name),
    }
    return makers[code]()
