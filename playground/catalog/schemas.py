"""The form schemas we ship: data files, where one may extend another by a merge patch (RFC 7396)."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

DATA_DIR = Path(__file__).parent / "data"
BASE = "openai"  # the one with all fields, which the others extend
GENERIC = "generic"  # for models of servers that we know nothing about but that they speak this API


def read_data(name: str) -> Any:
    """The JSON in `data/<name>.json`."""
    return json.loads((DATA_DIR / f"{name}.json").read_text(encoding="utf-8"))


def shipped_schema(name: str) -> dict[str, Any]:
    """The schema of that name with everything it extends, as a copy of the caller's own. KeyError when there is none."""
    return copy.deepcopy(_resolved(name))


def shipped_title(name: str) -> str:
    """What people call the field `name`, for models that do not have it."""
    title: str = _resolved(BASE)["properties"].get(name, {}).get("title", name)
    return title


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


@cache
def _resolved(name: str) -> dict[str, Any]:
    if not (DATA_DIR / "schemas" / f"{name}.json").is_file():
        raise KeyError(name)
    data: dict[str, Any] = read_data(f"schemas/{name}")
    if "extends" not in data:
        return data
    merged: dict[str, Any] = merge_patch(_resolved(data["extends"]), data["patch"])
    return merged
