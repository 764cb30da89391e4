"""The rules of scripts/bootstrap.py that need no download."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
bootstrap = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bootstrap)


def pins(name: str) -> set[str]:
    return set(re.findall(r"^[A-Za-z0-9_.\-\[\]]+==[^ \\;]+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))


def test_dev_holds_everything_of_run():
    assert pins("run.txt") <= pins("dev.txt")
    assert len(pins("run.txt")) > 40


@pytest.mark.parametrize("name", bootstrap.FILES)
def test_every_requirement_has_a_hash_and_no_file_names_an_index(name):
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE).strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_a_stamp_of_other_files_does_not_count(tmp_path):
    stamp = tmp_path / "installed.json"
    assert not bootstrap.is_installed("run", tmp_path, "digest")
    stamp.write_text('{"set": "dev", "digest": "digest"}')
    assert bootstrap.is_installed("run", tmp_path, "digest")
    assert bootstrap.is_installed("dev", tmp_path, "digest")
    assert not bootstrap.is_installed("run", tmp_path, "another")
    stamp.write_text('{"set": "run", "digest": "digest"}')
    assert bootstrap.is_installed("run", tmp_path, "digest")
    assert not bootstrap.is_installed("dev", tmp_path, "digest")
    stamp.write_text('{"set": "ru')
    assert not bootstrap.is_installed("run", tmp_path, "digest")


def test_any_change_of_a_requirement_changes_the_digest(tmp_path):
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    before = bootstrap.digest(tmp_path / "requirements")
    with (tmp_path / "requirements" / "weights.txt").open("a") as file:
        file.write("# changed\n")
    assert bootstrap.digest(tmp_path / "requirements") != before


def test_pips_mirror_and_certificates_reach_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.test/simple")
    monkeypatch.setenv("PIP_CERT", "/ca.pem")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/chosen.pem")
    env = bootstrap.environment()
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.test/simple"
    assert env["SSL_CERT_FILE"] == "/chosen.pem"


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "works", lambda *command: False)
    with pytest.raises(bootstrap.Failed, match=r"sudo apt install python3\.\d+-venv"):
        bootstrap.make_venv(tmp_path / "venv")


def test_an_old_python_is_told_so_and_not_shown_a_syntax_error():
    """The file must at least be understood by Pythons that are too old to run it."""
    path = ROOT / "scripts" / "bootstrap.py"
    script = (
        "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['x', 'run']; "
        f"runpy.run_path({str(path)!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_is_shown_for_an_unknown_set():
    script = ROOT / "scripts" / "bootstrap.py"
    done = subprocess.run([sys.executable, script, "all"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run|dev" in done.stderr
