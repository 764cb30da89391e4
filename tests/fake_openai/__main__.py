"""`python -m tests.fake_openai --port N`: the fake server on loopback, for a demo without a model and for benchmarks."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from tests.fake_openai.server import DEFAULT_TOKENS_PER_SECOND, FakeOpenAI


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_openai", description=__doc__)
    parser.add_argument("--port", type=int, default=8099, help="port on 127.0.0.1 (default: %(default)s)")
    parser.add_argument("--tokens-per-second", type=float, default=DEFAULT_TOKENS_PER_SECOND, help="of each answer")
    options = parser.parse_args()
    fake = FakeOpenAI(port=options.port, tokens_per_second=options.tokens_per_second, keep=50)
    at = f"http://127.0.0.1:{options.port}/v1"
    sys.stdout.write(f"Fake OpenAI server at {at} (any key; /scenario lists what it can play)\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(fake.serve_forever())


if __name__ == "__main__":
    main()
