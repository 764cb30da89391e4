"""From a model's name and form values to a request that may be sent, or to the fields that must be mended first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog import form_schema
from playground.catalog.models import Model
from playground.catalog.selection import usable
from playground.catalog.specs import specs_of
from playground.chat.errors import FieldError, InvalidInput
from playground.chat.images.services import limit_for
from playground.chat.models import Attachment
from playground.chat.prompt import Turn
from playground.chat.services.filling import FILLED_PARAMETERS, NOTHING, Filling
from playground.presets.models import PresetVersion


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request without its messages. `values` are the validated form values, as the form shows them again.

    The receipt's own "values" are what is sent: the same with variables filled in.
    """

    model: Model
    values: dict[str, Any]
    request: dict[str, Any]
    receipt: dict[str, Any]
    filling: Filling = NOTHING

    @property
    def preset(self) -> PresetVersion | None:
        """With its preset loaded."""
        return self.filling.version


def prepare(
    *,
    model: Model,
    parameters: Mapping[str, Any],
    before: Callable[[], Sequence[Turn]] = tuple,
    added: Sequence[str] = (),
    filling: Filling = NOTHING,
) -> Prepared:
    """Validate `parameters`, filled in by `filling`, with the form schema of `model`. Raises InvalidInput. No query of its own.

    Some rules look at the texts that will be sent: those `added`, and when that is not enough to satisfy them, those of the
    turns `before`, which are read only then.
    """
    if not usable(model):
        raise InvalidInput.of("model", unusable_text(model))
    filled = filling.parameters(parameters)
    checked = form_schema.validate(model, filled, texts=added)
    if checked.errors and (turns := before()):
        checked = form_schema.validate(model, filled, texts=[*(turn.text for turn in turns), *added])
    if checked.errors:
        raise InvalidInput([_named(problem, model) for problem in checked.errors])
    template = _template(parameters, checked.values)
    shown = checked.values | template
    request, receipt = form_schema.build_body(model, checked.values, filling.origins(model, shown))
    facts = {
        # What decides about the messages is written down with the run: the catalogue may change, the receipt may not.
        "values": checked.values,
        "sends_images": model.has_vision,
        "sends_image_urls": model.has_vision and model.provider.fetches_image_urls,
        "continue_style": model.provider.continue_style,
        **filling.facts(),
    }
    if template:
        facts["template"] = template
    return Prepared(model, shown, request, {**receipt, **facts}, filling)


def _template(parameters: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, str]:
    """The texts whose variables were filled in, as they were before."""
    texts = {name: parameters.get(name) for name in FILLED_PARAMETERS if name in values}
    unix = {
        name: text.replace("\r\n", "\n").replace("\r", "\n") for name, text in texts.items() if isinstance(text, str)
    }
    return {name: text for name, text in unix.items() if text != values[name]}


def _named(problem: FieldError, model: Model) -> FieldError:
    """With the parameter's label: it is said where the message is written, and its control may be out of sight."""
    spec = specs_of(model).get(problem.field)
    if spec is None:
        return problem
    return replace(problem, message=_("%(field)s: %(problem)s") % {"field": _(spec.title), "problem": problem.message})


def find_model(owner: User, name: str) -> Model:
    """The model with this public name. Raises InvalidInput. One query."""
    model = Model.objects.visible_to(owner).select_related("provider").named(name).first()
    return known(model)


def known(model: Model | None) -> Model:
    """`model`, which a look-up by name gave. Raises InvalidInput when it found none."""
    if model is None:
        raise InvalidInput.of("model", _("This model is not in the catalogue. Choose another one."))
    return model


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
