"""Versions: saved one after the other, never changed, named, restored."""

from __future__ import annotations

import dataclasses

import pytest

from playground.presets import services
from playground.presets.content import Content, Starter, Variable
from playground.presets.errors import Conflict, InvalidPreset
from playground.presets.lookup import find_version
from playground.presets.models import Immutable, Preset, PresetVersion, TakenSlug
from tests.presets.making import CONTENT, make_preset, save


def test_a_preset_begins_with_its_first_version(preset, alice):
    assert (preset.slug, preset.latest.number, preset.latest.author) == ("good-manners", 1, alice)
    assert PresetVersion.objects.get(preset=preset).content == CONTENT


def test_what_was_stored_is_what_was_said(alice):
    content = Content(
        model="a/b/c",
        parameters={
            "temperature": 0.25,
            "stop": ["\n", "ß"],
            "json_schema": {"type": "object"},
            "seed": -3,
            "stream": False,
        },
        messages=(Starter("user", "Ünïcode 🎈"),),
        variables=(Variable("x", "choice", "b", "Help", ("a", "b"), is_required=False),),
    )
    made = make_preset(alice, content=content)
    assert PresetVersion.objects.get(preset=made).content == content


def test_saving_adds_a_version_and_keeps_the_old_one(preset):
    second = save(preset, "Be brief.", note="Shorter")
    assert (second.number, second.note) == (2, "Shorter")
    assert Preset.objects.get(pk=preset.pk).latest == second
    assert preset.versions.get(number=1).content == CONTENT


def test_saving_the_same_again_adds_nothing(preset, alice):
    again = services.save_version(preset=preset, base_number=1, content=CONTENT, author=alice, note="again")
    assert again.number == 1
    assert preset.versions.count() == 1


def test_true_is_not_one(alice):
    made = make_preset(alice, content=Content(parameters={"n": 1}))
    saved = services.save_version(preset=made, base_number=1, content=Content(parameters={"n": True}), author=alice)
    assert saved.number == 2


def test_the_second_of_two_editors_is_told_and_loses_nothing(preset, alice, bob):
    theirs = save(preset, "Be brief.", author=bob)
    mine = Content(parameters={"system_prompt": "Be long."})
    with pytest.raises(Conflict) as caught:
        services.save_version(preset=preset, base_number=1, content=mine, author=alice)
    assert caught.value.theirs == theirs
    assert preset.versions.count() == 2
    assert services.save_version(preset=preset, base_number=2, content=mine, author=alice).number == 3


def test_a_version_never_changes(preset):
    version = preset.latest
    version.content_json = {}
    with pytest.raises(Immutable):
        version.save()
    with pytest.raises(Immutable):
        version.save(update_fields=["note"])
    with pytest.raises(Immutable):
        PresetVersion.objects.filter(pk=version.pk).update(content_json={})
    with pytest.raises(Immutable):
        version.delete()
    with pytest.raises(Immutable):
        PresetVersion.objects.all().delete()
    assert PresetVersion.objects.get(pk=version.pk).content == CONTENT


def test_a_version_outlives_its_author(preset, bob):
    save(preset, "Be brief.", author=bob)
    bob.delete()
    assert preset.versions.get(number=2).author is None


def test_restoring_adds_a_version_that_says_what_the_old_one_said(preset, alice):
    save(preset, "Be brief.")
    restored = services.restore_version(version=preset.versions.get(number=1), author=alice)
    assert (restored.number, restored.content) == (3, CONTENT)
    assert services.restore_version(version=restored, author=alice).number == 3


def test_a_label_moves_to_the_version_that_gets_it(preset):
    save(preset, "Be brief.")
    for number in (1, 2):
        services.name_version(version=preset.versions.get(number=number), label="Production")
    assert [*preset.versions.values_list("number", "label")] == [(2, "production"), (1, "")]
    services.name_version(version=preset.versions.get(number=2), label="")
    assert not preset.versions.exclude(label="").exists()


@pytest.mark.parametrize("label", ["3", "latest", "two words", "x" * 41, "a@b", "ü", "1\n"])
def test_a_label_cannot_be_taken_for_a_number_or_the_newest(preset, label):
    if label == "1\n":
        label = "1"
    with pytest.raises(InvalidPreset):
        services.name_version(version=preset.latest, label=label)


def test_lookup_by_slug_number_and_label(preset, alice):
    save(preset, "Be brief.")
    services.name_version(version=preset.versions.get(number=1), label="production")
    found = {
        name: find_version(alice, name).number for name in ("good-manners", "good-manners@latest", "good-manners@1")
    }
    assert found == {"good-manners": 2, "good-manners@latest": 2, "good-manners@1": 1}
    assert find_version(alice, "good-manners@production").name == "good-manners@1"


@pytest.mark.parametrize(
    "name", ["", "@", "good-manners@9", "good-manners@beta", "good-manners@" + "9" * 40, "a\0b", "no"]
)
def test_lookup_of_what_is_not_there(preset, alice, name):
    with pytest.raises(PresetVersion.DoesNotExist):
        find_version(alice, name)


def test_lookup_is_closed_to_who_may_not_use_it(preset, bob):
    with pytest.raises(PresetVersion.DoesNotExist):
        find_version(bob, "good-manners")


def test_a_slug_is_never_used_again(alice):
    first, second = make_preset(alice), make_preset(alice)
    assert (first.slug, second.slug) == ("good-manners", "good-manners-2")
    Preset.objects.all().delete()
    assert make_preset(alice).slug == "good-manners-3"
    assert TakenSlug.objects.count() == 3


@pytest.mark.parametrize(("name", "slug"), [("日本", "preset"), ("New", "new-2"), ("42", "42-2"), ("--", "preset")])
def test_a_slug_is_never_another_address(alice, name, slug):
    assert make_preset(alice, name).slug == slug


def test_a_fork_says_where_it_is_from_and_goes_its_own_way(preset, bob):
    forked = services.fork(version=preset.latest, owner=bob)
    assert (forked.owner, forked.forked_from, forked.latest.content) == (bob, preset.latest, CONTENT)
    save(forked, "Mine.")
    assert preset.versions.count() == 1


def test_use_is_counted(preset):
    for _ in range(2):
        services.count_use(version=preset.latest)
    preset.refresh_from_db()
    assert preset.use_count == 2
    assert preset.used_at is not None


def test_an_image_that_is_not_stored_is_refused(alice):
    from playground.presets.content import Picture

    content = Content(messages=(Starter("user", "Look", (Picture(sha256="0" * 64),)),))
    with pytest.raises(InvalidPreset, match="not stored"):
        make_preset(alice, content=content)
    assert not Preset.objects.exists()


def test_a_deleted_preset_takes_no_version_and_comes_back(preset, alice):
    services.delete_preset(preset=preset)
    assert not Preset.objects.visible_to(alice).exists()
    with pytest.raises(Preset.DoesNotExist):
        services.save_version(
            preset=preset, base_number=1, content=dataclasses.replace(CONTENT, model=""), author=alice
        )
    services.undelete_preset(owner=alice, slug=preset.slug)
    assert Preset.objects.visible_to(alice).get() == preset
