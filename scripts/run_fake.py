"""`make run-fake`: the product, and beside it the tests' fake OpenAI server as its model server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 15


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("playground: the fake OpenAI server did not start")


def main() -> int:
    # Always the same port: the provider's address is kept with its data, from one start to the next.
    port = int(os.environ.get("PLAYGROUND_FAKE_PORT", "8001"))
    fake = subprocess.Popen([sys.executable, "-m", "tests.fake_openai", "--port", str(port)], cwd=ROOT)
    try:
        wait_until_listening(fake, port)
        print(f"playground: a fake OpenAI server answers at http://127.0.0.1:{port}/v1", flush=True)
        env = dict(
            os.environ,
            OPENAI_API_KEY="sk-fake",
            OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1",
            PLAYGROUND_DATA_DIR=os.environ.get("PLAYGROUND_DATA_DIR", str(ROOT / "data" / "fake")),
        )
        product = subprocess.Popen([sys.executable, "manage.py", "serve", "--prepare"], cwd=ROOT, env=env)
        # Ctrl+C and the like are the product's business; this process waits for it and clears up.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: product.terminate())
        return product.wait()
    finally:
        fake.terminate()
        fake.wait()


if __name__ == "__main__":
    sys.exit(main())
