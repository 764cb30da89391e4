"""What goes out comes in again as the same: any content, as JSON and as YAML, through the database and without it."""

from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog.models import Model, Provider
from playground.images.intake import clean_image
from playground.images.models import Blob
from playground.presets import services
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.errors import NotPossible
from playground.presets.models import ImportDraft, Preset, PresetVersion, Upload
from playground.presets.pictures import take_in
from playground.presets.transfer.export import Images, export_content, export_presets
from playground.presets.transfer.imported import BadImport
from playground.presets.transfer.reading import read_import
from playground.presets.transfer.storing import import_draft, keep_draft, presets_of
from playground.presets.transfer.yaml_text import write_yaml
from tests.chat.images.files import packed, picture
from tests.presets.making import make_preset, save

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PICTURES = st.builds(
    Picture,
    url=st.sampled_from(["https://example.com/a.png", "data:image/png;base64,aGk="]),
    name=TEXTS,
    alt=TEXTS,
    detail=st.sampled_from(["auto", "low", "high"]),
)
CHOICES = st.lists(TEXTS.filter(bool), min_size=1, max_size=4, unique=True).flatmap(
    lambda options: st.builds(
        Variable,
        name=NAMES,
        type=st.just("choice"),
        default=st.sampled_from(["", *options]),
        help=TEXTS,
        options=st.just(tuple(options)),
        is_required=st.booleans(),
    )
)
OTHERS = st.builds(
    Variable,
    name=NAMES,
    type=st.sampled_from(["text", "long", "number", "boolean"]),
    default=TEXTS,
    help=TEXTS,
    is_required=st.booleans(),
)
CONTENTS = st.builds(
    Content,
    model=st.sampled_from(["", "openai/gpt-4.1", "house/it's: #1"]),
    parameters=st.dictionaries(NAMES, VALUES, max_size=4),
    messages=st.lists(
        st.builds(
            Starter,
            role=st.sampled_from(["user", "assistant"]),
            text=TEXTS,
            images=st.lists(PICTURES, max_size=2).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    variables=st.lists(CHOICES | OTHERS, max_size=3, unique_by=lambda one: one.name).map(tuple),
)


def png() -> bytes:
    return packed(picture(), "PNG")


class NoImages(Images):
    def __init__(self) -> None:
        self.taken, self._left_out = {}, {}


@settings(max_examples=150, deadline=None)
@given(st.lists(CONTENTS, min_size=1, max_size=3), st.booleans())
def test_any_content_comes_back_as_it_went(contents: list[Content], is_yaml: bool):
    versions = [{"note": f"note {at}", **export_content(one, NoImages())} for at, one in enumerate(contents)]
    data = {"playground_preset": 1, "presets": [{"name": "x", "versions": versions}]}
    text = write_yaml(data) if is_yaml else json.dumps(data)
    (preset,) = read_import(text.encode()).presets
    assert [one.content for one in preset.versions] == contents
    assert [one.note for one in preset.versions] == [f"note {at}" for at in range(len(contents))]
    assert preset.notes == ()


def imported(owner: Any, text: str) -> list[Preset]:
    draft = keep_draft(owner=owner, reading=read_import(text.encode()))
    return import_draft(owner=owner, uuid=draft.uuid)


def versions_of(preset: Preset) -> list[tuple[int, dict[str, Any], str, str]]:
    rows = PresetVersion.objects.filter(preset=preset).order_by("number")
    return [(one.number, one.content_json, one.note, one.label) for one in rows]


def stored_picture(owner: Any) -> Picture:
    return take_in(owner=owner, file=SimpleUploadedFile("dot.png", png()))


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_preset_with_versions_labels_notes_tags_and_images_comes_back(alice, bob, ending: str, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = stored_picture(alice)
    content = Content(
        "house/tiny",
        {"system_prompt": "Two\nlines of {{who}} \n  indented", "stop": ["\n"], "seed": 3, "top_p": 0.25},
        (Starter("user", "See", (picture, Picture(url="https://example.com/x.png"))), Starter("assistant", "ok")),
        (Variable("who", "choice", "a", "Who?", ("a", "yes"), is_required=False),),
    )
    preset = make_preset(alice, "Name: 'x' # {y}", content, description="A\nB", tags=["one", "two"], note="First")
    save(preset, "no", note="Second")
    services.restore_version(version=preset.versions.get(number=1), author=alice)
    services.name_version(version=preset.versions.get(number=1), label="production")
    text = export_presets([preset], ending)
    (copy,) = imported(bob, text)
    assert versions_of(copy) == versions_of(preset)
    assert (copy.owner, copy.name, copy.description, copy.tags) == (bob, preset.name, preset.description, preset.tags)
    assert copy.slug != preset.slug
    assert copy.latest.number == 3
    assert Blob.objects.count() == 1
    assert export_presets([copy], ending).replace(copy.slug, preset.slug) == _with_dates_of(text, copy, preset, ending)


def _with_dates_of(text: str, copy: Preset, preset: Preset, ending: str) -> str:
    for number in (1, 2, 3):
        old, new = (one.versions.get(number=number).created_at.isoformat(timespec="seconds") for one in (preset, copy))
        text = text.replace(old, new)
    return text


def test_several_presets_go_into_one_file(alice, bob):
    presets = [make_preset(alice, name) for name in ("One", "Two", "One")]
    text = export_presets(presets, "json")
    assert [preset.name for preset in imported(bob, text)] == ["One", "Two", "One"]
    assert len({preset.slug for preset in Preset.objects.all()}) == 6


def test_nothing_of_this_server_is_in_the_file(alice, bob):
    preset = make_preset(alice)
    services.share_with(preset=preset, name="bob", right="edit")
    text = export_presets([preset], "yaml")
    for word in ("alice", "bob", str(preset.latest.uuid)):
        assert word not in text


def test_an_image_whose_file_is_lost_is_left_out_and_says_so(alice, bob, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = stored_picture(alice)
    preset = make_preset(alice, content=Content(messages=(Starter("user", "See", (picture,)),)))
    for path in tmp_path.rglob("*.png"):
        path.unlink()
    text = export_presets([preset], "json")
    assert "left_out" in text
    draft = keep_draft(owner=bob, reading=read_import(text.encode()))
    (found,) = presets_of(draft)
    assert "not in the file" in found.notes[0].text


def test_images_beyond_the_bound_are_left_out(alice, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("playground.presets.transfer.export.MAX_IMAGE_BYTES", 10)
    preset = make_preset(alice, content=Content(messages=(Starter("user", "See", (stored_picture(alice),)),)))
    data = json.loads(export_presets([preset], "json"))
    assert "images" not in data
    assert "left_out" in data["presets"][0]["versions"][0]["messages"][0]["images"][0]


def test_more_than_a_file_may_hold_is_refused(alice, monkeypatch):
    presets = [make_preset(alice), make_preset(alice)]
    monkeypatch.setattr("playground.presets.transfer.export.MAX_PRESETS", 1)
    with pytest.raises(NotPossible):
        export_presets(presets, "json")
    monkeypatch.setattr("playground.presets.transfer.export.MAX_BYTES", 100)
    with pytest.raises(NotPossible):
        export_presets(presets[:1], "json")


def test_a_second_yes_makes_no_second_presets(alice):
    draft = keep_draft(
        owner=alice, reading=read_import(b'{"model": "x", "messages": [{"role":"user","content":"Hi"}]}')
    )
    first = import_draft(owner=alice, uuid=draft.uuid)
    assert import_draft(owner=alice, uuid=draft.uuid) == first
    assert Preset.objects.count() == 1


def test_a_draft_is_its_owners_alone(alice, bob):
    draft = keep_draft(owner=alice, reading=read_import(b'{"model": "x", "messages": []}'))
    with pytest.raises(ImportDraft.DoesNotExist):
        import_draft(owner=bob, uuid=draft.uuid)


def test_a_bad_image_imports_nothing_and_is_named(alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    image = f"data:image/png;base64,{base64.b64encode(b'no picture').decode()}"
    good = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in (good, image)]
    reading = read_import(json.dumps({"name": "Pic", "messages": [{"role": "user", "content": parts}]}).encode())
    with pytest.raises(BadImport) as caught:
        keep_draft(owner=alice, reading=reading)
    assert caught.value.where == "“Pic”.versions[0].messages[0].images[1]"
    assert not ImportDraft.objects.exists()


def test_an_image_is_cleaned_like_any_upload(alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    url = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    reading = read_import(
        json.dumps(
            {"messages": [{"role": "user", "content": [{"type": "input_image", "image_url": url}] * 2}]}
        ).encode()
    )
    draft = keep_draft(owner=alice, reading=reading)
    assert "base64" not in json.dumps(draft.presets_json)
    blob = Blob.objects.get()
    assert Upload.objects.get().blob == blob
    assert clean_image(png(), "x").media_type == blob.media_type
    (preset,) = import_draft(owner=alice, uuid=draft.uuid)
    assert preset.latest.images.get().blob == blob
    assert not Upload.objects.exists()


def test_what_a_preset_may_not_hold_is_refused_with_its_place(alice):
    text = json.dumps(
        {"playground_preset": 1, "presets": [{"name": "a", "versions": [{}, {"parameters": {"a b": 1}}]}]}
    )
    with pytest.raises(BadImport) as caught:
        keep_draft(owner=alice, reading=read_import(text.encode()))
    assert caught.value.where == "“a”.versions[1].parameters"


def test_only_the_newest_drafts_are_kept(alice, bob):
    reading = read_import(b'{"model": "x", "messages": []}')
    keep_draft(owner=bob, reading=reading)
    for _turn in range(7):
        last = keep_draft(owner=alice, reading=reading)
    assert ImportDraft.objects.filter(owner=alice).count() == 5
    assert last in ImportDraft.objects.filter(owner=alice)
    assert ImportDraft.objects.filter(owner=bob).count() == 1


def test_a_model_is_found_without_its_provider_when_only_one_can_be_meant(alice):
    provider = Provider.objects.create(slug="house", name="House", base_url="http://127.0.0.1:1/v1")
    house_model = Model.objects.create(provider=provider, name="little-7b", title="Little")
    reading = read_import(json.dumps({"model": house_model.name, "messages": []}).encode())
    (found,) = presets_of(keep_draft(owner=alice, reading=reading))
    assert found.latest.content.model == house_model.public_name
    reading = read_import(json.dumps({"model": "nowhere", "messages": []}).encode())
    (found,) = presets_of(keep_draft(owner=alice, reading=reading))
    assert found.latest.content.model == "nowhere"
    assert "no model" in found.notes[-1].text


@pytest.mark.django_db(transaction=True)
def test_two_yeses_at_once_are_one_import(alice):
    draft = keep_draft(
        owner=alice, reading=read_import(b'{"model": "x", "messages": [{"role":"user","content":"Hi"}]}')
    )
    together = threading.Barrier(4)

    def say_yes(_turn: int) -> list[str]:
        together.wait(timeout=60)
        try:
            return [preset.slug for preset in import_draft(owner=alice, uuid=draft.uuid)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        slugs = list(pool.map(say_yes, range(4)))
    assert Preset.objects.count() == 1
    assert slugs == [[Preset.objects.get().slug]] * 4
