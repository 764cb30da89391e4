"""A column may have a preset: its starters, its variables, and what becomes of a message that lacks one."""

from __future__ import annotations

import pytest
from django.urls import reverse

from playground.chat.models import Message
from playground.compare.services.columns import columns_of
from playground.compare.services.posting import post_to_all, run_all_again
from playground.compare.services.settings import pin_field, save_settings
from playground.compare.settings import ColumnSettings
from playground.presets.services import set_everyone
from tests.chat.test_presets_sent import CONTENT, make, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(alice, model):
    return make(alice)


def settings(model, version, **variables) -> ColumnSettings:
    return ColumnSettings(model.public_name, CONTENT.parameters, version, variables)


def test_each_column_sends_with_its_own_preset_and_variables(make_comparison, model, version, alice):
    comparison = make_comparison(settings(model, version, tone="kind"), ColumnSettings(model.public_name))
    posted = post_to_all(owner=alice, comparison=comparison, text="A {{tone}} cat")
    assert sent(posted[0].answer) == [
        ("system", "You are a kind editor."),
        ("user", "Mend my text."),
        ("assistant", "Gladly. Show me."),
        ("user", "A kind cat"),
    ]
    assert sent(posted[1].answer) == [("user", "A {{tone}} cat")]
    assert [one.answer.run.preset for one in posted] == [version.name, ""]


def test_a_missing_variable_holds_that_column_and_it_begins_with_the_starters_later(
    make_comparison, model, version, alice
):
    comparison = make_comparison(settings(model, version), ColumnSettings(model.public_name))
    posted = post_to_all(owner=alice, comparison=comparison, text="A {{tone}} cat")
    assert posted[1].answer is not None
    assert "tone" in posted[0].user_message.queued["said"]
    column = columns_of(comparison)[0]
    save_settings(owner=alice, column=column, settings=settings(model, version, tone="dry"))
    assert run_all_again(owner=alice, comparison=comparison) == []
    answer = Message.objects.get(conversation=column.conversation, run__isnull=False)
    assert sent(answer) == [
        ("system", "You are a dry editor."),
        ("user", "Mend my text."),
        ("assistant", "Gladly. Show me."),
        ("user", "A dry cat"),
    ]


def test_a_preset_that_is_out_of_reach_by_now_is_not_used(make_comparison, model, bob, alice):
    theirs = make(bob)
    set_everyone(preset=theirs.preset, right="use")
    comparison = make_comparison(settings(model, theirs, tone="kind"))
    set_everyone(preset=theirs.preset, right="")
    posted = post_to_all(owner=alice, comparison=comparison, text="Hello")
    assert posted[0].answer.run.preset == ""


def test_choosing_a_preset_fills_the_columns_form_and_is_kept(htmx_client, comparison, columns, version, model):
    address = reverse("column_preset", args=[columns[0].uuid])
    html = htmx_client.post(address, {"model": model.public_name, "preset": version.name}).content.decode()
    assert "You are a {{tone}} editor." in html
    assert 'name="variable-tone"' in html
    conversation = columns_of(comparison)[0].conversation
    assert (conversation.preset, conversation.parameters) == (version, CONTENT.parameters)
    page = htmx_client.get(reverse("comparison", args=[comparison.uuid])).content.decode()
    assert f"Preset <b>{version.name}</b>" in page
    assert "Preset <b>none</b>" in page


def test_nobody_chooses_a_preset_that_is_not_theirs(htmx_client, comparison, columns, bob, model):
    theirs = make(bob)
    for name in ("column_preset", "column_settings"):
        address = reverse(name, args=[columns[0].uuid])
        answer = htmx_client.post(address, {"model": model.public_name, "preset": theirs.name})
        assert answer.status_code == 422
    assert columns_of(comparison)[0].conversation.preset is None


def test_a_pinned_preset_brings_its_variables_along(make_comparison, model, version, alice):
    comparison = make_comparison(settings(model, version, tone="kind"), ColumnSettings(model.public_name))
    pin_field(owner=alice, column=columns_of(comparison)[0], field="preset", is_pinned=True)
    other = columns_of(comparison)[1].conversation
    assert (other.preset, other.variables) == (version, {"tone": "kind"})


def test_the_estimate_counts_the_starters(htmx_client, make_comparison, model, version):
    without = make_comparison(ColumnSettings(model.public_name))
    comparison = make_comparison(settings(model, version, tone="kind"))
    figures = [
        htmx_client.post(reverse("comparison_estimate", args=[one.uuid]), {"text": "Hi"}).content.decode()
        for one in (without, comparison)
    ]
    tokens = [int(figure.split(" tok")[0].rsplit(" ", 1)[1]) for figure in figures]
    assert tokens[1] > tokens[0] + 10
