"""CPU of Markdown: a whole render, the same text streamed, the worst step. Run: python -m bench.markdown

Streamed means 16 characters a delta (4 tokens) with a preview of the open block each 50 deltas, as a live page asks for. A
step is what runs without a pause: a part of a delta, or a preview. An answer that is one block is followed by another block,
because what ends a block costs most. Figures are milliseconds of this thread's CPU, each the best of some rounds; objects
are frozen before, as the server does when it is warm.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings

if not settings.configured:
    settings.configure(USE_I18N=False)

from playground.lib.markdown import render
from playground.lib.markdown_stream import MarkdownStream

CHARS_PER_TOKEN = 4
DELTA_CHARS = 16
DELTAS_PER_PREVIEW = 50
SIZES = (1_000, 8_000, 32_000)  # tokens
ROUNDS = 3

# Headings, lists, code (a quarter), a table, links, a formula: what answers are made of.
SAMPLE = """## How the cache works

The cache keeps **what was asked last** and drops what nobody wants, so that `get()` costs the same whatever the size. It is described in
[the manual](https://docs.example/cache) at some length; the rest of this answer goes through the parts one by one, slowly.

1. First it looks up the key, which takes *constant* time.
2. Then it moves the entry to the front:
   - one pointer is changed in the old place,
   - two in the new one.
3. At last it returns the value, or `None` when there is none.

```python
class Cache:
    def __init__(self, size: int = 128) -> None:
        self.size = size
        self.items: OrderedDict[str, object] = OrderedDict()

    def get(self, key: str) -> object | None:
        if key not in self.items:
            return None  # the caller decides what to do
        self.items.move_to_end(key)
        return self.items[key]
```

| Operation | Cost | Remark |
|-----------|-----:|--------|
| get | 1 | a look-up and a move |
| put | 1 | plus one removal when it is **full** |
| clear | $n$ | see `reset()` |

> Measure before you believe any of this.

The cost of a miss is \\(t_{miss} = t_{lookup} + t_{fetch}\\), and the second part is the one that hurts: it goes over the network and comes back
with a value that may be out of date by then. A larger cache makes it rarer, and costs memory. There is no size that is right for everybody.

"""


def _sample(tokens: int) -> str:
    chars = tokens * CHARS_PER_TOKEN
    return (SAMPLE * (chars // len(SAMPLE) + 1))[:chars]


def _cost_ms(work: Callable[[], object]) -> float:
    before = time.thread_time()
    work()
    return (time.thread_time() - before) * 1e3


def _streamed(text: str) -> tuple[float, float, float]:
    """Milliseconds: all deltas and previews together, the worst step of a delta, the worst preview."""
    stream = MarkdownStream()
    total = worst_step = worst_preview = 0.0
    for index, start in enumerate(range(0, len(text), DELTA_CHARS)):
        steps = stream.steps(text[start : start + DELTA_CHARS])
        is_going = True
        while is_going:
            before = time.thread_time()
            is_going = next(steps, "ended") != "ended"
            cost = (time.thread_time() - before) * 1e3
            worst_step = max(worst_step, cost)
            total += cost
        if index % DELTAS_PER_PREVIEW == 0:
            cost = _cost_ms(stream.preview)
            worst_preview = max(worst_preview, cost)
            total += cost
    return total, worst_step, worst_preview


@dataclass
class Cost:
    """Milliseconds of CPU for one text: rendered whole, streamed, the worst step of streaming."""

    what: str
    whole_ms: float
    streamed_ms: float
    worst_step_ms: float
    worst_preview_ms: float

    def __str__(self) -> str:
        return (
            f"{self.what:36} streamed {self.streamed_ms:6.1f} ms + whole {self.whole_ms:6.1f} ms = "
            f"{self.streamed_ms + self.whole_ms:6.1f} ms CPU   worst step {max(self.worst_step_ms, self.worst_preview_ms):5.2f} ms"
        )


def _measure(what: str, text: str) -> Cost:
    whole = min(_cost_ms(lambda: render(text)) for _ in range(ROUNDS))
    rounds = [_streamed(text) for _ in range(ROUNDS)]
    return Cost(what, whole, *(min(figures) for figures in zip(*rounds, strict=True)))


# Name, beginning, what is repeated, end.
SINGLE_BLOCKS = (
    ("tight list", "", "- item **bold** and `code` here\n", ""),
    ("loose list", "", "- item **bold**\n\n  more text\n\n", ""),
    ("nested list", "1. top\n", "   - item **bold** and `code` here\n     - deeper one\n", ""),
    ("table", "| a | b |\n|---|---|\n", "| cell **x** | `y` |\n", ""),
    ("paragraph", "", "word **bold** and more words ", ""),
    ("quote", "", "> word **bold** and more words\n>\n", ""),
    ("list in a quote", "", "> - item **bold** and `code` here\n", ""),
    ("fence", "```python\n", "x = call(1, 'a')\n", "```\n"),
    ("fence in a list", "1. do\n\n   ```python\n", "   x = call(1, 'a')\n", "   ```\n"),
    ("line without spaces", "", "abcdefgh", ""),
)


def measure() -> Iterator[Cost]:
    """Ordinary answers of growing length, then answers that are one single block."""
    render(_sample(2_000))  # lexers are loaded once per process
    gc.collect()
    gc.freeze()
    for tokens in SIZES:
        yield _measure(f"answer, {tokens:,} tokens", _sample(tokens))
    for tokens in SIZES[1:]:
        for name, head, piece, end in SINGLE_BLOCKS:
            text = head + piece * (tokens * CHARS_PER_TOKEN // len(piece)) + end + "\n\nafter it\n\nand the end\n"
            yield _measure(f"one {name}, {tokens:,} tokens", text)


if __name__ == "__main__":
    for cost in measure():
        print(cost)
