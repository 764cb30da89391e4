"""The list of presets: what is searched for, and a page of what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q

from playground.presets.flags import ModelState, states_of
from playground.presets.models import Grant, Preset, PresetQuerySet
from playground.presets.services.describing import TAG_MARK

if TYPE_CHECKING:
    from playground.accounts.models import User

PAGE = 50
MAX_QUERY_CHARS = 200
MAX_PAGE = 10_000
MOST_TAGS = 100  # in the select
WHOSE = ("", "mine", "shared", "everyone", "starred")
SORTS: dict[str, tuple[str, ...]] = {
    "updated": ("-updated_at", "-pk"),
    "use": ("-use_count", "-updated_at", "-pk"),
    "name": ("name", "pk"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; nonsense in it is what was not asked."""

    query: str = ""
    tag: str = ""
    whose: str = ""
    sort: str = "updated"
    page: int = 1

    @classmethod
    def of(cls, get: Mapping[str, str]) -> Wanted:
        whose, sort, page = get.get("whose", ""), get.get("sort", ""), get.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        return cls(
            query=get.get("q", "").replace("\x00", "")[:MAX_QUERY_CHARS].strip(),
            tag=get.get("tag", "").replace("\x00", "")[:MAX_QUERY_CHARS].strip().casefold(),
            whose=whose if whose in WHOSE else "",
            sort=sort if sort in SORTS else "updated",
            page=min(max(number, 1), MAX_PAGE),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.query or self.tag or self.whose)

    def address(self, page: int) -> str:
        """The query string of another page of the same."""
        asked = {"q": self.query, "tag": self.tag, "whose": self.whose, "sort": self.sort, "page": page}
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class ListedPreset:
    preset: Preset  # with owner, latest, is_starred, is_granted
    model: ModelState
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PresetPage:
    wanted: Wanted
    lines: tuple[ListedPreset, ...]
    tags: tuple[str, ...]  # of everything the person may use, the most common ones, by name
    earlier: str  # query strings; "" where there is no such page
    later: str


def list_presets(user: User, wanted: Wanted) -> PresetPage:
    """A page of what `user` may use. Four queries, however many presets there are."""
    visible = Preset.objects.visible_to(user)
    found = _found(visible, user, wanted).with_star_of(user)
    granted = Grant.objects.filter(preset=OuterRef("pk"), user=user)
    rows = found.annotate(is_granted=Exists(granted)).select_related("owner", "latest").order_by(*SORTS[wanted.sort])
    begin = (wanted.page - 1) * PAGE
    shown = list(rows[begin : begin + PAGE + 1])
    here = shown[:PAGE]
    states = states_of(user, [model_of(preset) for preset in here])
    return PresetPage(
        wanted=wanted,
        lines=tuple(ListedPreset(one, states[model_of(one)], one.owner_id == user.pk) for one in here),
        tags=_tags(visible),
        earlier=wanted.address(wanted.page - 1) if wanted.page > 1 else "",
        later=wanted.address(wanted.page + 1) if len(shown) > PAGE else "",
    )


def model_of(preset: Preset) -> str:
    """What its newest version names; "" when it leaves the choice."""
    name: str = preset.latest.content_json.get("model", "") if preset.latest else ""
    return name


def _found(visible: PresetQuerySet, user: User, wanted: Wanted) -> PresetQuerySet:
    for word in wanted.query.casefold().split():
        visible = visible.filter(Q(search_text__contains=word) | Q(slug__contains=word))
    if wanted.tag:
        visible = visible.filter(search_text__contains=f"{TAG_MARK}{wanted.tag}{TAG_MARK}")
    match wanted.whose:
        case "mine":
            return visible.filter(owner=user)
        case "shared":
            return visible.filter(grants__user=user)
        case "everyone":
            return visible.exclude(everyone="").exclude(owner=user)
        case "starred":
            return visible.filter(stars__user=user)
    return visible


def _tags(visible: PresetQuerySet) -> tuple[str, ...]:
    tagged = visible.exclude(tags=[]).order_by().values_list("tags", flat=True)
    counts = Counter(tag for tags in tagged.iterator() for tag in tags)
    return tuple(sorted(tag for tag, _count in counts.most_common(MOST_TAGS)))
