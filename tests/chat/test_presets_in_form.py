"""Presets beside a chat: choosing, finding, keeping, saving; the form that an address fills."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from playground.chat.models import Conversation, Draft
from playground.presets.content import Content, Starter, Variable
from playground.presets.models import Preset
from playground.presets.services import create_preset, delete_preset, save_version, set_everyone, share_with
from playground.runs.models import Run
from tests.chat.making import Chat, make_model
from tests.chat.test_presets_sent import CONTENT, make

MODEL = "fake/fake-vision"


@pytest.fixture
def version(alice, model):
    return make(alice)


def choose(client, name, **fields):
    return client.post("/preset/", {"model": MODEL, "preset": name, **fields}, headers={"HX-Request": "true"})


def page_of(client, url="/"):
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


# --- choosing ---


def test_choosing_fills_model_and_parameters(alice_client, version, text_model):
    answer = choose(alice_client, "proofs", model="fake/fake-text", temperature="1.5")
    assert answer.status_code == 200
    form = answer.context["form"]
    assert form.model_name == MODEL
    assert form.field("temperature").value == "0.2"
    assert form.field("system_prompt").value == "You are a {{tone}} editor."
    html = answer.content.decode()
    assert 'value="proofs@1" selected' in html
    assert "Mend {{what}}." in html
    assert "<template data-begun>Here: </template>" in html


def test_what_the_model_does_not_know_is_named(alice_client, alice, model):
    make(alice, Content(MODEL, {"top_k": 40, "temperature": 0.3}))
    dropped = choose(alice_client, "proofs").context["form"].dropped
    assert [one.field for one in dropped] == ["top_k"]


def test_a_model_that_is_gone_leaves_the_chosen_one_and_says_so(alice_client, alice, model):
    make(alice, Content("gone/gone-model", {"temperature": 0.3}))
    answer = choose(alice_client, "proofs")
    assert answer.context["form"].model_name == MODEL
    assert "gone/gone-model" in answer.content.decode()


def test_what_one_had_set_oneself_is_offered_back(alice_client, alice, version):
    make(alice, Content(MODEL, {"seed": 3}), name="Other")
    answer = choose(alice_client, "proofs", system_prompt="My own", temperature="1.5", stop=["a", "b"])
    undo = answer.context["undo"]
    assert undo == [
        *(("model", MODEL), ("preset", ""), ("system_prompt", "My own"), ("temperature", "1.5")),
        *(("stop", "a"), ("stop", "b")),
    ]
    assert "has replaced what you had set" in answer.content.decode()
    fields = {"model": MODEL, "preset": "", "system_prompt": "My own", "as_it_was": "1"}
    back = alice_client.post("/preset/", fields)
    assert back.context["form"].field("system_prompt").value == "My own"
    assert back.context["presets"].chosen is None
    # What only a preset had said is no loss; a change against it is.
    before = {"preset_before": "proofs@1", "system_prompt": CONTENT.parameters["system_prompt"]}
    assert choose(alice_client, "other", temperature="0.2", **before).context["undo"] is None
    assert ("preset", "proofs@1") in choose(alice_client, "other", temperature="0.3", **before).context["undo"]
    again = choose(alice_client, "proofs", as_it_was="1", temperature="0.3", **before)
    assert again.context["form"].field("temperature").value == "0.3"


def test_choosing_none_keeps_the_form_and_forgets_the_preset(alice_client, version):
    choose(alice_client, "proofs")
    answer = choose(alice_client, "", temperature="0.7")
    assert answer.context["form"].field("temperature").value == "0.7"
    assert page_of(alice_client).presets.chosen is None
    assert not Draft.objects.exclude(settings={}).exists()


def test_a_preset_of_somebody_else_is_refused_in_words(alice_client, bob, model):
    make(bob)
    answer = choose(alice_client, "proofs")
    assert answer.status_code == 422
    assert "not there any more" in answer.content.decode()


def test_what_was_chosen_is_there_after_a_reload(alice_client, version):
    choose(alice_client, "proofs@1", **{"variable-tone": "kind", "variable-strange": "x"})
    alice_client.post(
        "/preset/keep/", {"model": MODEL, "preset": "proofs@1", "temperature": "0.9", "variable-tone": "dry"}
    )
    page = page_of(alice_client)
    assert page.presets.chosen.value == "proofs@1"
    assert page.inspector.field("temperature").value == "0.9"
    assert [one.value for one in page.presets.variables] == ["dry", ""]
    assert page.draft.text == "Here: "
    assert page.draft.version == ""


def test_sending_forgets_what_was_kept(alice_client, alice, version):
    choose(alice_client, "proofs@1", **{"variable-tone": "kind"})
    fields = {"text": "Teh cat", "model": MODEL, "preset": "proofs@1", "variable-tone": "kind", "request_id": "once"}
    assert alice_client.post("/c/messages/", fields).status_code == 302
    assert page_of(alice_client).presets.chosen is None
    conversation = Conversation.objects.get()
    page = page_of(alice_client, f"/c/{conversation.uuid}/")
    assert page.presets.chosen.value == "proofs@1"
    assert page.presets.starters == ()
    assert [one.text for one in page.messages][:3] == ["Mend my text.", "Gladly. Show me.", "Teh cat"]


def test_missing_variables_block_sending_and_keep_everything(alice_client, version):
    fields = {"text": "Teh cat", "model": MODEL, "preset": "proofs@1", "temperature": "0.4", "variable-what": "it"}
    answer = alice_client.post("/c/messages/", fields, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    page = answer.context["page"]
    assert page.draft.text == "Teh cat"
    assert [one.value for one in page.presets.variables] == ["", "it"]
    assert 'data-of="variable-tone"' in answer.content.decode()
    assert not Run.objects.exists()


def test_a_newer_version_is_offered(alice_client, alice, version):
    choose(alice_client, "proofs@1")
    save_version(preset=version.preset, base_number=1, content=Content(MODEL), author=alice)
    chosen = page_of(alice_client).presets.chosen
    assert (chosen.has_update, chosen.newest_value) == (True, "proofs@2")


def test_a_preset_that_was_taken_away_is_named_and_its_values_stay(alice_client, bob, model):
    version = make(bob)
    set_everyone(preset=version.preset, right="use")
    choose(alice_client, "proofs@1")
    set_everyone(preset=version.preset, right="")
    page = page_of(alice_client)
    assert page.presets.chosen is None
    assert page.presets.lost == "proofs@1"
    assert page.inspector.field("temperature").value == "0.2"


def test_the_lost_preset_of_a_conversation_is_named(alice, alice_client, bob, model):
    version = make(bob)
    set_everyone(preset=version.preset, right="use")
    chat = Chat.begin(alice, model, "Hi", parameters=CONTENT.parameters, preset=version, variables={"tone": "a"})
    delete_preset(preset=version.preset)
    page = page_of(alice_client, f"/c/{chat.conversation.uuid}/")
    assert page.presets.lost == "proofs@1"
    assert page.presets.variables == []


def test_groups_starred_mine_shared(alice_client, alice, bob, model):
    make(alice, name="Own")
    theirs = make(bob, name="Given")
    share_with(preset=theirs.preset, name="alice", right="use")
    make(bob, name="Hidden")
    groups = page_of(alice_client).presets.groups
    assert [(group.label, [one.label for one in group.options]) for group in groups] == [
        ("Mine", ["Own"]),
        ("Shared", ["Given"]),
    ]


def test_the_page_costs_one_query_more_with_any_number_of_presets(alice_client, alice, model):
    def count():
        with CaptureQueriesContext(connection) as captured:
            alice_client.get("/")
        return len(captured)

    alice_client.get("/")
    none = count()
    for number in range(10):
        make(alice, name=f"Preset {number}")
    assert count() == none
    one = Preset.objects.first()
    rows = [
        Preset(slug=f"many-{number}", owner=alice, name=f"Many {number}", latest=one.latest, updated_at=one.updated_at)
        for number in range(1000)
    ]
    Preset.objects.bulk_create(rows)
    assert count() == none
    choose(alice_client, "many-1@1")


def test_the_content_of_presets_is_not_read_for_the_select(alice_client, alice, model):
    make(alice)
    with CaptureQueriesContext(connection) as captured:
        alice_client.get("/")
    assert not [one["sql"] for one in captured if "content_json" in one["sql"]]


def test_the_quick_list_finds_by_words(alice_client, alice, bob, model):
    make(alice, name="Careful reviewer")
    make(alice, name="Poet")
    make(bob, name="Careful stranger")
    answer = alice_client.get("/preset/find/", {"q": "REVIEW care"})
    assert [one.label for one in answer.context["options"]] == ["Careful reviewer"]
    assert alice_client.get("/preset/find/", {"q": "\0"}).status_code in {200, 400}


def test_settings_that_cannot_be_stored_are_refused(alice_client, version):
    answer = alice_client.post("/preset/keep/", {"model": MODEL, "preset": "proofs", "variable-tone": "a\0b"})
    assert answer.status_code == 422


def test_hostile_names_are_escaped(alice_client, alice, model):
    name = '"><script>alert(1)</script>'
    hostile = Content(
        MODEL,
        {"system_prompt": name},
        (Starter("user", name), Starter("assistant", name)),
        (Variable("a", help=name, default=name),),
    )
    version = create_preset(owner=alice, name=name, content=hostile).latest
    html = choose(alice_client, version.name).content.decode()
    assert "<script>alert" not in html
    assert escape(name) in html
    assert "<script>alert" not in alice_client.get("/").content.decode()


# --- figures ---


def test_the_estimate_counts_filled_texts_and_starters(alice_client, version):
    def tokens(**fields):
        return (
            alice_client.post("/estimate/", {"model": MODEL, "text": "Hi", **fields}).context["estimate"].prompt_tokens
        )

    alone = tokens()
    begun = tokens(preset="proofs@1")
    filled = tokens(preset="proofs@1", **{"variable-what": "a much longer text than the one before"})
    assert alone < begun < filled


# --- saving ---


def save(client, **fields):
    return client.post("/preset/save/", {"model": MODEL, "how": "new", **fields}, headers={"HX-Request": "true"})


def test_save_as_new_from_the_chat(alice_client, alice, chat):
    fields = {
        "name": "Tides",
        "note": "First",
        "temperature": "0.3",
        "system_prompt": "Be {{tone}}",
        "with_variables": "1",
    }
    answer = save(alice_client, conversation=str(chat.conversation.uuid), with_messages="1", **fields)
    assert answer.status_code == 200
    version = Preset.objects.get(slug="tides").latest
    content = version.content
    assert content.model == MODEL
    assert content.parameters == {"temperature": 0.3, "system_prompt": "Be {{tone}}"}
    assert [(one.role, one.text) for one in content.messages] == [
        ("user", "How high is the tide in Brest?"),
        ("assistant", "About **six** metres."),
    ]
    assert [one.name for one in content.variables] == ["tone"]
    assert (version.note, version.author) == ("First", alice)
    assert page_of(alice_client, f"/c/{chat.conversation.uuid}/").presets.chosen.value == "tides@1"


def test_the_text_in_the_box_may_become_what_the_preset_begins_with(alice_client, alice, version):
    save(alice_client, name="Two", preset="proofs@1", text="Again: {{what}}", with_text="1")
    messages = Preset.objects.get(slug="two").latest.content.messages
    assert [one.text for one in messages] == ["Mend {{what}}.", "Gladly. Show me.", "Again: {{what}}"]


def test_update_makes_the_next_version_and_keeps_what_the_form_does_not_show(alice_client, alice, model):
    version = make(alice, Content(MODEL, {"top_k": 40, "temperature": 0.3}, CONTENT.messages, CONTENT.variables))
    answer = save(alice_client, how="update", preset="proofs@1", note="Hotter", temperature="0.8")
    assert answer.status_code == 200
    newest = Preset.objects.get(pk=version.preset_id).latest
    assert (newest.number, newest.note) == (2, "Hotter")
    assert newest.content.parameters == {"top_k": 40, "temperature": 0.8}
    assert newest.content.messages == CONTENT.messages
    assert 'value="proofs@2" selected' in answer.content.decode()


def test_the_second_of_two_is_told_and_loses_nothing(alice_client, alice, bob, version):
    share_with(preset=version.preset, name="bob", right="edit")
    save_version(preset=version.preset, base_number=1, content=Content(MODEL), author=bob)
    answer = save(alice_client, how="update", preset="proofs@1", note="Mine", temperature="0.8")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "/presets/proofs/diff/?from=1&amp;to=2" in html
    assert 'value="Mine"' in html
    assert 'name="base_number" value="2"' in html
    assert Preset.objects.get(pk=version.preset_id).latest.number == 2
    assert save(alice_client, how="update", preset="proofs@1", temperature="0.8", base_number="2").status_code == 200
    assert Preset.objects.get(pk=version.preset_id).latest.number == 3


def test_who_may_only_use_saves_as_new(alice_client, alice, bob, model):
    version = make(bob)
    share_with(preset=version.preset, name="alice", right="use")
    assert (
        'value="update"'
        not in alice_client.post("/preset/saving/", {"model": MODEL, "preset": "proofs"}).content.decode()
    )
    assert save(alice_client, how="update", preset="proofs@1").status_code == 404
    assert save(alice_client, name="Mine", preset="proofs@1").status_code == 200


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "A", "temperature": "hot"}, {"name": "A", "system_prompt": "x" * 300_000}]
)
def test_what_is_wrong_is_said_and_nothing_saved(alice_client, model, fields):
    answer = save(alice_client, **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Preset.objects.exists()


# --- the address ---


def test_an_address_fills_the_form_and_sends_nothing(alice_client, version, text_model):
    query = "?preset=proofs@1&model=fake/fake-text&temperature=0.9&stop=a&stop=b&variable-tone=dry&prompt=Hello%0AWorld"
    page = page_of(alice_client, f"/{query}")
    assert page.presets.chosen.value == "proofs@1"
    assert page.model_name == "fake/fake-text"
    assert page.inspector.field("temperature").value == "0.9"
    assert page.inspector.field("stop").items == ("a", "b")
    assert page.inspector.field("system_prompt").value == "You are a {{tone}} editor."
    assert [one.value for one in page.presets.variables] == ["dry", ""]
    assert page.draft.text == "Hello\nWorld"
    assert page.problems == []
    assert not Run.objects.exists()
    assert not Draft.objects.exists()


def test_what_an_address_cannot_have_is_named(alice_client, model, version):
    query = {"preset": "nothing", "model": "no/model", "temperature": "hot", "strange": "1", "variable-tone": "x"}
    page = alice_client.get("/", query).context["page"]
    text = " ".join(page.problems)
    for name in ("nothing", "no/model", "Temperature", "strange", "tone"):
        assert name in text
    assert page.model_name == MODEL


@pytest.mark.parametrize(
    "query",
    [
        {"prompt": "x" * 100_001},
        {"prompt": "a\0b"},
        {"preset": "a\0b"},
        {"model": "a\0b"},
        {"preset": "x" * 5000, "model": "y" * 5000},
        {"system_prompt": "a\0b"},
        {"\0": "x"},
        {f"f{number}": "1" for number in range(200)},
        {"variable-": "x", "variable-a\0": "\0"},
        {"stop": "\0"},
        {"max_completion_tokens": "9" * 5000},
    ],
)
def test_hostile_addresses_are_named_and_no_error(alice_client, version, query):
    answer = alice_client.get("/", query)
    if answer.status_code == 400:  # refused at the door
        return
    page = answer.context["page"]
    assert page.problems
    assert all(len(one) < 400 for one in page.problems)
    assert page.draft.text == ""


def test_a_draft_is_not_lost_to_an_address(alice_client, model):
    alice_client.post("/draft/", {"text": "Half a thought"})
    response = alice_client.get("/?prompt=Something+else")
    page = response.context["page"]
    assert (page.draft.text, page.offered) == ("Half a thought", "Something else")
    assert "The address brings a text" in response.content.decode()
    assert alice_client.get("/?prompt=Half+a+thought").context["page"].offered == ""


def test_another_model_may_be_tried_with_a_preset(alice_client, alice, model, text_model):
    make(alice, Content("gone/model", {"temperature": 0.1}))
    page = page_of(alice_client, "/?preset=proofs&model=fake/fake-text")
    assert (page.model_name, page.problems) == ("fake/fake-text", [])
    assert page_of(alice_client, "/?preset=proofs").problems == ["There is no model “gone/model” here."]


def test_values_for_marks_are_what_controls_hold(alice_client, alice, model):
    schema = {"type": "object"}
    make(alice, Content(MODEL, {"temperature": 1, "stop": ["a", "b"], "stream": False, "json_schema": schema}))
    values = json.loads(page_of(alice_client, "/?preset=proofs").presets.values)
    assert values["model"] == MODEL
    assert values["fields"] == {
        "temperature": ["1"],
        "stop": ["a", "b"],
        "stream": ["false"],
        "json_schema": [json.dumps(schema, indent=2)],
    }


def test_a_default_parameter_that_does_not_fit_is_no_problem_of_the_address(alice_client, alice, model):
    make_model("plain")
    alice.default_parameters = {"not_there": 1}
    alice.save()
    assert page_of(alice_client, "/?model=fake/plain").problems == []
