"""The pages: choose or paste, look at what was understood, import once; files for those who may use a preset."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from playground.presets import services
from playground.presets.models import ImportDraft, Preset
from tests.presets.making import make_preset
from tests.presets.transfer.reading import FILES

KEY = "sk-canary-4417"
CURL = f"""curl https://api.openai.com/v1/chat/completions -H "Authorization: Bearer {KEY}" -d '{{
  "model": "gpt-4.1", "messages": [{{"role": "user", "content": "Say <b>hi</b>"}}], "logprobs": true}}'"""
SCHEMA = json.loads((FILES.parents[3] / "static" / "schemas" / "presets-file-1.json").read_text())


def send(client: Client, text: str = "", *, file: bytes | None = None, **more: Any):
    data: dict[str, Any] = {"text": text, **more}
    if file is not None:
        data["file"] = SimpleUploadedFile("presets.json", file)
    return client.post("/presets/import/", data)


def test_a_paste_is_read_looked_at_and_imported_once(alice, alice_client):
    answer = send(alice_client, CURL)
    assert answer.status_code == 302
    assert not Preset.objects.exists()
    page = alice_client.get(answer.url).content.decode()
    assert "curl command" in page
    assert "Say &lt;b&gt;hi&lt;/b&gt;" in page
    assert "logprobs" in page
    assert KEY not in page
    first = alice_client.post(answer.url)
    second = alice_client.post(answer.url)
    preset = Preset.objects.get()
    assert first.url == second.url == f"/presets/{preset.slug}/"
    assert (preset.owner, preset.name) == (alice, "Say <b>hi</b>")


def test_no_key_is_stored_or_sent_back(alice_client):
    for text in (CURL, CURL.replace("'{", "{"), CURL.replace('"messages"', '"messages":')):
        answer = send(alice_client, text)
        assert KEY not in answer.content.decode()
        assert KEY not in json.dumps(list(ImportDraft.objects.values("presets_json", "format")))


@pytest.mark.parametrize(
    "name",
    [
        "openai-prompt.json",
        "librechat-preset.json",
        "openwebui-prompts.json",
        "openwebui-models.json",
        "langfuse-prompts.json",
        "playground-presets.yaml",
    ],
)
def test_every_file_goes_all_the_way(alice, alice_client, name: str, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    answer = send(alice_client, file=(FILES / name).read_bytes())
    assert answer.status_code == 302, answer.content
    assert alice_client.get(answer.url).status_code == 200
    assert alice_client.post(answer.url).status_code == 302
    for preset in Preset.objects.filter(owner=alice):
        assert alice_client.get(f"/presets/{preset.slug}/").status_code == 200


def test_a_bad_file_imports_nothing_and_says_where(alice_client):
    answer = send(alice_client, file=b'{"playground_preset": 1,\n "presets": [}')
    assert answer.status_code == 422
    assert "Line 2, column 14." in answer.content.decode()
    answer = send(
        alice_client, json.dumps({"playground_preset": 1, "presets": [{"name": "a", "versions": [{"model": 7}]}]})
    )
    assert answer.status_code == 422
    assert "presets[0].versions[0].model" in answer.content.decode()
    assert not ImportDraft.objects.exists()


def test_a_file_and_a_paste_at_once_are_not_guessed_between(alice_client):
    answer = send(alice_client, CURL, file=(FILES / "librechat-preset.json").read_bytes())
    assert answer.status_code == 422
    assert "not both" in answer.content.decode()


def test_a_problem_comes_alone_for_htmx(alice_client):
    answer = alice_client.post("/presets/import/", {"text": "{"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.content.decode().strip().startswith('<div id="import-problem" role="alert">')
    answer = alice_client.post("/presets/import/", {"text": CURL}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/presets/import/")


def test_the_format_may_be_chosen(alice_client):
    text = json.dumps({"presetId": "x", "title": "A", "endpoint": "openAI", "temperature": 0.5})
    page = alice_client.get(send(alice_client, text).url).content.decode()
    assert "LibreChat preset" in page
    page = alice_client.get(send(alice_client, text, format="openai").url).content.decode()
    assert "OpenAI prompt or request" in page
    assert send(alice_client, text, format="nonsense").status_code == 302


def test_one_preset_opens_in_the_editor_unsaved(alice_client):
    url = send(alice_client, CURL).url
    answer = alice_client.post(f"{url}edit/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Say &lt;b&gt;hi&lt;/b&gt;" in page
    assert "logprobs" in page
    assert not Preset.objects.exists()


def test_several_presets_do_not_open_in_the_editor(alice_client):
    url = send(alice_client, file=(FILES / "langfuse-prompts.json").read_bytes()).url
    assert "Open in the editor" not in alice_client.get(url).content.decode()
    assert alice_client.post(f"{url}edit/").status_code == 422


def test_what_was_read_is_its_owners_alone(alice_client, bob_client, visitor_client):
    url = send(alice_client, CURL).url
    for method in (bob_client.get, bob_client.post):
        assert method(url).status_code == 404
    assert bob_client.post(f"{url}edit/").status_code == 404
    assert visitor_client.post(url).status_code == 302
    assert not Preset.objects.exists()


def test_a_hostile_file_is_shown_as_text(alice_client):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    row = {
        "name": evil,
        "prompt": evil,
        "labels": [evil],
        "config": {evil: 1, "model": evil},
        "tags": [evil],
        "type": "text",
    }
    page = alice_client.get(send(alice_client, json.dumps([row])).url).content.decode()
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_review_takes_the_same_queries_for_one_and_for_two_hundred(alice_client):
    counts = []
    for count in (1, 200):
        presets = [{"name": f"P{at}", "versions": [{"model": "x"}] * 3} for at in range(count)]
        url = send(alice_client, json.dumps({"playground_preset": 1, "presets": presets})).url
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- files ---


@pytest.mark.parametrize(("ending", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_a_preset_is_a_file_of_the_documented_format(alice, alice_client, ending: str, load):
    preset = make_preset(alice, tags=["a"], description="b", note="c")
    services.name_version(version=preset.latest, label="production")
    answer = alice_client.get(f"/presets/{preset.slug}/export.{ending}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{preset.slug}.{ending}"'
    assert answer["Cache-Control"] == "private, no-store"
    data = load(answer.content.decode())
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["presets"][0]["slug"] == preset.slug


def test_the_files_of_our_tests_follow_the_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    data = yaml.safe_load((FILES / "playground-presets.yaml").read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_whoever_may_use_a_preset_may_export_it(alice, bob, alice_client, bob_client, visitor_client):
    preset = make_preset(alice)
    url = f"/presets/{preset.slug}/export.json"
    assert bob_client.get(url).status_code == 404
    assert visitor_client.get(url).status_code == 302
    services.share_with(preset=preset, name="bob", right="use")
    assert bob_client.get(url).status_code == 200
    assert bob_client.get("/presets/export.json").status_code == 422  # none of his own
    assert bob_client.get(f"/presets/export.json?slug={preset.slug}").status_code == 200
    services.unshare(preset=preset, username="bob")
    assert bob_client.get(url).status_code == 404
    assert bob_client.get(f"/presets/export.json?slug={preset.slug}").status_code == 404
    assert alice_client.get(f"/presets/export.json?slug={preset.slug}&slug=other").status_code == 404
    services.delete_preset(preset=preset)
    assert alice_client.get(url).status_code == 404


def test_all_or_some_of_ones_own_go_into_one_file(alice, bob, alice_client):
    names = ["One", "Two", "Three"]
    made = {name: make_preset(alice, name) for name in names}
    make_preset(bob, "His")
    assert exported(alice_client, "/presets/export.json") == ["One", "Three", "Two"]
    assert exported(alice_client, f"/presets/export.json?slug={made['Two'].slug}&slug={made['One'].slug}") == [
        "One",
        "Two",
    ]
    page = alice_client.get("/presets/export/").content.decode()
    assert all(name in page for name in names)
    assert "His" not in page


def exported(client: Client, url: str) -> list[str]:
    return [preset["name"] for preset in client.get(url).json()["presets"]]


def test_exporting_takes_the_same_queries_for_ten_and_for_two_hundred(alice, alice_client):
    counts = []
    alice_client.get("/presets/export/")  # the first page of a person asks more
    for count in (10, 190):
        for at in range(count):
            make_preset(alice, f"Preset {at}")
        for url in ("/presets/export.json", "/presets/export/"):
            with CaptureQueriesContext(connection) as captured:
                assert alice_client.get(url).status_code == 200
            counts.append((url, len(captured)))
    assert counts[:2] == counts[2:]
