"""What the catalogue's views share."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import Http404, HttpRequest

from playground.catalog.models import Model

if TYPE_CHECKING:
    from playground.accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in: for views behind `login_required`."""
    return cast("User", request.user)


def visible_model(user: User, public_name: str) -> Model:
    """The model of that public name, with its provider, if `user` may see it; otherwise Http404. One query."""
    model = Model.objects.visible_to(user).named(public_name).select_related("provider").first()
    if model is None:
        raise Http404
    return model


def may_enter_keys(user: User) -> bool:
    return user.is_staff and user.has_perm("catalog.change_provider")
