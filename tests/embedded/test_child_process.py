"""The real child process with the real weights."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from playground.embedded.process import MAX_STARTS, Supervisor
from playground.upstream.errors import ConnectFailed
from playground.upstream.types import Endpoint

PROMPT = [{"role": "user", "content": "Write one sentence about the sea."}]


@pytest.fixture(autouse=True)
def own_log(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMBEDDED_IS_ON = True
    settings.EMBEDDED_MODEL = ""


@pytest.fixture
async def supervisor():
    one = Supervisor()
    yield one
    await one.stop()


async def ask(endpoint: Endpoint, **body) -> dict:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        answer = await client.post(
            f"{endpoint.base_url}/chat/completions",
            headers={"Authorization": f"Bearer {endpoint.api_key}"},
            json={"model": "any", "messages": PROMPT, "max_completion_tokens": 16, **body},
        )
    assert answer.status_code == 200, answer.text
    return answer.json()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def what_others_see_of(pid: int) -> str:
    return "".join(Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "environ"))


def wait_until_gone(pid: int, within_s: float = 10) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if is_gone(pid):
            return True
        time.sleep(0.02)
    return False


def text_of(answer: dict) -> str:
    return answer["choices"][0]["message"]["content"]


async def test_the_same_seed_gives_the_same_answer_and_another_seed_another(supervisor):
    endpoint = await supervisor.endpoint()
    first = await ask(endpoint, seed=7, temperature=1)
    second = await ask(endpoint, seed=7, temperature=1)
    third = await ask(endpoint, seed=8, temperature=1)
    assert text_of(first) == text_of(second) != text_of(third)
    assert first["usage"]["completion_tokens"] == 16
    assert first["choices"][0]["finish_reason"] == "length"


async def test_temperature_zero_needs_no_seed(supervisor):
    endpoint = await supervisor.endpoint()
    answers = {text_of(await ask(endpoint, temperature=0, seed=seed)) for seed in (1, 2)}
    assert len(answers) == 1


async def test_json_schema_and_logprobs_are_honoured(supervisor):
    endpoint = await supervisor.endpoint()
    schema = {"type": "object", "properties": {"n": {"enum": [4]}}, "required": ["n"], "additionalProperties": False}
    answer = await ask(
        endpoint,
        response_format={"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": schema}},
        logprobs=True,
        top_logprobs=2,
        max_completion_tokens=64,
    )
    assert "".join(text_of(answer).split()) == '{"n":4}'
    assert len(answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]) == 2


async def test_only_callers_with_the_key_are_served(supervisor):
    endpoint = await supervisor.endpoint()
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{endpoint.base_url}/chat/completions", json={"messages": PROMPT})
    assert answer.status_code == 401
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    assert endpoint.api_key not in await asyncio.to_thread(what_others_see_of, supervisor.status().pid)


async def test_concurrent_callers_share_one_start(supervisor):
    endpoints = await asyncio.gather(*(supervisor.endpoint() for _ in range(20)))
    assert len({endpoint.base_url for endpoint in endpoints}) == 1
    assert supervisor.status().starts == 1


async def test_a_caller_that_gives_up_does_not_take_the_start_away(supervisor):
    impatient = asyncio.create_task(supervisor.endpoint())
    patient = asyncio.create_task(supervisor.endpoint())
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).base_url
    assert supervisor.status().starts == 1


async def test_a_killed_child_is_replaced_at_the_next_call(supervisor):
    before = await supervisor.endpoint()
    pid = supervisor.status().pid
    os.kill(pid, signal.SIGKILL)
    while supervisor.status().state == "running":  # until its last thread is gone
        await asyncio.sleep(0.01)
    after = await supervisor.endpoint()
    assert after.api_key != before.api_key
    assert text_of(await ask(after))


async def test_stop_ends_the_child_and_the_next_call_begins_another(supervisor):
    await supervisor.endpoint()
    pid = supervisor.status().pid
    await supervisor.stop()
    assert is_gone(pid)
    assert supervisor.status().state == "idle"
    await supervisor.endpoint()
    assert supervisor.status().state == "running"


PARENT = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "playground.settings"
import django
django.setup()
from playground.embedded import process
async def main():
    await process.endpoint()
    print(process.status().pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_ends_with_its_parent(tmp_path, number):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PLAYGROUND_DATA_DIR": str(tmp_path)},
    )
    with parent:
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.send_signal(number)
        parent.wait()
    assert wait_until_gone(pid)


async def test_a_model_that_does_not_load_is_explained_and_not_tried_for_ever(
    supervisor, settings, tmp_path, monkeypatch
):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    settings.EMBEDDED_MODEL = str(broken)
    monkeypatch.setattr("playground.embedded.process.PAUSES_SECONDS", (0.0,) * MAX_STARTS)  # the clock
    for _ in range(MAX_STARTS):
        with pytest.raises(ConnectFailed, match=r"did not start: .*embedded\.log"):
            await supervisor.endpoint()
    with pytest.raises(ConnectFailed, match="rests for"):
        await supervisor.endpoint()
    assert supervisor.status().starts == MAX_STARTS
    assert supervisor.status().state == "failed"


async def test_a_missing_file_is_named(supervisor, settings):
    settings.EMBEDDED_MODEL = "/nowhere/model.gguf"
    with pytest.raises(ConnectFailed, match=r"/nowhere/model\.gguf"):
        await supervisor.endpoint()


async def test_switched_off_it_says_so(supervisor, settings):
    settings.EMBEDDED_IS_ON = False
    with pytest.raises(ConnectFailed, match="PLAYGROUND_EMBEDDED"):
        await supervisor.endpoint()
    assert supervisor.status().state == "off"
