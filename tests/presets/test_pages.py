"""The pages of presets: what they show, and what their forms do."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.catalog.models import Model, Provider
from playground.presets import services
from playground.presets.content import Content, Starter
from playground.presets.models import Preset
from tests.presets.making import CONTENT, form, make_preset, save

HTMX = {"HX-Request": "true"}


@pytest.fixture
def model(db) -> Model:
    provider = Provider.objects.create(slug="house", name="House", base_url="http://127.0.0.1:9/v1", requires_key=False)
    return Model.objects.create(provider=provider, name="tiny", title="Tiny", max_images=4)


def test_every_page_of_a_preset(alice_client, preset, model):
    save(preset, "Answer as {{who}}, briefly.", note="Shorter")
    for path in (
        "",
        "edit/",
        "edit/?from=1",
        "versions/1/",
        "versions/2/",
        "diff/",
        "diff/?from=2&to=1",
        "diff/?from=1&to=1",
    ):
        answer = alice_client.get(f"/presets/good-manners/{path}")
        assert answer.status_code == 200, path
    assert alice_client.get("/presets/new/").status_code == 200
    assert "Good manners" in alice_client.get("/presets/").text
    assert alice_client.get("/presets/", headers=HTMX).text.lstrip().startswith("<div")


@pytest.mark.parametrize(
    "path", ["versions/9/", "versions/0/", "diff/?from=9", "diff/?to=x", "edit/?from=7", "diff/?from=" + "9" * 30]
)
def test_a_version_that_is_not_there(alice_client, preset, path):
    assert alice_client.get(f"/presets/good-manners/{path}").status_code == 404


def test_diff_is_word_by_word(alice_client, preset):
    save(preset, "Answer as {{who}}, briefly.")
    html = alice_client.get("/presets/good-manners/diff/?from=1&to=2").text
    assert "<ins>" in html
    assert "Temperature" in html
    assert "Variable who" in html


def test_a_new_preset_is_saved_from_the_form(alice, alice_client, model):
    posted = form(
        "Reviewer",
        model="house/tiny",
        form_model="house/tiny",
        temperature="0.25",
        stop=["END", "STOP"],
        prompt="Review {{language}} code.",
        preset_tags="Code, review code",
        preset_note="First",
    )
    posted |= {
        "message": ["0", "1"],
        "message-0-role": "user",
        "message-0-text": "Hi",
        "message-1-role": "assistant",
        "message-1-text": "Yes?",
    }
    answer = alice_client.post("/presets/new/", posted)
    assert answer.status_code == 302, answer.text
    made = Preset.objects.get()
    assert (made.owner, made.name, made.tags, made.slug) == (alice, "Reviewer", ["code", "review"], "reviewer")
    content = made.latest.content
    assert content.parameters == {
        "temperature": 0.25,
        "stop": ["END", "STOP"],
        "system_prompt": "Review {{language}} code.",
    }
    assert [(one.role, one.text) for one in content.messages] == [("user", "Hi"), ("assistant", "Yes?")]
    assert [one.name for one in content.variables] == ["language"]
    assert answer["Location"] == "/presets/reviewer/"


def test_what_is_wrong_is_said_and_nothing_is_lost(alice_client, model):
    posted = form(
        "", model="house/tiny", form_model="house/tiny", temperature="9", prompt="Keep <me>.", other_parameters="{"
    )
    answer = alice_client.post("/presets/new/", posted)
    assert answer.status_code == 422
    assert "Keep &lt;me&gt;." in answer.text
    assert 'value="9"' in answer.text
    assert not Preset.objects.exists()


def test_a_new_version_is_saved_with_its_note(alice_client, preset):
    answer = alice_client.post("/presets/good-manners/edit/", form(base=1, preset_note="Kinder"))
    assert answer.status_code == 302, answer.text
    preset.refresh_from_db()
    assert (preset.latest.number, preset.latest.note) == (2, "Kinder")


def test_the_second_editor_sees_what_the_first_saved(alice_client, preset, bob):
    save(preset, "Theirs entirely.", author=bob, note="Because")
    answer = alice_client.post("/presets/good-manners/edit/", form(base=1, prompt="Mine entirely."))
    assert answer.status_code == 422
    assert "bob saved version 2 while you were editing" in answer.text
    assert "Because" in answer.text
    assert "Mine entirely." in answer.text
    assert 'name="base" value="2"' in answer.text
    assert preset.versions.count() == 2
    assert alice_client.post("/presets/good-manners/edit/", form(base=2, prompt="Mine entirely.")).status_code == 302
    assert preset.versions.count() == 3


def test_line_ends_of_forms_are_no_difference(alice, alice_client):
    content = Content(parameters={"system_prompt": "\nOne\nTwo\n"}, messages=(Starter("user", "a\nb"),))
    made = make_preset(alice, content=content)
    html = alice_client.get("/presets/good-manners/edit/").text
    assert ">\n\nOne\nTwo\n</textarea>" in html
    posted = form(base=1, prompt="\r\nOne\r\nTwo\r\n", message=["0"], **{"message-0-text": "a\r\nb"})
    assert alice_client.post("/presets/good-manners/edit/", posted).status_code == 302
    assert made.versions.count() == 1


def test_the_second_editor_may_fork_instead(alice_client, alice, preset, bob):
    save(preset, "Theirs entirely.", author=bob)
    answer = alice_client.post("/presets/good-manners/edit/?as=fork", form(base=1, prompt="Mine entirely."))
    assert answer.status_code == 302
    forked = Preset.objects.exclude(pk=preset.pk).get()
    assert forked.owner == alice
    assert forked.latest.content.parameters == {"system_prompt": "Mine entirely."}


def test_two_who_rename_at_once(alice_client, preset):
    services.describe(preset=preset, name="Theirs", description="", tags=[])
    posted = form("Mine", base=1, before_name="Good manners")
    answer = alice_client.post("/presets/good-manners/edit/", posted)
    assert answer.status_code == 422
    assert "“Theirs”" in answer.text
    assert preset.versions.count() == 1
    assert alice_client.post("/presets/good-manners/edit/", {**posted, "before_name": "Theirs"}).status_code == 302
    preset.refresh_from_db()
    assert (preset.name, preset.slug, preset.latest.number) == ("Mine", "good-manners", 2)


def test_a_rename_by_somebody_else_is_kept_when_nothing_else_was_typed(alice_client, preset):
    services.describe(preset=preset, name="Theirs", description="", tags=["new"])
    assert alice_client.post("/presets/good-manners/edit/", form(base=1)).status_code == 302
    preset.refresh_from_db()
    assert (preset.name, preset.tags) == ("Theirs", ["new"])


@pytest.mark.parametrize(
    ("deed", "seen", "unseen"),
    [
        ("message-add", "message-2-text", "message-3-text"),
        ("message-remove-0", "\nTwo</textarea>", "\nOne</textarea>"),
        ("variable-add", "variable-1-name", "variable-2-name"),
        ("variable-remove-0", 'name="literal" value="a"', "variable-0-name"),
        ("nonsense", "\nOne</textarea>", "message-2-text"),
        ("message-up-99", "\nOne</textarea>", "message-2-text"),
    ],
)
def test_buttons_in_the_editor_save_nothing(alice_client, deed, seen, unseen):
    posted = form(
        prompt="{{a}}",
        message=["0", "1"],
        variable=["0"],
        **{"message-0-text": "One", "message-1-text": "Two", "variable-0-name": "a"},
    )
    answer = alice_client.post(f"/presets/editor/?do={deed}", posted, headers=HTMX)
    assert answer.status_code == 200
    assert seen in answer.text
    assert unseen not in answer.text
    assert not Preset.objects.exists()


def test_messages_change_places(alice_client):
    posted = form(message=["0", "1"], **{"message-0-text": "One", "message-1-text": "Two"})
    html = alice_client.post("/presets/editor/?do=message-down-0", posted, headers=HTMX).text
    assert html.index("\nTwo</textarea>") < html.index("\nOne</textarea>")
    assert re.search(r'id="message-1-text" autofocus', html)


def test_names_in_texts_become_variables(alice_client):
    html = alice_client.post("/presets/editor/?do=variable-list", form(prompt="As {{who}}"), headers=HTMX).text
    assert 'value="who"' in html
    again = form(prompt="As {{who}}", variable=["0"], **{"variable-0-name": "who"})
    assert alice_client.post("/presets/editor/?do=variable-list", again, headers=HTMX).status_code == 204


def test_another_model_keeps_what_it_has_no_control_for(alice_client, model):
    posted = form(model="house/tiny", form_model="", other_parameters='{"temperature": 0.5, "mirostat": 2}')
    html = alice_client.post("/presets/editor/?do=model", posted, headers=HTMX).text
    assert 'name="temperature"' in html
    assert "mirostat" in html


def test_unknown_parameters_are_kept_and_flagged(alice, alice_client, model):
    make_preset(alice, content=Content("house/tiny", {"mirostat": 2}))
    html = alice_client.get("/presets/good-manners/").text
    assert "mirostat" in html
    assert "unknown to this model" in html


def test_the_list_flags_models_that_are_gone(alice, alice_client, model):
    make_preset(alice, "Lost", Content("away/model"))
    html = alice_client.get("/presets/").text
    assert "model is gone" in html
    assert "/?preset=lost&amp;model=house/tiny" in html


def names_in(html: str) -> set[str]:
    return {name for name in ("Ada", "Bob", "Cy") if f"<bdi>{name}</bdi>" in html}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Ada", "Bob", "Cy"}),
        ("q=AD", {"Ada"}),
        ("q=straße", {"Bob"}),
        ("q=STRASSE", {"Bob"}),
        ("tag=red", {"Ada", "Bob"}),
        ("tag=re", set()),
        ("whose=mine", {"Ada", "Bob"}),
        ("whose=shared", {"Cy"}),
        ("whose=everyone", set()),
        ("whose=starred", {"Cy"}),
        ("whose=x&sort=x&page=0", {"Ada", "Bob", "Cy"}),
        ("page=99999999", {"Ada", "Bob", "Cy"}),
        ("page=9999", set()),
        ("q=%00%27%25_", set()),
    ],
)
def test_the_list_is_searched(alice, bob, alice_client, query, found):
    make_preset(alice, "Ada", tags=["red", "blue"])
    make_preset(alice, "Bob", description="Die Straße", tags=["red"])
    theirs = make_preset(bob, "Cy")
    make_preset(bob, "Dee")
    services.share_with(preset=theirs, name="alice", right="use")
    services.set_star(preset=theirs, user=alice, is_starred=True)
    assert names_in(alice_client.get(f"/presets/?{query}").text) == found


def test_the_list_takes_as_many_queries_for_a_thousand_as_for_ten(alice, alice_client, bob):
    one = make_preset(alice)
    alice_client.get("/presets/")  # what is read once a process
    counts = []
    for count in (10, 1000):
        Preset.objects.bulk_create(
            Preset(
                slug=f"p-{number}",
                owner=alice if number % 2 else bob,
                name=f"P {number}",
                everyone="use",
                updated_at=one.updated_at,
                latest=one.latest,
                tags=["t"],
            )
            for number in range(Preset.objects.count(), count)
        )
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get("/presets/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] < 15


def test_hostile_texts_are_shown_as_texts(alice, alice_client):
    bad = "<script>alert(1)</script>{{x}}"
    make_preset(
        alice, bad, Content(bad.replace("{{x}}", ""), {"system_prompt": bad, "x": bad}), description=bad, note=bad
    )
    for path in (
        "/presets/",
        "/presets/new/",
        *(f"/presets/{Preset.objects.get().slug}/{path}" for path in ("", "edit/", "versions/1/", "diff/")),
    ):
        assert "<script>alert" not in alice_client.get(path).text


def test_deleting_offers_the_undo(alice_client, preset):
    answer = alice_client.post("/presets/good-manners/delete/", follow=True)
    assert "is deleted" in answer.text
    assert alice_client.get("/presets/good-manners/").status_code == 404
    alice_client.post("/presets/good-manners/undelete/")
    assert alice_client.get("/presets/good-manners/").status_code == 200


def test_stars(alice_client, preset, alice):
    answer = alice_client.post("/presets/good-manners/star/", {"is_starred": "true"}, headers=HTMX)
    assert 'aria-pressed="true"' in answer.text
    assert alice.preset_stars.count() == 1
    alice_client.post("/presets/good-manners/star/", {"is_starred": "false"})
    assert alice.preset_stars.count() == 0


def test_labels_and_restoring_from_the_page(alice_client, preset):
    save(preset, "Other")
    alice_client.post("/presets/good-manners/label/", {"number": "1", "label": "production"})
    assert preset.versions.get(number=1).label == "production"
    answer = alice_client.post("/presets/good-manners/label/", {"number": "1", "label": "not good"})
    assert answer.status_code == 422
    alice_client.post("/presets/good-manners/restore/", {"number": "1"})
    preset.refresh_from_db()
    assert (preset.latest.number, preset.latest.content) == (3, CONTENT)


def test_sharing_by_htmx_loads_the_page_anew_or_says_what_is_wrong(alice_client, bob, preset):
    answer = alice_client.post("/presets/good-manners/share/", {"person": "bob", "right": "edit"}, headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/presets/good-manners/")
    answer = alice_client.post("/presets/good-manners/share/", {"person": "zoe", "right": "edit"}, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#notices")
    assert "“zoe”" in answer.text


def test_sharing_with_nobody_that_is_there(alice_client, preset):
    for name in ("zoe", "", "a\0", "alice"):
        answer = alice_client.post("/presets/good-manners/share/", {"person": name, "right": "use"})
        assert answer.status_code == 422
