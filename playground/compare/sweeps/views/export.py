"""A sweep as a file: CSV for spreadsheets, JSON with receipts for programs, Markdown to be read. Sent while it is made."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from playground.chat.views.common import chat_view
from playground.compare.sweeps import exporting
from playground.compare.sweeps.views.common import sweep_of
from playground.lib.csv import csv_response, file_response

NAME_CHARACTERS = 60


@require_GET
@chat_view
def export(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """`kind` is csv, json or md."""
    found = sweep_of(request, uuid)
    name = slugify(found.title)[:NAME_CHARACTERS] or "sweep"
    if kind == "csv":
        return _sent(csv_response(f"{name}.csv", exporting.columns(found), exporting.csv_rows(found)))
    if kind == "json":
        return _sent(file_response(f"{name}.json", "application/json", exporting.as_json(found)))
    if kind == "md":
        return _sent(file_response(f"{name}.md", "text/markdown; charset=utf-8", exporting.as_markdown(found)))
    raise Http404


def _sent(response: StreamingHttpResponse) -> HttpResponse:
    return cast(HttpResponse, response)  # what views of ours are declared to give
