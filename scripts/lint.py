"""Every check that needs no test: each is run even when one before it fails, and the time each took is printed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def templates() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


def checks() -> dict[str, list[str]]:
    """Name and command of each."""
    python = sys.executable
    return {
        "ruff": [f"{BIN}/ruff", "check", "--quiet", "."],
        "ruff format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
        "mypy": [f"{BIN}/mypy", "--no-error-summary"],
        "djade": [f"{BIN}/djade", "--check", "--target-version", "5.2", *templates()],
        "import-linter": [f"{BIN}/lint-imports", "--no-logo"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "deployment": [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        "hadolint": [f"{BIN}/hadolint", "Dockerfile"],
    }


def environment(data_dir: str) -> dict[str, str]:
    """That of a server as it should be deployed, with a data folder of its own."""
    return dict(
        os.environ,
        PLAYGROUND_MODE="server",
        PLAYGROUND_DATA_DIR=data_dir,
        ALLOWED_HOSTS="chat.example.org",
        CSRF_TRUSTED_ORIGINS="https://chat.example.org",
        SECRET_KEY=secrets.token_urlsafe(64),
        PYTHONWARNINGS="default",
    )


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="playground-lint-") as data_dir:
        env = environment(data_dir)
        for name, command in checks().items():
            began = time.monotonic()
            done = subprocess.run(
                command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            print(
                f"{name:<14} {'ok' if done.returncode == 0 else 'FAILED':<7} {time.monotonic() - began:5.1f} s",
                flush=True,
            )
            if done.returncode:
                failed.append(name)
                print(done.stdout.rstrip(), flush=True)
    if failed:
        print(f"lint: {', '.join(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
