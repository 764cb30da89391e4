"""Section 7 of the protocol reference: lists of models in the shapes that servers give them."""

from __future__ import annotations

import pytest

from playground.upstream import errors
from playground.upstream.types import Endpoint
from tests.fake_openai import Reply, scenario


async def test_the_list_is_read_with_dates_of_retirement(client, fake):
    models = await client.list_models(Endpoint(fake.base_url, api_key="sk-x-0123456"))
    assert {model.id: model.shutdown_date for model in models}["gpt-4.1"] == "2027-01-14"
    assert fake.requests[-1].path == "/v1/models"
    assert fake.requests[-1].headers["authorization"] == "Bearer sk-x-0123456"


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": [{"id": "a"}, {"id": "b/c"}]},
        {"models": [{"name": "a"}, {"model": "b/c"}]},
        {"data": None, "models": ["a", "b/c"]},
        [{"id": "a", "created": None}, {"id": "b/c", "shutdown_date": None}, {"id": "a"}, {}, None, 7],
    ],
)
async def test_lists_come_in_several_shapes(client, fake, body):
    fake.models_reply = Reply.json(body)
    assert [model.id for model in await client.list_models(Endpoint(fake.base_url))] == ["a", "b/c"]


async def test_a_name_with_control_characters_is_no_model(client, fake):
    names = ["a\nb", "a\x00b", "a\x1b[31m", "a\u2028b", "\u202egnp.exe"]
    fake.models_reply = Reply.json({"data": [*({"id": name} for name in names), *names, {"id": "good"}]})
    assert [model.id for model in await client.list_models(Endpoint(fake.base_url))] == ["good"]


@pytest.mark.parametrize(
    "fields", [{"max_model_len": 8192}, {"meta": {"n_ctx_train": 8192}}, {"context_length": 8192, "pricing": {}}]
)
async def test_the_context_is_read_where_servers_tell_it(client, fake, fields):
    fake.models_reply = Reply.json({"data": [{"id": "a", **fields}]})
    (model,) = await client.list_models(Endpoint(fake.base_url))
    assert model.context_tokens == 8192


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_server_without_a_list_has_an_empty_one(client, fake, status):
    fake.models_reply = Reply.error(status)
    assert await client.list_models(Endpoint(fake.base_url)) == []


async def test_a_wrong_key_and_nonsense_are_errors(client, fake):
    fake.models_reply = scenario("401")
    with pytest.raises(errors.AuthenticationFailed):
        await client.list_models(Endpoint(fake.base_url))
    fake.models_reply = scenario("200-html")
    with pytest.raises(errors.BadReply):
        await client.list_models(Endpoint(fake.base_url))
