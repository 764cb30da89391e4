"""A request that a person can copy into a shell."""

from __future__ import annotations

import json
import shlex
from typing import Any

from playground.catalog.body import build_body
from playground.catalog.models import Model


def curl_example(model: Model) -> str:
    """One curl command for `model`. The key is the shell's variable; whatever comes from rows is quoted."""
    body, _receipt = build_body(model, {"stream": True})
    body = {"model": model.name, "messages": [{"role": "user", "content": _content(model)}], **body}
    text = json.dumps(body, indent=2, ensure_ascii=False)
    url = f"{model.provider.base_url.rstrip('/')}/chat/completions"
    lines = [f"curl {shlex.quote(url)}"]
    if model.provider.requires_key or model.provider.api_key:
        lines.append('  -H "Authorization: Bearer $OPENAI_API_KEY"')
    return " \\\n".join([*lines, "  -H 'Content-Type: application/json'", f"  -d {shlex.quote(text)}"])


def _content(model: Model) -> Any:
    if not model.has_vision:
        return "Explain the tides in two sentences."
    return [
        {"type": "text", "text": "What is in this image?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/photo.jpg"}},
    ]
