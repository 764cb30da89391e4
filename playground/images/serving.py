"""Images over HTTP, the same way wherever they are shown."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified

from playground.images import store
from playground.images.models import Blob


def serve(request: HttpRequest, blob: Blob, media_type: str, file_name: str, *, is_thumbnail: bool) -> HttpResponse:
    """The bytes of an image, never interpreted as a page and never kept. The caller has seen to it that they may be seen."""
    etag = f'"{blob.sha256}{"-small" if is_thumbnail else ""}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        try:
            data = store.read_thumbnail(blob) if is_thumbnail else store.read(blob)
        except FileNotFoundError:
            raise Http404 from None
        response = HttpResponse(data, content_type=media_type)
        response["Content-Disposition"] = f'inline; filename="{file_name}"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
