"""The images of a draft over HTTP: each answer is a fragment, and each error one that names the file.

Statuses by `reference/security.md`, section 2.1: 413 too large, 415 wrong type, 422 bad image, 503 busy or full.
"""

from __future__ import annotations

import uuid as uuids

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from playground.catalog.models import Model
from playground.chat.images import services
from playground.chat.images.cards import make_cards
from playground.chat.models import Attachment, AttachmentQuerySet, Conversation
from playground.chat.views.common import person
from playground.images import errors, store
from playground.images.models import Blob
from playground.images.serving import serve

RETRY_SECONDS = "5"
STATUSES: tuple[tuple[type[errors.ImageError], int], ...] = (
    (errors.ImageTooLarge, 413),
    (errors.WrongImageType, 415),
    (errors.IntakeBusy, 503),
    (errors.StoreFull, 503),
)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """One file a request, so that each has its own progress and its own error."""
    conversation, model = _conversation(request), _model(request)
    files = request.FILES.getlist("file")
    if len(files) != 1:
        return _failed(request, errors.ImageError("", _("Send one file a request, in the field “file”.")))
    try:
        attachment = services.attach_upload(
            owner=person(request), conversation=conversation, file=files[0], model=model
        )
    except errors.ImageError as error:
        return _failed(request, error)
    return _card(request, attachment, model, status=201)


@require_POST
def add_url(request: HttpRequest) -> HttpResponse:
    """An image by its address, which is stored and sent on, never fetched."""
    conversation, model = _conversation(request), _model(request)
    try:
        attachment = services.attach_url(
            owner=person(request),
            conversation=conversation,
            url=request.POST.get("url", ""),
            model=model,
            is_fetched=model is None or model.provider.fetches_image_urls,
        )
    except errors.ImageError as error:
        return _failed(request, error)
    return _card(request, attachment, model, status=201)


@require_GET
def tray(request: HttpRequest) -> HttpResponse:
    """The tray anew, with tokens and prices of another model."""
    return _tray(request)


@require_POST
def update(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Detail and alternative text; what is not sent stays."""
    attachment = get_object_or_404(_drafted(request).select_related("blob"), uuid=uuid)
    try:
        services.update_attachment(
            attachment=attachment, detail=request.POST.get("detail"), alt=request.POST.get("alt")
        )
    except errors.ImageError as error:
        return _failed(request, error)
    return _card(request, attachment, _model(request))


@require_POST
def update_all(request: HttpRequest) -> HttpResponse:
    """The same detail for all images of the draft."""
    attachments = _drafted(request).filter(draft__conversation=_conversation(request))
    try:
        services.set_detail_of_all(attachments=attachments, detail=request.POST.get("detail", ""))
    except errors.ImageError as error:
        return _failed(request, error)
    return _tray(request)


@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """`order` once for each image of the draft. An id that is missing, strange or somebody else's changes nothing: 404."""
    attachments = _drafted(request).filter(draft__conversation=_conversation(request))
    try:
        wanted = [uuids.UUID(value) for value in request.POST.getlist("order")]
        services.reorder(attachments=attachments, order=wanted)
    except (ValueError, Attachment.DoesNotExist):
        raise Http404 from None
    return _tray(request)


@require_POST
def remove(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    services.remove(attachment=get_object_or_404(_drafted(request).select_related("blob"), uuid=uuid))
    return HttpResponse()


@require_safe
def image(request: HttpRequest, uuid: uuids.UUID, file_name: str) -> HttpResponse:
    """The image itself, under the one name it has; never interpreted as a page."""
    blob = _blob(request, uuid)
    if file_name != store.served_name(uuid, blob):
        raise Http404
    return serve(request, blob, blob.media_type, file_name, is_thumbnail=False)


@require_safe
def thumbnail(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    name = f"image-{uuid.hex[:8]}-small.webp"
    return serve(request, _blob(request, uuid), store.THUMBNAIL_TYPE, name, is_thumbnail=True)


def _blob(request: HttpRequest, uuid: uuids.UUID) -> Blob:
    attachments = Attachment.objects.visible_to(person(request)).filter(blob__isnull=False)
    attachment = get_object_or_404(attachments.select_related("blob"), uuid=uuid)
    assert attachment.blob is not None  # noqa: S101 - filtered above
    return attachment.blob


def _drafted(request: HttpRequest) -> AttachmentQuerySet:
    """What may still change: the images of a message never do."""
    return Attachment.objects.visible_to(person(request)).filter(draft__isnull=False)


def _conversation(request: HttpRequest) -> Conversation | None:
    """The conversation that the request names; None for the next new chat. 404 unless it is the person's own."""
    name = (request.POST if request.method == "POST" else request.GET).get("conversation", "")
    if not name:
        return None
    try:
        return get_object_or_404(Conversation.objects.visible_to(person(request)), uuid=uuids.UUID(name))
    except ValueError:
        raise Http404 from None


def _model(request: HttpRequest) -> Model | None:
    """The model that the page shows, for tokens and limits; None when it is unknown."""
    name = (request.POST if request.method == "POST" else request.GET).get("model", "")
    models = Model.objects.visible_to(person(request)).select_related("provider")
    return models.named(name).first() if name else None


def _card(request: HttpRequest, attachment: Attachment, model: Model | None, *, status: int = 200) -> HttpResponse:
    return render(request, "chat/_attachment.html", {"card": make_cards([attachment], model)[0]}, status=status)


def _tray(request: HttpRequest) -> HttpResponse:
    conversation = _conversation(request)
    attachments = _drafted(request).filter(draft__conversation=conversation).select_related("blob")
    context = {"attachments": attachments, "model": _model(request), "conversation": conversation}
    return render(request, "chat/_attachments.html", context)


def _failed(request: HttpRequest, error: errors.ImageError) -> HttpResponse:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 422)
    context = {"name": error.name, "message": str(error)}
    response = render(request, "chat/_attachment_failed.html", context, status=status)
    if status == 503:
        response["Retry-After"] = RETRY_SECONDS
    return response
