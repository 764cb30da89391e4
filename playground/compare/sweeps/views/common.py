"""What the views of sweeps share."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from playground.chat.views.common import person
from playground.compare.models import Cell, Sweep


def sweep_of(request: HttpRequest, uuid: UUID) -> Sweep:
    """Raises Sweep.DoesNotExist."""
    return Sweep.objects.visible_to(person(request)).select_related("conversation", "owner").get(uuid=uuid)


def cell_of(request: HttpRequest, uuid: UUID, number: int) -> Cell:
    """With its sweep, square, answer and run. Raises Cell.DoesNotExist, Sweep.DoesNotExist."""
    rows = Cell.objects.filter(sweep=sweep_of(request, uuid))
    rows = rows.select_related("sweep__conversation", "square", "answer__conversation", "answer__run__model__provider")
    return rows.get(number=number)


def whole_number(text: str, default: int = 0) -> int:
    """What an address asks for; nonsense is `default`."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
