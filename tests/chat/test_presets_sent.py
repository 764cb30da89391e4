"""A message sent with a preset: variables, starters, who set what, and what stays of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation, Face, Message
from playground.chat.prompt import as_messages, load_turns
from playground.chat.receipts import build_receipt
from playground.chat.services.answers import continue_answer, retry_answer
from playground.chat.services.branching import branch_from
from playground.chat.services.editing import edit_message
from playground.chat.services.messages import post_message
from playground.chat.services.queue import send_now
from playground.chat.services.unsent import keep_unsent
from playground.chat.source import without_bytes
from playground.chat.transfer import export_tree
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.models import Preset
from playground.presets.services import create_preset, delete_preset, save_version, set_everyone
from playground.runs.models import RunStatus
from playground.usage.models import LedgerEntry
from tests.chat.making import Chat, end_answer, make_image

CONTENT = Content(
    model="fake/fake-vision",
    parameters={"system_prompt": "You are a {{tone}} editor.", "temperature": 0.2},
    messages=(Starter("user", "Mend {{what}}."), Starter("assistant", "Gladly. Show me."), Starter("user", "Here: ")),
    variables=(Variable("tone"), Variable("what", default="my text")),
)


def make(owner, content=CONTENT, name="Proofs"):
    """The newest version of a new preset."""
    version = create_preset(owner=owner, name=name, content=content).latest
    assert version is not None
    return version


@pytest.fixture
def version(alice, model):
    return make(alice)


def begin(owner, model, version, text="Teh cat", *, parameters=None, **variables) -> Chat:
    values = CONTENT.parameters if parameters is None else parameters
    return Chat.begin(owner, model, text, parameters=values, preset=version, variables={"tone": "kind", **variables})


def sent(answer: Message) -> list[tuple[str, object]]:
    run = answer.run
    assert run is not None
    turns = load_turns(answer, run.receipt)
    return [(one["role"], one["content"]) for one in as_messages(turns, run.receipt, without_bytes)]


def test_variables_and_starters_go_out_filled(alice, model, version):
    chat = begin(alice, model, version, "Fix {{what}} and {{other}}", what="{{tone}} words")
    assert sent(chat.answer) == [
        ("system", "You are a kind editor."),
        ("user", "Mend {{tone}} words."),  # what is filled in is not looked at again
        ("assistant", "Gladly. Show me."),
        ("user", "Fix {{tone}} words and {{other}}"),
    ]
    assert chat.question.text == "Fix {{tone}} words and {{other}}"
    assert chat.shown[:2] == ["Mend {{tone}} words.", "Gladly. Show me."]


def test_a_conversation_that_goes_on_gets_no_starters_again(alice, model, version):
    chat = begin(alice, model, version)
    chat.end("The cat")
    chat.say("And now {{tone}}", parameters=CONTENT.parameters, preset=version, variables={"tone": "dry"})
    assert [role for role, _content in sent(chat.answer)] == [
        *("system", "user", "assistant", "user", "assistant", "user")
    ]
    assert sent(chat.answer)[0][1] == "You are a dry editor."
    assert sent(chat.answer)[-1][1] == "And now dry"


def test_missing_variables_refuse_the_send_by_name(alice, model, version):
    content = Content(variables=(Variable("tone"), Variable("size", type="number"), Variable("place")))
    with pytest.raises(InvalidInput) as refused:
        post_message(
            owner=alice,
            conversation=None,
            text="Hi",
            model=model,
            preset=make(alice, content),
            variables={"size": "big"},
        )
    assert [problem.field for problem in refused.value.errors] == ["variable-tone", "variable-place", "variable-size"]
    assert "tone" in refused.value.errors[0].message
    assert not Conversation.objects.exists()


def test_a_long_value_in_thousands_of_places_is_refused(alice, model):
    content = Content(parameters={"system_prompt": "{{a}} " * 20_000}, variables=(Variable("a"),))
    with pytest.raises(InvalidInput, match="16 MB"):
        post_message(
            owner=alice,
            conversation=None,
            text="Hi",
            model=model,
            parameters=content.parameters,
            preset=make(alice, content),
            variables={"a": "x" * 500_000},
        )


def test_the_receipt_says_who_set_what_and_names_the_version(alice, model, version):
    chat = begin(alice, model, version, parameters={**CONTENT.parameters, "temperature": 0.9, "seed": 7})
    run = chat.answer.run
    assert run is not None
    receipt = build_receipt(chat.answer, run)
    origins = {field.name: field.origin for field in receipt.sent}
    assert origins["system_prompt"] == origins["model"] == "preset"
    assert origins["temperature"] == origins["seed"] == "user"
    assert receipt.preset is not None
    assert (receipt.preset.name, receipt.preset.url) == ("Proofs", "/presets/proofs/versions/1/")
    assert dict(receipt.variables) == {"tone": "kind", "what": "my text"}
    assert run.preset == "proofs@1"
    assert run.receipt["values"]["system_prompt"] == "You are a kind editor."
    chat.end("Done")
    assert LedgerEntry.objects.get(run=run.uuid).preset == "proofs@1"


def test_a_preset_out_of_reach_is_named_in_old_receipts_without_a_link(alice, bob, model):
    version = make(bob)
    set_everyone(preset=version.preset, right="use")
    chat = begin(alice, model, version)
    delete_preset(preset=version.preset)
    run = chat.answer.run
    assert run is not None
    receipt = build_receipt(chat.answer, run)
    assert receipt.preset is not None
    assert (receipt.preset.name, receipt.preset.url) == ("Proofs", "")


def test_a_run_stays_as_it_was_when_the_preset_is_edited(alice, model, version):
    chat = begin(alice, model, version)
    before = sent(chat.answer)
    changed = Content(CONTENT.model, {"system_prompt": "Something else"}, (), CONTENT.variables)
    save_version(preset=version.preset, base_number=1, content=changed, author=alice, note="Other")
    assert sent(chat.answer) == before
    assert chat.answer.run is not None
    assert chat.answer.run.receipt["preset"]["number"] == 1


def test_the_conversation_remembers_preset_variables_and_the_unfilled_text(alice, model, version):
    conversation = begin(alice, model, version).conversation
    assert conversation.preset == version
    assert conversation.variables == {"tone": "kind"}
    assert conversation.parameters["system_prompt"] == "You are a {{tone}} editor."


def test_a_use_is_counted_once_a_run(alice, model, version):
    begin(alice, model, version)
    post_message(
        owner=alice,
        conversation=None,
        text="Hi",
        model=model,
        preset=version,
        variables={"tone": "a"},
        request_id="once",
    )
    post_message(
        owner=alice,
        conversation=None,
        text="Hi",
        model=model,
        preset=version,
        variables={"tone": "a"},
        request_id="once",
    )
    assert Preset.objects.get(pk=version.preset_id).use_count == 2


@pytest.mark.parametrize("again", [retry_answer, continue_answer])
def test_another_answer_takes_the_preset_of_the_run(alice, model, version, again):
    chat = begin(alice, model, version)
    message = chat.end("The cat", RunStatus.STOPPED)
    answer = again(owner=alice, message=message)
    assert sent(answer)[0] == ("system", "You are a kind editor.")
    assert answer.run.preset == "proofs@1"
    assert chat.conversation.parameters["system_prompt"] == "You are a {{tone}} editor."


def test_another_answer_goes_out_as_before_when_the_preset_is_gone(alice, bob, model):
    version = make(bob)
    set_everyone(preset=version.preset, right="use")
    chat = begin(alice, model, version)
    message = chat.end("The cat")
    set_everyone(preset=version.preset, right="")
    answer = retry_answer(owner=alice, message=message)
    assert sent(answer)[0] == ("system", "You are a kind editor.")
    assert answer.run is not None
    assert answer.run.preset == ""
    assert answer.run.receipt["set"]["system_prompt"] == "user"


def test_an_edited_message_is_filled_too(alice, model, version):
    chat = begin(alice, model, version)
    chat.end("The cat")
    posted = edit_message(
        owner=alice,
        message=chat.question,
        text="Be {{tone}}",
        model_name="fake/fake-vision",
        parameters=CONTENT.parameters,
        preset=version,
        variables={"tone": "stern"},
    )
    assert posted.user_message.text == "Be stern"
    assert posted.answer is not None
    assert posted.answer.run is not None
    assert posted.answer.run.preset == "proofs@1"


def test_a_queued_message_goes_out_with_the_preset_it_was_written_with(alice, model, version):
    chat = begin(alice, model, version)
    first = chat.answer
    queued = chat.say("Then {{tone}}", parameters=CONTENT.parameters, preset=version, variables={"tone": "dry"})
    assert queued.answer is None
    assert queued.user_message.text == "Then dry"
    end_answer(first, "The cat")
    answer = Message.objects.select_related("conversation", "run").get(parent=queued.user_message)
    assert answer.run is not None
    assert answer.run.preset == "proofs@1"
    assert sent(answer)[0] == ("system", "You are a dry editor.")


def test_a_queued_message_is_held_when_its_preset_is_taken_away(alice, bob, model):
    version = make(bob)
    set_everyone(preset=version.preset, right="use")
    chat = begin(alice, model, version)
    first = chat.answer
    queued = chat.say("Then", parameters=CONTENT.parameters, preset=version, variables={"tone": "dry"})
    set_everyone(preset=version.preset, right="")
    end_answer(first, "The cat")
    message = Message.objects.get(pk=queued.user_message.pk)
    assert message.queued is not None
    assert message.queued["is_held"]
    assert message.queued["reason"] == "unsendable"


def test_a_message_that_was_refused_is_filled_in_when_it_is_sent_at_last(alice, model, version):
    conversation = Conversation.objects.create(
        owner=alice, face=Face.COMPARE, updated_at=timezone.now(), model_name="fake/fake-vision"
    )
    posted = keep_unsent(
        owner=alice, conversation=conversation, text="Be {{tone}}", attachments=[], request_id="first", said="No tone."
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        preset=version, variables={"tone": "kind"}, parameters=CONTENT.parameters
    )
    message = Message.objects.select_related("conversation", "parent").get(pk=posted.user_message.pk)
    answer = send_now(owner=alice, message=message)
    assert [
        content for _role, content in sent(Message.objects.select_related("conversation", "run").get(pk=answer.pk))
    ] == [*("You are a kind editor.", "Mend my text.", "Gladly. Show me.", "Be kind")]


def test_an_export_has_the_system_prompt_filled_in(alice, model, version):
    exported = export_tree(begin(alice, model, version).conversation)
    assert exported["conversation"]["parameters"]["system_prompt"] == "You are a kind editor."


def test_a_branch_keeps_preset_and_variables(alice, model, version):
    chat = begin(alice, model, version)
    message = chat.end("The cat")
    branch = branch_from(owner=alice, message=message)
    assert branch.preset == version
    assert branch.variables == {"tone": "kind"}


def test_images_of_starters_come_along_and_no_others(alice, bob, model):
    image, other = make_image(alice), make_image(bob, color="blue")
    assert image.blob is not None
    assert other.blob is not None
    picture = Picture(sha256=image.blob.sha256, name="plan.png", alt="A plan", detail="low")
    version = make(alice, Content(messages=(Starter("user", "Look", (picture,)), Starter("assistant", "Yes"))))
    # As a preset from elsewhere could try: a hash that is not among its own images.
    stolen = Picture(sha256=other.blob.sha256)
    version.content_json = Content(
        messages=(Starter("user", "Look", (picture, stolen)), Starter("assistant", "Yes"))
    ).as_json()
    chat = Chat.begin(alice, model, "Well?", preset=version)
    first = chat.conversation.messages.order_by("id")[0]
    assert [(one.owner, one.blob, one.name, one.alt, one.detail) for one in first.attachments.all()] == [
        (alice, image.blob, "plan.png", "A plan", "low")
    ]
    assert len(sent(chat.answer)[0][1]) == 2


def test_the_first_message_of_a_new_conversation_costs_little_more_with_a_preset(alice, model, version):
    plain = Content(model="fake/fake-vision", parameters={"temperature": 0.2})
    simple = make(alice, plain, name="Plain")
    with CaptureQueriesContext(connection) as without:
        post_message(owner=alice, conversation=None, text="Hi", model=model)
    with CaptureQueriesContext(connection) as with_one:
        post_message(owner=alice, conversation=None, text="Hi", model=model, preset=simple)
    assert len(with_one) <= len(without) + 1  # the use is counted
