"""Resolve pyproject.toml into requirements/*.txt, every file of every package with its hash. `--upgrade` takes newer versions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
# Universal: one file for every platform and Python, with markers. No address of an index goes into a file.
COMPILE = (str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
COMPILE += ("--no-header", "--no-emit-index-url")


def compile_into(name: str, *arguments: str, text: str = "") -> None:
    """Write requirements/`name`; what it pins already stays unless `--upgrade` is given."""
    command = [*COMPILE, *sys.argv[1:], *arguments, "--output-file", f"requirements/{name}"]
    subprocess.run(command, cwd=ROOT, input=text, text=True, check=True)
    print(f"requirements/{name}")


if __name__ == "__main__":
    if set(sys.argv[1:]) - {"--upgrade"}:
        sys.exit("usage: compile_requirements.py [--upgrade]")
    compile_into("tools.txt", "-", text="uv\n")
    compile_into("run.txt", "pyproject.toml")
    compile_into("dev.txt", "pyproject.toml", "--extra", "dev", "--constraint", "requirements/run.txt")
