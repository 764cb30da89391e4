"""Which model a person gets without choosing one."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from playground.catalog.models import Model

if TYPE_CHECKING:
    from playground.accounts.models import User


def usable(model: Model, today: datetime.date | None = None) -> bool:
    """True when a request to `model` can be sent now: enabled, its provider has what it needs, and not retired.

    Reads the provider: load it with the model.
    """
    provider = model.provider
    return model.is_enabled and provider.is_enabled and not provider.needs_key and not model.is_retired(today)


def default_model_for(user: User) -> Model | None:
    """The person's own default if it is usable, else the first usable one, the embedded one last. None: there is none.

    One query.
    """
    models = [model for model in Model.objects.visible_to(user).select_related("provider") if usable(model)]
    wanted = user.default_model if user.is_authenticated else ""
    chosen = [model for model in models if model.public_name == wanted]
    return min(chosen or models, key=lambda model: model.provider.is_embedded, default=None)
