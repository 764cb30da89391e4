"""The usage that a server reported, as figures: whatever text it wrote between them is not shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.formats import number_format

MOST_FIGURES = 40
MOST_DEPTH = 3
# Names that a program gives. A server could write anything there, an answer too.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)


def reported_figures(usage: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """ "prompt_tokens_details.cached_tokens" and its number, for each number in `usage`; the first forty."""
    found = []
    for name, value in _numbers(usage or {}, ""):
        found.append((name, number_format(value, use_l10n=True, force_grouping=True)))
        if len(found) == MOST_FIGURES:
            break
    return found


def _numbers(usage: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, float]]:
    for name, value in usage.items():
        if not _NAME.fullmatch(str(name)):
            continue
        if isinstance(value, Mapping) and prefix.count(".") < MOST_DEPTH:
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            yield f"{prefix}{name}", value
