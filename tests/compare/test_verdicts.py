"""Verdicts: one a turn, of answers that are whole, changed at will, blind only when the choice was."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from playground.chat.errors import InvalidInput, NotPossible
from playground.chat.models import Message
from playground.compare import blind
from playground.compare.models import Verdict
from playground.compare.services.columns import add_column, columns_of
from playground.compare.services.posting import post_to_all, run_again
from playground.compare.settings import ColumnSettings
from playground.compare.turns import turns_of
from playground.compare.verdicts import give_verdict
from playground.runs.models import RunStatus
from tests.chat.making import end_answer, make_model

pytestmark = pytest.mark.django_db


def ask(comparison, text="Why?", answers=("First.", "Second.")):
    """Answers, one a column; None leaves one unfinished."""
    posted = post_to_all(owner=comparison.owner, comparison=comparison, text=text)
    return [
        end_answer(one.answer, said) if said is not None else one.answer
        for one, said in zip(posted, answers, strict=True)
    ]


def judge(comparison, winner, **more):
    columns = columns_of(comparison)
    key = more.pop("turn_key", None) or turns_of(columns)[-1].key
    return give_verdict(
        comparison=comparison, columns=columns, turn_key=key, winner=winner.uuid if winner else None, **more
    )


def test_a_verdict_writes_down_who_stood_against_whom(comparison, model):
    first, second = ask(comparison)
    verdict = judge(comparison, second, note=" Shorter. ")
    assert (verdict.winner, verdict.is_tie, verdict.was_blind, verdict.note) == (second, False, False, "Shorter.")
    assert verdict.contenders == [
        {"message": str(first.uuid), "model": model.public_name, "preset": "", "won": False},
        {"message": str(second.uuid), "model": model.public_name, "preset": "", "won": True},
    ]


def test_it_can_be_changed_and_is_one_a_turn(comparison):
    first, _second = ask(comparison)
    judge(comparison, first)
    verdict = judge(comparison, None, note="Both.")
    assert (verdict.is_tie, verdict.winner, verdict.note) == (True, None, "Both.")
    ask(comparison, "And now?")
    judge(comparison, Message.objects.order_by("-pk").first())
    assert Verdict.objects.filter(comparison=comparison).count() == 2


def test_no_verdict_while_an_answer_is_written_or_on_fewer_than_two(comparison):
    first, _second = ask(comparison, answers=("First.", None))
    with pytest.raises(NotPossible):
        judge(comparison, first)
    end_answer(_second, "", RunStatus.FAILED)
    with pytest.raises(NotPossible):
        judge(comparison, first)


def test_only_an_answer_to_that_turn_can_win(comparison, make_comparison):
    first, _second = ask(comparison)
    other, _other = ask(make_comparison())
    ask(comparison, "And now?")
    for winner in (first, other):
        with pytest.raises(Message.DoesNotExist):
            judge(comparison, winner)
    with pytest.raises(Message.DoesNotExist):
        judge(comparison, None, turn_key="nonsense")
    judge(comparison, first, turn_key=turns_of(columns_of(comparison))[0].key)


def test_a_note_has_its_bound(comparison):
    first, _second = ask(comparison)
    with pytest.raises(InvalidInput):
        judge(comparison, first, note="x" * 2001)
    with pytest.raises(InvalidInput):
        judge(comparison, first, note="\x00")


def test_a_column_that_was_added_later_stands_in_the_same_turns(comparison):
    ask(comparison)
    column = add_column(comparison=comparison)
    answer = run_again(owner=comparison.owner, column=column)
    end_answer(answer, "Third.")
    turns = turns_of(columns_of(comparison))
    assert [len(turn.answers) for turn in turns] == [3]
    ask(comparison, "And now?", ("1", "2", "3"))
    assert [(turn.number, len(turn.answers)) for turn in turns_of(columns_of(comparison))] == [(1, 3), (2, 3)]


# --- blind ---


@pytest.fixture
def two_models(make_comparison, model):
    """Two columns whose names would give them away."""
    make_model("zebra-secret")
    comparison = make_comparison(
        ColumnSettings(model.public_name), ColumnSettings("fake/zebra-secret", {"temperature": 1.61803})
    )
    blind.set_blind(comparison=comparison, columns=columns_of(comparison), is_blind=True)
    return comparison


def test_a_blind_choice_is_counted_as_blind_until_it_is_changed(two_models):
    first, second = ask(two_models)
    assert judge(two_models, first).was_blind
    two_models.refresh_from_db()
    assert judge(two_models, first, note="Why not.").was_blind
    assert not judge(two_models, second).was_blind


def test_columns_are_hidden_from_the_post_to_the_choice(two_models):
    def is_hidden():
        return blind.is_hidden(two_models, columns_of(two_models))

    assert not is_hidden()
    first, _second = ask(two_models)
    assert is_hidden()
    judge(two_models, first)
    assert not is_hidden()
    ask(two_models, "And now?")
    assert is_hidden()
    blind.set_blind(comparison=two_models, columns=columns_of(two_models), is_blind=False)
    assert not is_hidden()


def test_the_order_is_by_chance_and_the_same_for_a_whole_turn(make_comparison, model):
    comparison = make_comparison(*[ColumnSettings(model.public_name)] * 6)
    columns = columns_of(comparison)
    blind.set_blind(comparison=comparison, columns=columns, is_blind=True)
    orders = []
    for number in range(4):
        ask(comparison, f"Question {number}?", ["x"] * 6)
        turn = turns_of(columns_of(comparison))[-1]
        order = [one.pk for one in blind.shuffled(comparison, columns, turn)]
        assert order == [one.pk for one in blind.shuffled(comparison, columns_of(comparison)[::-1], turn)]
        orders.append(tuple(order))
    assert len(set(orders)) > 1
    assert all(sorted(order) == sorted(one.pk for one in columns) for order in orders)


SECRETS = ("zebra-secret", "Zebra-Secret", "1.61803", "$0.", "5,000", "83.3")


@pytest.mark.parametrize("is_ended", [True, False])
def test_a_hidden_page_holds_nothing_that_tells(htmx_client, client, alice, two_models, is_ended):
    ask(two_models, answers=("First.", "Second." if is_ended else None))
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    pages = [client.get(reverse("comparison", args=[two_models.uuid]))]
    pages += [
        htmx_client.get(reverse(name, args=[two_models.uuid])) for name in ("comparison_verdict", "comparison_facts")
    ]
    for column in columns_of(two_models):
        pages.append(htmx_client.get(reverse("conversation_news", args=[column.conversation.uuid])))
        for message in Message.objects.filter(conversation=column.conversation, run__isnull=False):
            pages.append(htmx_client.get(reverse("message", args=[message.uuid])))
    for page in pages:
        text = page.content.decode()
        for secret in SECRETS:
            assert secret not in text, (page.request["PATH_INFO"], secret)


def test_after_the_choice_the_page_tells(client, alice, two_models):
    first, _second = ask(two_models)
    judge(two_models, first)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("comparison", args=[two_models.uuid])).content.decode()
    assert "zebra-secret" in page


def test_the_socket_tells_nothing_either(two_models, alice):
    from playground.chat.fragments import final_message, find_followed

    for answer in ask(two_models):
        html = final_message(find_followed(alice, answer.run.uuid))
        assert answer.text.rstrip(".") in html
        for secret in SECRETS:
            assert secret not in html


def test_columns_stay_as_they_are_until_the_choice(htmx_client, two_models):
    first, _second = ask(two_models)
    column = columns_of(two_models)[0]
    refused = [
        htmx_client.get(reverse("column_settings", args=[column.uuid])),
        htmx_client.get(reverse("conversation", args=[column.conversation.uuid])),
        htmx_client.post(reverse("column_add", args=[two_models.uuid])),
        htmx_client.post(reverse("column_move", args=[column.uuid]), {"by": "1"}),
        htmx_client.post(reverse("column_pin", args=[column.uuid]), {"field": "model", "is_pinned": "true"}),
    ]
    assert [page.status_code for page in refused] == [422] * len(refused)
    assert not any(secret in page.content.decode() for page in refused for secret in SECRETS)
    judge(two_models, first)
    assert htmx_client.get(reverse("column_settings", args=[column.uuid])).status_code == 200


def test_no_export_and_no_receipt_before_the_choice(htmx_client, two_models):
    first, _second = ask(two_models)
    for kind in ("csv", "json", "md"):
        assert htmx_client.get(reverse(f"comparison_export_{kind}", args=[two_models.uuid])).status_code == 422
    for name in ("message_raw", "message_receipt"):
        assert htmx_client.get(reverse(name, args=[first.uuid])).status_code == 422
    judge(two_models, first)
    assert htmx_client.get(reverse("message_receipt", args=[first.uuid])).status_code == 200


# --- pages ---


def test_the_panel_takes_a_verdict_and_shows_it(htmx_client, comparison):
    first, _second = ask(comparison)
    url = reverse("comparison_verdict", args=[comparison.uuid])
    assert "Column 1" in htmx_client.get(url).content.decode()
    key = turns_of(columns_of(comparison))[-1].key
    page = htmx_client.post(url, {"turn": key, "winner": str(first.uuid), "note": "<b>Good</b>"})
    assert page.status_code == 200
    assert 'aria-pressed="true"' in page.content.decode()
    assert "&lt;b&gt;Good" in page.content.decode()
    assert htmx_client.post(url, {"turn": key, "winner": "tie"}).status_code == 200
    assert Verdict.objects.get(comparison=comparison).is_tie


@pytest.mark.parametrize(
    ("data", "status"),
    [({}, 422), ({"winner": "tie"}, 404), ({"winner": "no uuid", "turn": "x"}, 404)],
)
def test_a_form_that_is_wrong_is_refused(htmx_client, comparison, data, status):
    ask(comparison)
    assert htmx_client.post(reverse("comparison_verdict", args=[comparison.uuid]), data).status_code == status
    assert not Verdict.objects.filter(comparison=comparison).exists()


def test_a_blind_verdict_brings_the_whole_page_back(htmx_client, two_models):
    first, _second = ask(two_models)
    key = turns_of(columns_of(two_models))[-1].key
    url = reverse("comparison_verdict", args=[two_models.uuid])
    page = htmx_client.post(url, {"turn": key, "winner": str(first.uuid)})
    assert page.headers["HX-Redirect"] == reverse("comparison", args=[two_models.uuid])


def test_tallies_count_mine_alone(client, alice, bob, comparison, two_models):
    first, _second = ask(two_models)
    judge(two_models, first)
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert "No verdicts yet" in client.get(reverse("comparison_tallies")).content.decode()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert "zebra-secret" in client.get(reverse("comparison_tallies")).content.decode()


def test_tallies_cost_the_same_for_any_number_of_verdicts(client, alice, comparison, django_assert_max_num_queries):
    contenders = json.loads('[{"model": "a", "preset": "", "won": true}, {"model": "b", "preset": "", "won": false}]')
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    for count in (10, 1000):
        Verdict.objects.bulk_create(
            Verdict(comparison=comparison, turn=f"{count}-{number}", contenders=contenders) for number in range(count)
        )
        with django_assert_max_num_queries(8):
            client.get(reverse("comparison_tallies"))
