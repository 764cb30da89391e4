"""The images of presets, for whoever may use them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from playground.images import store
from playground.images.serving import serve
from playground.presets.pictures import find_blob
from playground.presets.views.common import person, preset_view


@require_safe
@preset_view
def image(request: HttpRequest, uuid: UUID) -> HttpResponse:
    blob = find_blob(person(request), uuid)
    return serve(request, blob, blob.media_type, store.served_name(uuid, blob), is_thumbnail=False)


@require_safe
@preset_view
def thumbnail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    name = f"image-{uuid.hex[:8]}-small.webp"
    return serve(request, find_blob(person(request), uuid), store.THUMBNAIL_TYPE, name, is_thumbnail=True)
