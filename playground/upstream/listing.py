"""Lists of models, in the shapes that servers give them."""

from __future__ import annotations

from typing import Any

from playground.upstream.errors import BadReply
from playground.upstream.parts import number, parse_json
from playground.upstream.redact import kept
from playground.upstream.types import ListedModel

MOST_MODELS = 10_000
_CONTEXT_FIELDS = ("context_length", "max_model_len", "context_window", "max_context_length")


def parse_models(body: bytes) -> list[ListedModel]:
    """`{data: [...]}`, `{models: [...]}` or a bare list, of objects or of names. Raises BadReply."""
    try:
        payload = parse_json(body)
    except ValueError as error:
        raise BadReply(message="The server's list of models cannot be read.", raw=kept(body)) from error
    if isinstance(payload, dict):
        payload = payload.get("data") if isinstance(payload.get("data"), list) else payload.get("models", payload)
    if not isinstance(payload, list):
        raise BadReply(message="The server's list of models is not a list.", raw=kept(body))
    found = (_model(entry) for entry in payload[:MOST_MODELS])
    return list({model.id: model for model in found if model.id}.values())


def _model(entry: Any) -> ListedModel:
    if isinstance(entry, str):
        return ListedModel(id=_id(entry))
    if not isinstance(entry, dict):
        return ListedModel(id="")
    meta = entry.get("meta") if isinstance(entry.get("meta"), dict) else {}
    sizes = [number(entry.get(name)) for name in _CONTEXT_FIELDS] + [number((meta or {}).get("n_ctx_train"))]
    architecture = entry.get("architecture")
    modalities = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    return ListedModel(
        id=next((_id(entry.get(name)) for name in ("id", "model", "name") if _id(entry.get(name))), ""),
        owned_by=_text(entry.get("owned_by")),
        created=number(entry.get("created")) or 0,
        shutdown_date=_text(entry.get("shutdown_date")),
        context_tokens=next((size for size in sizes if size), None),
        input_modalities=tuple(filter(None, map(_text, modalities))) if isinstance(modalities, list) else (),
    )


def _id(value: Any) -> str:
    """Empty for what no server means as a name: line ends, NUL and other controls would break addresses and pages."""
    text = _text(value)
    return text if text.isprintable() else ""


def _text(value: Any) -> str:
    return value.strip()[:200] if isinstance(value, str) else ""
