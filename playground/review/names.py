"""What rows of the figures are called: people, also those who are gone, their groups, faces, keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from playground.review.selection import NO_GROUP, NO_OWNER
from playground.usage.models import LedgerEntry
from playground.usage.wording import source_label

MOST_GONE = 100  # people whose names are looked up in the ledger; there every entry of theirs is read
DIMENSION_TITLES = {
    "user": _lazy("People"),
    "group": _lazy("Groups"),
    "model": _lazy("Models"),
    "provider": _lazy("Providers"),
    "source": _lazy("Sources"),
    "key": _lazy("API keys"),
}


@dataclass(slots=True)
class Names:
    """Of people and groups, by the keys of their rows."""

    people: dict[int, str] = field(default_factory=dict)
    gone: dict[int, str] = field(default_factory=dict)
    groups: dict[int, str] = field(default_factory=dict)
    groups_of: dict[int, list[int]] = field(default_factory=dict)

    def person(self, key: int | None) -> str:
        if not key:
            return _("nobody")
        return self.people.get(key) or self.gone.get(key) or _("person %(number)d") % {"number": key}

    def is_gone(self, key: int | None) -> bool:
        return bool(key) and key not in self.people

    def group(self, key: int) -> str:
        return self.groups.get(key) or (_("no group") if key == NO_GROUP else _("group %(number)d") % {"number": key})

    def groups_of_person(self, key: int | None) -> list[int]:
        return self.groups_of.get(key or NO_OWNER) or [NO_GROUP]

    def of(self, dimension: str, value: int | str) -> str:
        """What a filter's value is called."""
        if dimension == "user":
            return self.person(int(value))
        if dimension == "group":
            return self.group(int(value))
        if dimension == "source":
            return source_label(str(value))
        return str(value) or (_("no key") if dimension == "key" else _("unknown"))


def load_names(owners: Iterable[int | None]) -> Names:
    """Names of these people, most important first, and all groups. Two queries, and one more when somebody is gone."""
    wanted = [owner for owner in owners if owner]
    user_model = get_user_model()
    names = Names(people=dict(user_model.objects.filter(pk__in=wanted).values_list("pk", "username")))
    for user, group, title in user_model.groups.through.objects.values_list("user_id", "group_id", "group__name"):
        names.groups_of.setdefault(user, []).append(group)
        names.groups[group] = title
    if gone := [owner for owner in wanted if owner not in names.people][:MOST_GONE]:
        found = LedgerEntry.objects.filter(owner_id__in=gone).order_by().values_list("owner_id")
        names.gone = dict(found.annotate(name=Max("owner_name")))
    return names
