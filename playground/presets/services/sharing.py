"""Who else may use or edit a preset."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.lib.json_input import is_storable
from playground.presets.errors import InvalidPreset
from playground.presets.models import Grant, Preset, Right

MAX_GRANTS = 200  # people by name; beyond that it is for everyone


def share_with(*, preset: Preset, name: str, right: str) -> Grant:
    """Let the person of that user name use or edit it; the right is changed when they have one. Raises InvalidPreset."""
    name = name.strip()
    wanted = _right(right)
    person = _person(name)
    if person is None:
        raise InvalidPreset.of("person", _("There is nobody of the user name “%(name)s” here.") % {"name": name[:150]})
    if person.pk == preset.owner_id:
        raise InvalidPreset.of("person", _("It is theirs already."))
    with transaction.atomic():
        Preset.objects.select_for_update().get(pk=preset.pk, deleted_at=None)
        if Grant.objects.filter(preset=preset).exclude(user=person).count() >= MAX_GRANTS:
            raise InvalidPreset.of("person", _("It is shared with 200 people. Share it with everyone instead."))
        grant, _is_new = Grant.objects.update_or_create(preset=preset, user=person, defaults={"right": wanted})
    return grant


def unshare(*, preset: Preset, username: str) -> None:
    """Somebody without a right to it keeps none."""
    Grant.objects.filter(preset=preset, user__username=username).delete()


def set_everyone(*, preset: Preset, right: str) -> None:
    """What everyone signed in may do; "" is nothing. Raises InvalidPreset."""
    preset.everyone = _right(right) if right else ""
    preset.save(update_fields=["everyone"])


def _person(name: str) -> User | None:
    """Capitals do not matter, unless two people differ in nothing else."""
    if not name or not is_storable(name):
        return None
    people = list(User.objects.filter(username__iexact=name, is_active=True)[:10])
    return next((one for one in people if one.username == name), people[0] if len(people) == 1 else None)


def _right(right: str) -> Right:
    try:
        return Right(right)
    except ValueError:
        raise InvalidPreset.of("right", _("Others can use it or edit it.")) from None
