"""Every page of comparisons and sweeps with the worst that people and models write in it: text stays text, queries stay few."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from playground.chat.models import Conversation, Face
from playground.compare.models import Sweep, Verdict
from playground.compare.services.columns import columns_of
from playground.compare.services.posting import post_to_all
from playground.compare.settings import ColumnSettings
from playground.compare.turns import turns_of
from playground.compare.verdicts import give_verdict
from tests.chat.making import end_answer

pytestmark = pytest.mark.django_db

HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script></title></textarea><!--{{ 7|add:7 }}"
NEVER = ("<img src=x", "<script>alert", "<!--{{")


@pytest.fixture
def hostile(make_comparison, model, alice):
    """A comparison whose every text is an attack, with a verdict."""
    comparison = make_comparison(
        ColumnSettings(model.public_name, {"system_prompt": HOSTILE}),
        ColumnSettings(model.public_name, {"system_prompt": HOSTILE + "2"}),
    )
    posted = post_to_all(owner=alice, comparison=comparison, text=HOSTILE)
    winner, _loser = [end_answer(one.answer, HOSTILE + str(at)) for at, one in enumerate(posted)]
    columns = columns_of(comparison)
    give_verdict(
        comparison=comparison, columns=columns, turn_key=turns_of(columns)[0].key, winner=winner.uuid, note=HOSTILE
    )
    comparison.title = HOSTILE[:200]
    comparison.save()
    contenders = [{"model": HOSTILE, "preset": HOSTILE, "won": True}, {"model": "x", "preset": "", "won": False}]
    Verdict.objects.create(comparison=comparison, turn="made up", contenders=contenders)
    conversation = Conversation.objects.create(owner=alice, face=Face.SWEEP, updated_at=timezone.now())
    Sweep.objects.create(
        owner=alice, conversation=conversation, title=HOSTILE[:200], updated_at=timezone.now(), base={"model": HOSTILE}
    )
    return comparison


def addresses(comparison):
    first, second = columns_of(comparison)
    yield reverse("comparisons")
    yield reverse("comparisons") + "?q=img"
    yield reverse("sweeps")
    yield reverse("comparison_tallies")
    yield from (
        reverse(name, args=[comparison.uuid]) for name in ("comparison", "comparison_facts", "comparison_verdict")
    )
    yield reverse("column_settings", args=[second.uuid])
    for way in ("auto", "words", "lines", "structure"):
        yield f"{reverse('column_difference', args=[second.uuid])}?baseline={first.uuid}&way={way}"


def test_no_text_of_theirs_is_markup(htmx_client, client, alice, hostile):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    seen = 0
    for address in addresses(hostile):
        for visitor in (htmx_client, client):
            page = visitor.get(address)
            assert page.status_code in (200, 302), address
            text = page.content.decode()
            seen += "onerror" in text
            assert [bad for bad in NEVER if bad in text] == [], address
    assert seen > 10  # it was there, as text


def test_a_page_costs_the_same_for_two_columns_and_for_sixteen(htmx_client, make_comparison, model):
    counts = []
    for number in (2, 2, 16):  # the first request of a test has more to ask
        comparison = make_comparison(*[ColumnSettings(model.public_name)] * number)
        for one in post_to_all(owner=comparison.owner, comparison=comparison, text="Why?"):
            end_answer(one.answer, "Because.")
        taken = []
        for name in ("comparison", "comparison_facts", "comparison_verdict", "comparison_export_csv"):
            with CaptureQueriesContext(connection) as queries:
                assert htmx_client.get(reverse(name, args=[comparison.uuid])).status_code == 200
            taken.append(len(queries))
        counts.append(taken)
    assert counts[1] == counts[2]
    assert max(counts[1]) <= 25
