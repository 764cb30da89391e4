"""What the fake says when nobody scripted it: a demo without a model, and commands for people.

`/scenario NAME` (or a model id `scenario-NAME`) plays a fault, `/scenario` lists them, `/tokens N` says N words,
`/clock N` says N readings of the monotonic clock in nanoseconds, `/echo` repeats the request's parameters.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from tests.fake_openai.asked import Request
from tests.fake_openai.frames import DONE, Chunks, pieces_of
from tests.fake_openai.reply import STREAM_HEADERS, Reply
from tests.fake_openai.scenarios import SCENARIOS
from tests.fake_openai.script import Head, Piece, Step, Wait

MAX_TOKENS = 1_000_000
SCENARIO_MODEL = "scenario-"

MARKDOWN = """\
## High water, briefly

The tide follows the **moon** a little late. Three things decide *how high* it comes:

1. The moon's phase: at new and full moon the sun helps.
2. The shape of the coast, which can double the range.
3. The weather: 1 hPa less pressure lifts the sea by about 1 cm.

| Port | High water | Range |
|:-----|:----------:|------:|
| Brest | 04:12 | 5.9 m |
| Cork | 05:37 | 3.7 m |
| Cuxhaven | 00:48 | 2.9 m |

### The rule of twelfths

Between low and high water the height is about

$$ h(t) = h_0 + \\frac{R}{2}\\left(1 - \\cos\\frac{\\pi t}{T}\\right) $$

with range $R$ and duration $T \\approx 6.2\\,\\mathrm{h}$. In code:

```python
from math import cos, pi


def height(t: float, low: float, tide_range: float, duration: float = 6.2) -> float:
    \"\"\"Metres above chart datum, t hours after low water.\"\"\"
    return low + tide_range / 2 * (1 - cos(pi * t / duration))
```

- [x] look up the range
- [ ] add the weather

> This answer came from the fake server. Ask for `/scenario` to see what else it can do.
"""


def default_reply(request: Request, tokens_per_second: float, is_retry: Callable[[Request], bool]) -> Reply:
    """The reply to a request that no test scripted."""
    command, _space, argument = request.prompt.strip().partition(" ")
    name = argument.strip()
    if request.model.startswith(SCENARIO_MODEL):
        command, name = "/scenario", request.model.removeprefix(SCENARIO_MODEL)
    if command == "/scenario" and name == "flaky":
        return _say(request, "This worked at the second try.", tokens_per_second) if is_retry(request) else _flaky()
    if command == "/scenario" and name in SCENARIOS:
        return SCENARIOS[name].make()
    if command == "/clock":
        return _clock(_number(name), tokens_per_second)
    return _say(request, _words(request, command, name), tokens_per_second)


def _words(request: Request, command: str, argument: str) -> str | list[str]:
    if command == "/scenario":
        lines = [f"- `{scenario.name}`: {scenario.about}" for scenario in SCENARIOS.values()]
        return "\n".join(["Ask for `/scenario NAME`:", "", "- `flaky`: fails once, then answers", *lines])
    if command == "/tokens":
        return [f"word{number} " for number in range(1, _number(argument) + 1)]
    if command == "/echo":
        sent = {name: value for name, value in request.json.items() if name != "messages"}
        return f"```json\n{json.dumps(sent, indent=2, ensure_ascii=False)}\n```\n{len(request.messages)} messages"
    return _formatted(request.json.get("response_format")) or (_describe(request) if request.images else MARKDOWN)


def _formatted(response_format: Any) -> str:
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if kind == "json_object":
        return json.dumps({"answer": "High water", "time": "04:12"})
    if kind == "json_schema":
        schema = (response_format.get("json_schema") or {}).get("schema")
        return json.dumps(_instance(schema if isinstance(schema, dict) else {}))
    return ""


def _describe(request: Request) -> str:
    lines = [
        f"{number}. {image.format}, {image.width} x {image.height} pixels, detail {image.detail}"
        if image.format
        else f"{number}. at {image.url}, detail {image.detail}"
        for number, image in enumerate(request.images, start=1)
    ]
    return "\n".join([f"I was sent {len(lines)} image{'s' if len(lines) > 1 else ''}:", "", *lines])


def _say(request: Request, words: str | list[str], tokens_per_second: float) -> Reply:
    """A good answer that honours `stop` and the limit on tokens."""
    text, reason = "".join(words), "stop"
    stops = request.json.get("stop") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        if isinstance(stop, str) and stop:
            text = text.partition(stop)[0]
    pieces = words if isinstance(words, list) and text == "".join(words) else pieces_of(text)
    limit = request.json.get("max_completion_tokens") or request.json.get("max_tokens")
    if isinstance(limit, int) and len(pieces) > limit:
        pieces, reason = pieces[:limit], "length"
    thoughts = "The user asks; I shall say what I know." if "reason" in request.model else ""
    return Reply.text(pieces, tokens_per_second=tokens_per_second, finish_reason=reason, reasoning=thoughts)


def _clock(count: int, tokens_per_second: float) -> Reply:
    def make(request: Request) -> Iterable[Step]:
        chunks = Chunks(request.model)
        pause = Wait(1 / tokens_per_second)
        yield Head(200, STREAM_HEADERS)
        yield chunks.role()
        for _number in range(count):
            yield pause
            yield Piece(chunks.text(f"{time.monotonic_ns()} "))
        yield chunks.finish()
        yield DONE

    return Reply(make)


def _flaky() -> Reply:
    return Reply.error(503, "Overloaded, try again", type="server_error", headers={"Retry-After": "1"})


def _number(argument: str) -> int:
    found = re.match(r"\d+", argument)
    return min(int(found[0]), MAX_TOKENS) if found else 100


def _instance(schema: dict[str, Any], depth: int = 0) -> Any:
    """Some value that fits the common part of JSON Schema."""
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and depth < 10:
        return {name: _instance(sub, depth + 1) for name, sub in schema.get("properties", {}).items()}
    if kind == "array":
        return [_instance(schema.get("items", {}), depth + 1)] * max(1, schema.get("minItems", 1))
    simple: dict[Any, Any] = {"string": "tide", "integer": 4, "number": 4.2, "boolean": True}
    return simple.get(kind)
