"""A disk that a test can fill and empty under a running server."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.servers import Server

BLOCK = bytes(64 * 1024)


class Disk(Protocol):
    def fill(self, server: Server) -> None:
        """From now on nothing more can be written by `server`."""

    def empty(self, server: Server) -> None:
        """There is room again."""


class SmallDisk:
    """A file system of its own, filled with a file."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self, server: Server) -> None:
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(BLOCK):
                pass

    def empty(self, server: Server) -> None:
        self._ballast.unlink()


class LimitedProcess:
    """Where nobody may mount anything: the server's process may not make any file longer, as with a quota that is used up."""

    def fill(self, server: Server) -> None:
        self._limit(server, 0)

    def empty(self, server: Server) -> None:
        _soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        self._limit(server, hard)

    @staticmethod
    def _limit(server: Server, size_bytes: int) -> None:
        _soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size_bytes, hard))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """The disk that holds `folder`, which is empty."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield LimitedProcess()
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
