"""What is done with a sweep, or with one cell of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from playground.catalog.problems import BadValue
from playground.chat.errors import InvalidInput
from playground.chat.views.common import chat_view, conversation_url, go_to, is_fragment, person, require_place
from playground.compare.models import Sweep
from playground.compare.sweeps import acting, taking
from playground.compare.sweeps.reading import read_cap
from playground.compare.sweeps.views.common import cell_of, sweep_of
from playground.compare.sweeps.views.grid import show_news
from playground.presets.errors import InvalidPreset


@require_POST
@chat_view
def pause(request: HttpRequest, uuid: UUID) -> HttpResponse:
    acting.pause_sweep(sweep=sweep_of(request, uuid))
    return _as_it_is(request, uuid)


@require_POST
@chat_view
def resume(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_place()
    acting.resume_sweep(sweep=sweep_of(request, uuid))
    return _as_it_is(request, uuid)


@require_POST
@chat_view
def stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    acting.stop_sweep(sweep=sweep_of(request, uuid))
    return _as_it_is(request, uuid)


@require_POST
@chat_view
def again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The cells that failed or were stopped."""
    require_place()
    acting.run_again(sweep=sweep_of(request, uuid))
    return _as_it_is(request, uuid)


@require_POST
@chat_view
def cap(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`cap` in dollars; empty takes it away."""
    sweep = sweep_of(request, uuid)
    try:
        acting.set_cap(sweep=sweep, cap=read_cap(request.POST.get("cap", "")))
    except BadValue as error:
        raise InvalidInput.of("cap", str(error)) from None
    return _as_it_is(request, uuid)


@require_POST
@chat_view
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The list comes next, with the undo."""
    sweep = sweep_of(request, uuid)
    acting.delete_sweep(sweep=sweep)
    return go_to(request, f"{reverse('sweeps')}?deleted={sweep.uuid}")


@require_POST
@chat_view
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    user = person(request)
    rows = Sweep.objects.filter(owner=user, deleted_at__isnull=False).select_related("conversation")
    sweep = rows.get(uuid=uuid)
    acting.restore_sweep(owner=user, sweep=sweep)
    return go_to(request, reverse("sweep", args=[sweep.uuid]))


@require_POST
@chat_view
def chat(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    made = taking.open_as_chat(owner=person(request), cell=cell_of(request, uuid, number))
    return go_to(request, conversation_url(made))


@require_POST
@chat_view
def column(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """The first column of a new comparison."""
    made = taking.open_as_column(owner=person(request), cell=cell_of(request, uuid, number))
    return go_to(request, reverse("comparison", args=[made.uuid]))


@require_POST
@chat_view
def preset(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """A new preset, which is opened to be named."""
    try:
        made = taking.save_as_preset(owner=person(request), cell=cell_of(request, uuid, number))
    except InvalidPreset as error:
        raise InvalidInput(error.errors) from None
    return go_to(request, reverse("preset", args=[made.slug]))


def _as_it_is(request: HttpRequest, uuid: UUID) -> HttpResponse:
    if not is_fragment(request):
        return redirect("sweep", uuid=uuid)
    return show_news(request, sweep_of(request, uuid), is_action=True)
