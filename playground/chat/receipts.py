"""What was really sent and what came back, for the Raw tab and the receipt. Image bytes are cut out; secrets were never in."""

from __future__ import annotations

import json
from typing import Any

from playground.chat.models import Message
from playground.chat.page import Raw, Receipt, ReceiptField, ReceiptPreset
from playground.chat.preset_page import version_url
from playground.chat.prompt import as_messages, load_turns
from playground.chat.services.filling import PRESET
from playground.chat.services.settings import version_named
from playground.chat.showing import load_amounts, show_run
from playground.chat.source import without_bytes
from playground.runs.models import Run
from playground.upstream.quirks import apply_quirks
from playground.usage.models import LedgerEntry
from playground.usage.receipts import charge_of


def request_body(answer: Message, run: Run) -> dict[str, Any]:
    """The body of `run` with its messages, the bytes of images cut out."""
    body = {**run.request, "messages": as_messages(load_turns(answer, run.receipt), run.receipt, without_bytes)}
    return apply_quirks(body, run.model.provider.quirks) if run.model else body


def build_raw(answer: Message, run: Run) -> Raw:
    return Raw(
        message_uuid=answer.uuid,
        run=show_run(run, load_amounts([run])),
        request=as_json(request_body(answer, run)),
        response=as_json(run.response) if run.response else "",
        error=as_json({key: value for key, value in run.error.items() if key not in {"advice", "said"}})
        if run.error
        else "",
    )


def build_receipt(answer: Message, run: Run) -> Receipt:
    """Field by field: what was sent and who set it, and what was left out."""
    origins = run.receipt.get("set", {})
    values = run.receipt.get("values", {})
    named = run.receipt.get(PRESET)
    sent = {**run.request, **{name: values[name] for name in origins if name in values and name not in run.request}}
    return Receipt(
        message_uuid=answer.uuid,
        run=show_run(run, load_amounts([run])),
        preset=_preset(run, named) if named else None,
        variables=list(run.receipt.get("variables", {}).items()),
        sent=[ReceiptField(name, as_json(value), str(origins.get(name, "always"))) for name, value in sent.items()],
        left_out=list(run.receipt.get("left_out", [])),
        body=as_json(request_body(answer, run)),
        charge=charge_of(LedgerEntry.objects.filter(owner=run.owner_id), run.uuid),
    )


def _preset(run: Run, named: dict[str, Any]) -> ReceiptPreset:
    """With the way to it, as long as whoever sent the run may see it. One query."""
    slug, number = named["slug"], named["number"]
    url = version_url(slug, number) if version_named(run.owner, f"{slug}@{number}") else ""
    return ReceiptPreset(slug, number, named["label"], named["name"], url)


def as_json(value: Any) -> str:
    """Two spaces deep, in the letters it was written in."""
    return json.dumps(value, ensure_ascii=False, indent=2)
