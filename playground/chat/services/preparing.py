"""From a model's name and form values to a request that may be sent, or to the fields that must be mended first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog import form_schema
from playground.catalog.models import Model
from playground.catalog.selection import usable
from playground.chat.errors import InvalidInput
from playground.chat.images.services import limit_for
from playground.chat.models import Attachment, Conversation
from playground.chat.prompt import path_turns


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request without its messages. `values` are the validated form values, kept with the run's receipt."""

    model: Model
    values: dict[str, Any]
    request: dict[str, Any]
    receipt: dict[str, Any]


def prepare(
    *,
    owner: User,
    model_name: str,
    parameters: Mapping[str, Any],
    conversation: Conversation | None = None,
    leaf: int | None = None,
    added: Sequence[str] = (),
) -> Prepared:
    """Validate `parameters` with the form schema of the model named. Raises InvalidInput. One query.

    Some rules look at the texts that will be sent: those `added`, and when that is not enough to satisfy them, those of the
    path to the message with the id `leaf` (three queries more).
    """
    model = Model.objects.visible_to(owner).select_related("provider").named(model_name).first()
    if model is None:
        raise InvalidInput.of("model", _("This model is not in the catalogue. Choose another one."))
    if not usable(model):
        raise InvalidInput.of("model", unusable_text(model))
    checked = form_schema.validate(model, parameters, texts=added)
    if checked.errors and conversation is not None and leaf is not None:
        texts = [turn.text for turn in path_turns(conversation, leaf)]
        checked = form_schema.validate(model, parameters, texts=[*texts, *added])
    if checked.errors:
        raise InvalidInput(checked.errors)
    request, receipt = form_schema.build_body(model, checked.values)
    facts = {
        # What decides about the messages is written down with the run: the catalogue may change, the receipt may not.
        "values": checked.values,
        "sends_images": model.has_vision,
        "sends_image_urls": model.has_vision and model.provider.fetches_image_urls,
        "continue_style": model.provider.continue_style,
    }
    return Prepared(model=model, values=checked.values, request=request, receipt={**receipt, **facts})


def unusable_text(model: Model) -> str:
    """Why nothing can be sent to `model`, and what to do about it."""
    if model.is_retired():
        return _("%(model)s has been turned off by its provider. Choose another model.") % {"model": model.title}
    if model.provider.needs_key:
        return _("%(provider)s needs an API key. An admin can enter it on the model's page.") % {
            "provider": model.provider.name
        }
    return _("%(model)s cannot be used at the moment. Choose another model.") % {"model": model.title}


def check_attachments(attachments: Sequence[Attachment], model: Model) -> None:
    """Raises InvalidInput when `model` cannot take these images in one message."""
    if not attachments:
        return
    if not model.has_vision:
        raise InvalidInput.of(
            "attachments",
            _("%(model)s does not read images. Remove them or choose a model with vision.") % {"model": model.title},
        )
    limit = limit_for(model)
    if len(attachments) > limit:
        raise InvalidInput.of(
            "attachments",
            _("%(model)s takes at most %(limit)d images a message; there are %(count)d.")
            % {"model": model.title, "limit": limit, "count": len(attachments)},
        )
    if any(attachment.url for attachment in attachments) and not model.provider.fetches_image_urls:
        raise InvalidInput.of(
            "attachments",
            _("%(provider)s does not fetch image addresses. Upload the image instead.")
            % {"provider": model.provider.name},
        )
