"""What a plan becomes: how many runs, what they cost at most, what is sent; and what is refused before anything is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation, Message
from playground.compare.models import Cell, Square, Sweep
from playground.compare.sweeps.combining import filling_of, load_kit, prompt_of, setting_at
from playground.compare.sweeps.plan import Axis, Place
from playground.compare.sweeps.pricing import estimate
from playground.compare.sweeps.starting import start_sweep
from playground.presets.content import Content, Starter, Variable
from playground.presets.services import create_preset
from tests.chat.making import make_image, make_model
from tests.compare.sweeps.conftest import make_plan

TEMPERATURES = Axis("temperature", (0.0, 0.5, 1.0))


def price_of(alice, plan, images=()):
    return estimate(alice, load_kit(alice, plan), images)


def prompts(alice, plan):
    """What each place sends."""
    kit = load_kit(alice, plan)
    found = []
    for place in plan.places():
        setting = setting_at(kit, place)
        found.append(prompt_of(kit, setting, filling_of(kit, setting), ()))
    return [prompt.prepared for prompt in found]


def test_the_number_of_runs_and_the_greatest_price_are_known_before(alice, model):
    plan = make_plan(
        model, axes=(TEMPERATURES, Axis("top_p", (0.5, 1.0))), repeats=5, parameters={"max_completion_tokens": 100}
    )
    found = price_of(alice, plan)
    assert (found.squares, found.runs, found.unpriced) == (6, 30, 0)
    # 8 dollars a million tokens of 100 each, and a prompt of a few tokens at 2 dollars.
    assert Decimal("0.0008") * 30 < found.at_most < Decimal("0.0009") * 30


def test_the_price_follows_the_axes(alice, model):
    short = price_of(alice, make_plan(model, axes=(Axis("max_completion_tokens", (10,)),))).at_most
    both = price_of(alice, make_plan(model, axes=(Axis("max_completion_tokens", (10, 1000)),))).at_most
    assert both > 10 * short


def test_unpriced_is_said_and_never_counted_as_free(alice, model):
    unpriced = make_model("fake-unpriced")
    unpriced.prices.all().delete()
    found = price_of(
        alice, make_plan(model, axes=(Axis("model", (model.public_name, unpriced.public_name)),), repeats=3)
    )
    assert (found.runs, found.unpriced) == (6, 3)
    assert found.at_most > 0


def test_a_sweep_has_at_most_as_many_runs_as_the_server_allows(alice, model, settings):
    settings.SWEEP_MAX_RUNS = 10
    with pytest.raises(InvalidInput, match="at most 10"):
        start_sweep(owner=alice, plan=make_plan(model, repeats=4))
    assert not Sweep.objects.exists()
    assert start_sweep(owner=alice, plan=make_plan(model, repeats=3)).cells.count() == 9


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "  "}, "Write a message"),
        ({"axes": (Axis("model", ("nobody/knows",)),)}, "not in the catalogue"),
        ({"axes": (Axis("preset", ("nobody-knows@1",)),)}, "no preset"),
        ({"axes": (Axis("temperature", (0.0, 7.0)),)}, "7.0"),
        ({"text": "word " * 200_000}, "Shorten it"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(alice, model, fields, says):
    with pytest.raises(InvalidInput, match=says):
        start_sweep(owner=alice, plan=make_plan(model, **fields))
    assert not Conversation.objects.filter(owner=alice).exists()


def test_every_place_has_its_own_settings_and_the_rest_in_common(alice, model):
    plan = make_plan(
        model,
        axes=(Axis("temperature", (0.0, 1.0)), Axis("system_prompt", ("Be brief.", "Be kind."))),
        parameters={"top_p": 0.5},
    )
    sent = [
        (one.values["temperature"], one.values["system_prompt"], one.values["top_p"]) for one in prompts(alice, plan)
    ]
    assert sent == [(0, "Be brief.", 0.5), (1, "Be brief.", 0.5), (0, "Be kind.", 0.5), (1, "Be kind.", 0.5)]


def test_a_model_on_an_axis_takes_what_it_can_of_the_parameters(alice, model):
    other = make_model("fake-other")
    plan = make_plan(
        model, axes=(Axis("model", (model.public_name, other.public_name)),), parameters={"temperature": 0.3}
    )
    assert [(one.model.public_name, one.values["temperature"]) for one in prompts(alice, plan)] == [
        (model.public_name, 0.3),
        (other.public_name, 0.3),
    ]


def test_a_preset_on_an_axis_brings_its_own_settings_and_starters(alice, model):
    content = Content(model.public_name, {"temperature": 0.9}, (Starter("user", "Hi"), Starter("assistant", "Hello")))
    preset = create_preset(owner=alice, name="Warm", content=content)
    plan = make_plan(
        model, axes=(Axis("preset", (f"{preset.slug}@1",)), Axis("top_p", (0.1, 0.2))), parameters={"temperature": 0}
    )
    sent = prompts(alice, plan)
    assert [(one.values["temperature"], one.values["top_p"]) for one in sent] == [(0.9, 0.1), (0.9, 0.2)]
    assert all(one.preset and one.preset.name == "warm@1" for one in sent)
    sweep = start_sweep(owner=alice, plan=plan)
    question = Square.objects.filter(sweep=sweep).select_related("question__parent__parent").first().question
    assert (question.parent.parent.text, question.parent.text, question.text) == ("Hi", "Hello", "Why?")


def test_a_preset_that_is_not_shared_is_nobody_elses(alice, bob, model):
    preset = create_preset(owner=bob, name="Secret", content=Content(model.public_name))
    with pytest.raises(InvalidInput, match="no preset"):
        load_kit(alice, make_plan(model, preset=f"{preset.slug}@1"))


def test_inputs_fill_message_and_system_prompt_in_one_pass(alice, model):
    plan = make_plan(
        model,
        text="Tide in {{port}}, {{unknown}}?",
        parameters={"system_prompt": "Speak {{language}}."},
        inputs=({"port": "Brest", "language": "French"}, {"port": "{{language}}", "language": "English"}),
        axes=(),
    )
    assert [one.receipt["values"]["system_prompt"] for one in prompts(alice, plan)] == [
        "Speak French.",
        "Speak English.",
    ]
    sweep = start_sweep(owner=alice, plan=plan)
    texts = list(Message.objects.filter(conversation=sweep.conversation, role="user").values_list("text", flat=True))
    assert texts == ["Tide in Brest, {{unknown}}?", "Tide in {{language}}, {{unknown}}?"]


def test_a_required_variable_that_the_table_lacks_is_named(alice, model):
    preset = create_preset(
        owner=alice, name="Port", content=Content(model.public_name, variables=(Variable("port"), Variable("language")))
    )
    plan = make_plan(model, preset=f"{preset.slug}@1", inputs=({"port": "Brest"},))
    with pytest.raises(InvalidInput, match="language"):
        start_sweep(owner=alice, plan=plan)


def test_the_same_form_sent_twice_is_one_sweep(alice, model):
    one = start_sweep(owner=alice, plan=make_plan(model), request_id="the-same")
    assert start_sweep(owner=alice, plan=make_plan(model), request_id="the-same") == one
    assert Cell.objects.filter(sweep__owner=alice).count() == 3


def test_images_go_with_every_question(alice, model):
    sees = make_model("fake-sees", max_images=4)
    image = make_image(alice)
    plan = make_plan(sees, inputs=({"port": "Brest"}, {"port": "Cork"}))
    sweep = start_sweep(owner=alice, plan=plan, attachment_uuids=[image.uuid])
    questions = Message.objects.filter(conversation=sweep.conversation, role="user")
    assert [question.attachments.get().blob_id for question in questions] == [image.blob_id] * 2
    with pytest.raises(InvalidInput, match="does not read images"):
        start_sweep(owner=alice, plan=make_plan(model), attachment_uuids=[make_image(alice, color="blue").uuid])


def test_the_grid_is_filled_from_its_first_repeat(alice, model):
    sweep = start_sweep(owner=alice, plan=make_plan(model, repeats=2))
    order = list(Cell.objects.filter(sweep=sweep).order_by("number").values_list("repeat", "square__number"))
    assert order == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_places_are_read_row_by_row(model):
    plan = make_plan(model, axes=(Axis("temperature", (0, 1)), Axis("top_p", (0, 1))), inputs=({"a": "1"}, {"a": "2"}))
    assert list(plan.places())[:5] == [Place(0, 0, 0), Place(0, 0, 1), Place(0, 1, 0), Place(0, 1, 1), Place(1, 0, 0)]
