"""How many runs a plan is and what they can cost at most, before anything is sent. Judges every setting on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import FieldError, InvalidInput
from playground.chat.estimating import worst_cost
from playground.chat.models import Attachment, Role
from playground.chat.prompt import PromptCount, Turn, count_turns, framed
from playground.chat.services.context import Prompt, check_context
from playground.chat.services.starting import starter_turns
from playground.compare.sweeps.combining import Kit, filling_of, prompt_of, question_text, setting_at
from playground.compare.sweeps.plan import Place, Plan

MOST_ERRORS = 5
MOST_TEXT = 20_000_000  # characters of all prompts together: counting takes time in proportion


@dataclass(frozen=True, slots=True)
class Estimate:
    squares: int
    runs: int
    at_most: Decimal  # dollars, of the runs that have a price
    unpriced: int  # runs

    @property
    def is_priced(self) -> bool:
        return self.unpriced < self.runs


def check_bounds(plan: Plan) -> None:
    """Raises InvalidInput when the grid is larger than this server takes."""
    limit = settings.SWEEP_MAX_RUNS
    if plan.runs > limit:
        text = _("This makes %(runs)s runs; a sweep has at most %(limit)s. Take fewer values, inputs or repeats.")
        facts = {
            "runs": number_format(plan.runs, force_grouping=True),
            "limit": number_format(limit, force_grouping=True),
        }
        raise InvalidInput.of("runs", text % facts)


def estimate(owner: User, kit: Kit, attachments: Sequence[Attachment] = ()) -> Estimate:
    """Raises InvalidInput naming the settings that cannot be sent, and for a grid out of bounds."""
    check_bounds(kit.plan)
    counter, errors = _Counter(), []
    at_most, unpriced = Decimal(0), 0
    for place in kit.plan.places():
        try:
            prompt = _prompt_at(owner, kit, place, attachments)
            counter.add(prompt)
            check_context(prompt, conversation=None)
        except InvalidInput as error:
            errors += [_placed(kit.plan, place, problem) for problem in error.errors]
            if len(errors) >= MOST_ERRORS:
                break
            continue
        worst = worst_cost(prompt.prepared.model, counter.count(prompt), prompt.prepared.values)
        at_most, unpriced = at_most + (worst or 0), unpriced + (worst is None)
    if errors:
        raise InvalidInput(list(dict.fromkeys(errors))[:MOST_ERRORS])
    return Estimate(kit.plan.squares, kit.plan.runs, at_most * kit.plan.repeats, unpriced * kit.plan.repeats)


def _prompt_at(owner: User, kit: Kit, place: Place, attachments: Sequence[Attachment]) -> Prompt:
    setting = setting_at(kit, place)
    filling = filling_of(kit, setting)
    text = question_text(setting, filling)
    if not text.strip() and not attachments:
        raise InvalidInput.of("text", _("Write a message or attach an image."))
    turns = [*starter_turns(owner, filling), Turn(Role.USER, text, attachments)]
    return prompt_of(kit, setting, filling, turns)


class _Counter:
    """Counts each prompt once: settings that differ in a temperature send the same text."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, tuple[str, ...]], PromptCount] = {}
        self._text = 0

    def add(self, prompt: Prompt) -> None:
        """Raises InvalidInput when all texts together are too much to count."""
        self._text += (
            sum(len(turn.text) for turn in self._turns(prompt)) if self._key(prompt) not in self._counts else 0
        )
        if self._text > MOST_TEXT:
            raise InvalidInput.of("text", _("All inputs together are too long for one sweep. Take fewer rows."))

    def count(self, prompt: Prompt) -> PromptCount:
        key = self._key(prompt)
        if key not in self._counts:
            detail = prompt.prepared.values.get("image_detail")
            self._counts[key] = count_turns(self._turns(prompt), prompt.prepared.model, detail)
        return self._counts[key]

    def _turns(self, prompt: Prompt) -> Sequence[Turn]:
        return framed(prompt.added, prompt.prepared.receipt)

    def _key(self, prompt: Prompt) -> tuple[int, str, tuple[str, ...]]:
        detail = str(prompt.prepared.values.get("image_detail"))
        return prompt.prepared.model.pk, detail, tuple(turn.text for turn in self._turns(prompt))


def _placed(plan: Plan, place: Place, problem: FieldError) -> FieldError:
    """With the values of the axes, so that it can be found; what has nothing to do with them is said once."""
    names = {axis.field: axis.values[at] for axis, at in zip(plan.axes, (place.x, place.y), strict=False)}
    if problem.field not in names:
        return problem
    return FieldError(problem.field, f"{str(names[problem.field])[:60]}: {problem.message}")
