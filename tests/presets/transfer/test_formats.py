"""Each product's own export comes in: what it says, and what a preset has no place for by its name and place."""

from __future__ import annotations

import pytest

from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.transfer.imported import BadImport
from tests.presets.transfer.reading import noted, only, read, read_file


def test_an_openai_prompt_object():
    reading = read_file("openai-prompt.json")
    assert reading.format == "openai"
    preset = only(reading)
    assert (preset.name, preset.description) == ("Weather reporter", "Answers in the voice of a weather reporter.")
    content = preset.latest.content
    assert content.model == "gpt-4.1"
    assert content.parameters == {
        "system_prompt": "You report the weather in {{city}} to {{audience_name}}.\nKeep it short.\n\nNever promise sunshine.",
        "temperature": 0.4,
        "top_p": 1,
        "max_completion_tokens": 2048,
        "reasoning_effort": "low",
        "verbosity": "low",
        "response_format": "json_schema",
        "json_schema_name": "report",
        "json_schema_strict": True,
        "json_schema": {
            "type": "object",
            "properties": {"report": {"type": "string"}},
            "required": ["report"],
            "additionalProperties": False,
        },
    }
    assert content.messages == (
        Starter(
            "user",
            "What is it like in {{city}}?",
            (Picture(url="https://example.com/sky.png", detail="low"),),
        ),
        Starter("assistant", "Cloudy, with a hint of more clouds."),
    )
    assert content.variables == (
        Variable("city", default="Reykjavík"),
        Variable("audience_name", default="viewers"),
    )
    notes = noted(preset)
    assert "web_search_preview" in notes["tools[0]"]
    assert "get_weather" in notes["tools[1]"]
    assert "function_call" in notes["input[3]"]
    assert {"store", "reasoning.summary"} <= set(notes)


def test_an_openai_prompt_with_versions():
    preset = only(
        read(
            {
                "name": "Two",
                "versions": [
                    {"instructions": "One", "model": "gpt-4.1", "version": "1"},
                    {
                        "instructions": "Two",
                        "model": "gpt-4.1",
                        "version": "2",
                        "label": "Production",
                        "note": "Better",
                    },
                ],
            }
        )
    )
    assert [one.content.parameters["system_prompt"] for one in preset.versions] == ["One", "Two"]
    assert (preset.latest.label, preset.latest.note) == ("production", "Better")


def test_a_prompt_that_is_only_an_id_is_told():
    request = {"model": "gpt-4.1", "prompt": {"id": "pmpt_123", "version": "2", "variables": {"city": "Rome"}}}
    preset = only(read(request))
    assert "pmpt_123" in noted(preset)["prompt"]
    assert preset.latest.content.variables == (Variable("city", default="Rome"),)


def test_a_librechat_preset():
    reading = read_file("librechat-preset.json")
    assert reading.format == "librechat"
    preset = only(reading)
    assert (preset.name, preset.tags) == ("Patient tutor", ("maths", "teaching"))
    assert preset.latest.content == Content(
        model="gpt-4.1",
        parameters={
            "system_prompt": "You are a patient tutor. Today is {{current_date}}.",
            "temperature": 0.3,
            "top_p": 0.9,
            "presence_penalty": 0.1,
            "frequency_penalty": 0,
            "max_completion_tokens": 900,
            "stop": ["END"],
            "image_detail": "high",
            "stream": False,
        },
        variables=(Variable("current_date"),),
    )
    assert set(noted(preset)) == {"", "maxContextTokens", "tools", "greeting", "web_search"}
    assert "LibreChat" in noted(preset)[""]


def test_a_librechat_preset_of_googles_models():
    preset = only(
        read(
            {
                "presetId": None,
                "title": "New Chat",
                "endpoint": "google",
                "modelLabel": "Gem",
                "topP": 0.8,
                "topK": 40,
                "maxOutputTokens": 1024,
                "examples": [{"input": {"content": "Hi"}, "output": {"content": "Hello"}}, {"input": {"content": ""}}],
            }
        )
    )
    assert preset.name == "Gem"
    assert preset.latest.content.parameters == {"top_p": 0.8, "top_k": 40, "max_completion_tokens": 1024}
    assert preset.latest.content.messages == (Starter("user", "Hi"), Starter("assistant", "Hello"))
    assert "google" in noted(preset)["endpoint"]


def test_open_webui_prompts():
    reading = read_file("openwebui-prompts.json")
    assert reading.format == "openwebui"
    summary, poem = reading.presets
    assert (summary.name, summary.description) == ("Summarize an article", "/summarize in Open WebUI")
    (message,) = summary.latest.content.messages
    assert message.role == "user"
    assert message.text.startswith(
        "Summarize in {{language}}, about {{words}} words, on {{CURRENT_DATE}}:\n\n{{article}}"
    )
    assert message.text.endswith("{{MESSAGES:END:2}}")
    assert summary.latest.content.variables == (
        Variable("language", "choice", "English", "", ("English", "German")),
        Variable("words", "number", "100", is_required=False),
        Variable("CURRENT_DATE"),
        Variable("article", "long", help="Paste it here"),
        Variable("with_title", "boolean", help="A title, too", is_required=False),
    )
    texts = [note.text for note in summary.notes]
    assert any("MESSAGES:END:2" in text for text in texts)
    assert any("CURRENT_DATE" in text for text in texts)
    assert (poem.name, poem.tags) == ("Poem", ("fun",))
    assert poem.latest.content.variables == (Variable("topic", is_required=False),)
    assert poem.notes == ()


def test_open_webui_models():
    reading = read_file("openwebui-models.json")
    assert reading.format == "openwebui"
    preset = only(reading)
    assert (preset.name, preset.description, preset.tags) == (
        "Support desk",
        "First line of support.",
        ("shop", "support"),
    )
    assert preset.latest.content.model == "gpt-4.1"
    assert preset.latest.content.parameters == {
        "system_prompt": "You answer customers of {{shop}}.",
        "temperature": 0.5,
        "top_p": 0.95,
        "max_completion_tokens": 600,
        "frequency_penalty": 0.2,
        "seed": 7,
        "stop": ["###"],
        "stream": False,
    }
    assert set(noted(preset)) == {
        "[0].params.num_ctx",
        "[0].params.function_calling",
        "[0].meta.suggestion_prompts",
        "[0].meta.knowledge",
        "[0].meta.toolIds",
    }


@pytest.mark.parametrize("name", ["openwebui-prompts.json", "openwebui-models.json", "librechat-preset.json"])
def test_nobody_of_the_other_server_comes_along(name: str):
    said = repr(read_file(name).presets)
    for word in ("Dana", "dana@example.com", "6f9c1f5e", "65f1c0ffee"):
        assert word not in said


def test_langfuse_prompts_become_versions_of_one_preset():
    reading = read_file("langfuse-prompts.json")
    assert reading.format == "langfuse"
    critic, translator = reading.presets
    assert (critic.name, critic.tags) == ("movie-critic", ("movies",))
    first, second = critic.versions
    assert (first.label, second.label, second.note) == ("first", "production", "Chat instead of text")
    assert first.content.messages[0].text.startswith("As a {{criticLevel}} movie critic")
    assert second.content.model == "gpt-4.1"
    assert second.content.parameters == {
        "system_prompt": "You are a {{criticLevel}} movie critic.",
        "temperature": 0.5,
        "max_completion_tokens": 300,
    }
    assert second.content.messages == (Starter("user", "Do you like {{movie}}?"),)
    assert second.content.variables == (Variable("criticLevel"), Variable("movie"))
    notes = noted(critic)
    assert "placeholder" in notes["[0].prompt[1]"]
    assert "staging" in notes["[0].labels"]
    assert "look_up" in notes["[0].config.tools[0]"]
    assert "[0].config.supported_languages" in notes
    assert "langfusePrompt:name=tone" in notes["[1].prompt"]
    assert translator.latest.content.messages == (Starter("user", "Translate into {{language}}."),)


def test_a_list_of_names_without_texts_is_refused():
    listed = {"data": [{"name": "movie-critic", "versions": [1, 2], "labels": ["production"], "tags": []}], "meta": {}}
    with pytest.raises(BadImport, match=r"data\[0\].prompt"):
        read(listed)


def test_our_own_file():
    reading = read_file("playground-presets.yaml")
    assert reading.format == "playground"
    preset = only(reading)
    first, second = preset.versions
    assert first.content.parameters["system_prompt"] == "You write haiku.\nNothing else."
    assert (second.label, second.note) == ("production", "With a picture")
    assert second.content.parameters == {
        "system_prompt": "You write haiku on {{topic}}.",
        "temperature": 0.7,
        "stop": ["###"],
        "stream": False,
    }
    dot, sea = second.content.messages[0].images
    assert dot.url.startswith("data:image/png;base64,")
    assert (dot.alt, dot.detail) == ("A dot", "low")
    assert sea == Picture(url="https://example.com/sea.png")
    assert second.content.variables == (
        Variable("topic", default="autumn", help="What it is about"),
        Variable("mood", "choice", options=("glad", "sad"), is_required=False),
    )
    assert list(noted(preset)) == ["presets[0].versions[1].messages[0].images[2]"]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("temperature",), "hot", "temperature"),
        (("seed",), 1.5, "seed"),
        (("messages",), "none", "messages"),
        (("messages",), [7], "messages[0]"),
        (("messages",), [{"role": "user", "content": 7}], "messages[0].content"),
        (("response_format",), {"type": "json_schema", "json_schema": {}}, "response_format.json_schema.schema"),
        (("stop",), [1], "stop[0]"),
        (("instructions",), "x" * (256 * 1024 + 1), "instructions"),
        (
            ("messages",),
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,*"}}]}],
            "messages[0].content[0].image_url",
        ),
    ],
)
def test_a_known_field_of_a_wrong_type_is_refused_with_its_place(path, value, where: str):
    with pytest.raises(BadImport) as caught:
        read({"model": "gpt-4.1", "messages": [], path[0]: value})
    assert caught.value.where == where


def test_places_of_lists_count_from_their_root():
    prompt = {"name": "a", "type": "text", "prompt": "b", "labels": [], "config": {}}
    with pytest.raises(BadImport) as caught:
        read({"prompts": [prompt, prompt, prompt, {**prompt, "config": {"temperature": []}}]})
    assert caught.value.where == "prompts[3].config.temperature"


def test_what_is_none_of_the_formats_is_said_so():
    for odd in ({"hello": 1}, [], [[]], {"presets": []}):
        with pytest.raises(BadImport):
            read(odd)


def test_a_chosen_format_is_believed():
    with pytest.raises(BadImport, match="playground_preset"):
        read_file("librechat-preset.json", "playground")
    assert only(read_file("librechat-preset.json", "openai")).latest.content.parameters["temperature"] == 0.3
