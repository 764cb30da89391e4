"""How the last answer of one column differs from another's."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from playground.chat.models import Message
from playground.chat.views.common import chat_view, read_uuid
from playground.compare.differences import Difference, Way, compare
from playground.compare.judging import arrange
from playground.compare.models import Column
from playground.compare.services.columns import columns_of
from playground.compare.turns import last_answers
from playground.compare.views.common import column_of


@require_GET
@chat_view
def difference(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?baseline=` is the column to compare with, of the same comparison; `?way=` one of `Way`, automatic when left out."""
    column = column_of(request, uuid)
    columns = columns_of(column.comparison)
    wanted = read_uuid(request.GET.get("baseline", ""))
    baseline = next((one for one in columns if one.uuid == wanted), None)
    if baseline is None:
        raise Column.DoesNotExist
    given = request.GET.get("way", "")
    way = Way(given) if given in Way.values else Way.AUTO
    found, note = _difference(baseline, column, way)
    numbers = {one.pk: number for number, one in enumerate(arrange(column.comparison, columns)[0], 1)}
    context = {
        "column": column,
        "baseline": baseline,
        "baseline_number": numbers[baseline.pk],
        "difference": found,
        "note": note,
    }
    return render(request, "compare/_difference.html", context)


def _difference(baseline: Column, column: Column, way: Way) -> tuple[Difference | None, str]:
    """Or why there is none yet."""
    answers = last_answers([baseline, column])
    before, after = answers.get(baseline.pk), answers.get(column.pk)
    if before is None or after is None:
        return None, _("Both columns need an answer to be compared.")
    if any(_is_active(answer) for answer in (before, after)):
        return None, _("An answer is still being written. The difference is shown when both have ended.")
    return compare(before.text, after.text, way), ""


def _is_active(answer: Message) -> bool:
    return answer.run is not None and answer.run.is_active
