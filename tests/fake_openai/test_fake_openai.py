"""The fake server keeps the promises that other tests stand on."""

from __future__ import annotations

import base64
import http.client
import io
import json

import pytest
from PIL import Image

from tests.fake_openai import SCENARIOS, FakeOpenAI, Reply


@pytest.fixture(scope="module")
def server():
    with FakeOpenAI(tokens_per_second=0) as started:
        yield started


@pytest.fixture
def fake(server):
    server.reset()
    yield server
    server.reset()


def post(fake: FakeOpenAI, content: object, **fields: object) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=10)
    body = {"model": "fake-chat", "messages": [{"role": "user", "content": content}], **fields}
    connection.request("POST", "/v1/chat/completions", json.dumps(body))
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()


def said(fake: FakeOpenAI, content: object, **fields: object) -> str:
    status, body = post(fake, content, **fields)
    assert status == 200
    return json.loads(body)["choices"][0]["message"]["content"]


def image_url(kind: str, data: bytes | None = None, **save: object) -> str:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, kind, **save)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data or out.getvalue()).decode()}"


def image_part(url: str, **more: str) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def test_queued_replies_are_played_in_order_then_the_default(fake):
    fake.play(Reply.text("one"), Reply.text("two"))
    assert [said(fake, "x"), said(fake, "x")] == ["one", "two"]
    assert said(fake, "x").startswith("## High water")


def test_a_reply_may_wait_for_its_request(fake):
    fake.play(Reply.text("for b"), when=lambda request: request.model == "b")
    assert said(fake, "/tokens 2") == "word1 word2 "
    assert said(fake, "x", model="b") == "for b"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_images_are_really_decoded(fake, kind):
    words = said(fake, [{"type": "text", "text": "what?"}, image_part(image_url(kind), detail="low")])
    assert f"{kind}, 40 x 30 pixels, detail low" in words
    (image,) = fake.last.images
    assert (image.format, image.width, image.height, image.has_exif) == (kind, 40, 30, False)


@pytest.mark.parametrize(
    "url",
    [
        image_url("PNG", b"not an image"),
        image_url("PNG")[:-40],
        image_url("BMP"),
        image_url("PNG").replace("image/png", "image/jpeg"),
        image_url("GIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
        "data:image/png;base64,%%%",
        "http://example.com/a.png",
    ],
)
def test_bad_images_are_refused_as_openai_does(fake, url):
    status, body = post(fake, [image_part(url)])
    assert status == 400
    assert json.loads(body)["error"]["param"] == "messages"


def test_parameters_are_honoured(fake):
    assert said(fake, "/tokens 9", max_completion_tokens=2) == "word1 word2 "
    assert said(fake, "/tokens 9", stop=["word3"]) == "word1 word2 "
    assert json.loads(said(fake, "x", response_format={"type": "json_object"}))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert json.loads(said(fake, "x", response_format={"type": "json_schema", "json_schema": {"schema": schema}})) == {
        "n": 4
    }
    assert '"seed": 7' in said(fake, "/echo", seed=7)


def test_people_find_the_scenarios(fake):
    assert "`stall-first`" in said(fake, "/scenario")
    assert post(fake, "/scenario 401")[0] == 401
    assert post(fake, "x", model="scenario-500")[0] == 500
    assert post(fake, "/scenario flaky")[0] == 503
    assert post(fake, "/scenario flaky")[0] == 200


def test_every_scenario_can_be_made():
    assert len(SCENARIOS) > 100
    for scenario in SCENARIOS.values():
        assert scenario.about
        assert isinstance(scenario.make(), Reply)


def test_a_reply_holds_until_it_is_released_and_knows_who_left(fake):
    reply = fake.play(Reply.text(["one ", "two ", "three"]).hold_after(2))
    connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=10)
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}]}
    connection.request("POST", "/v1/chat/completions", json.dumps(body))
    response = connection.getresponse()
    reply.wait_held()
    assert reply.wait_given().pieces_sent == 2
    response.close()
    connection.close()
    assert fake.wait_for_disconnects() == [reply.wait_given()]
