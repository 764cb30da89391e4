"""`/metrics` and `/health/ready` of a real server while it answers, and when what it stands on is away."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import httpx
import pytest
from asgiref.testing import ApplicationCommunicator
from prometheus_client.parser import text_string_to_metric_families

from playground.server.health import Health
from playground.server.watch import Watch, ask_redis
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import PATIENCE_S, Person, Reader, asks, follow, wait_until
from tests.servers import ROOT, Server

CANARY = "canary-of-the-prompt"
MAX_SERIES = 500
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture
def fake(model_server: FakeOpenAI) -> Iterator[FakeOpenAI]:
    model_server.reset()
    yield model_server
    model_server.reset()


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metrics")
    with Server(folder, openai_base_url=model_server.base_url) as one:
        yield one


def scrape(server: Server) -> Samples:
    answer = httpx.get(f"{server.url}/metrics", trust_env=False, timeout=PATIENCE_S)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


def ready(server: Server) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"{server.url}/health/ready", trust_env=False, timeout=PATIENCE_S)
    return answer.status_code, answer.json()


def test_an_answer_is_seen_while_it_goes_on_and_counted_when_it_ends(server: Server, fake: FakeOpenAI):
    with closing(Person(server)) as person:
        before = scrape(server)
        reply = fake.play(Reply.text(["It ", "goes ", "on."]).hold_after(2), when=asks(CANARY))
        run = person.run_of(person.ask(CANARY))
        reply.wait_held(PATIENCE_S)
        with person.socket() as socket:
            follow(socket, run)
            reader = Reader(socket)
            reader.frame()
            live = wait_until(
                lambda: value(now := scrape(server), "playground_live_streams") == 1 and now, "the first token"
            )
            assert value(live, "playground_runs", state="streaming") == 1
            assert value(live, "playground_runs", state="queued") == 0
            assert value(live, "playground_sockets") == 1
            assert value(live, "playground_readers") == 1
            assert value(live, "playground_logs") >= 1
            assert value(live, "playground_log_characters") >= len("It goes ")
            assert 0.04 < value(live, "playground_frame_seconds") <= 0.2
            assert value(live, "playground_up", part="database") == 1
            reply.release()
            reader.to_end()
        after = wait_until(
            lambda: (
                value(now := scrape(server), "playground_runs", state="streaming") == 0
                and value(now, "playground_sockets") == 0
                and now
            ),
            "everything to end",
        )
    for name, labels in [
        ("playground_runs_ended_total", {"status": "completed", "source": "chat"}),
        ("playground_first_token_seconds_count", {"provider": "openai"}),
        ("playground_run_wait_seconds_count", {}),
    ]:
        assert value(after, name, **labels) == (value(before, name, **labels) or 0) + 1, name
    assert value(after, "playground_readers") == value(after, "playground_live_streams") == 0
    assert value(after, "process_resident_memory_bytes") > 10_000_000
    assert value(after, "process_cpu_seconds_total") > 0
    assert value(after, "playground_http_answers_total", status="2xx") > 0


def test_failures_are_counted_by_provider_and_kind(server: Server, fake: FakeOpenAI):
    fake.play(Reply.error(401, f"{CANARY} in an error"), when=asks("fails"))
    with closing(Person(server)) as person:
        person.ask("fails")
        labels = {"provider": "openai", "kind": "authentication_failed"}
        wait_until(lambda: value(scrape(server), "playground_upstream_errors_total", **labels) == 1, "the error")


def test_checkpoints_and_the_loop_are_timed_all_the_time(server: Server, fake: FakeOpenAI):
    fake.play(Reply.text(["It ", "goes ", "on."]).hold_after(2), when=asks("long"))
    with closing(Person(server)) as person:
        person.ask("long")
        for name, labels in [
            ("playground_write_seconds_count", {"step": "checkpoint"}),
            ("playground_event_loop_lag_seconds_count", {}),
        ]:
            before = value(scrape(server), name, **labels)
            wait_until(lambda: value(scrape(server), name, **labels) > before, name)  # noqa: B023 - called at once


def test_the_figures_are_few_and_say_nothing_of_what_people_wrote(server: Server):
    text = httpx.get(f"{server.url}/metrics", trust_env=False, timeout=PATIENCE_S).text
    assert CANARY not in text
    assert len([line for line in text.splitlines() if not line.startswith("#")]) < MAX_SERIES


def test_every_figure_is_explained_and_no_other(server: Server):
    text = httpx.get(f"{server.url}/metrics", trust_env=False, timeout=PATIENCE_S).text
    given = set(re.findall(r"^# TYPE (playground_\w+) ", text, re.MULTILINE))
    assert len(given) > 15
    explained = re.findall(r"`(playground_[a-z_]+)", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
    assert set(explained) == given


def test_a_probe_is_told_ready_in_a_word_and_an_operator_in_parts(server: Server):
    redis = {"redis": "ok"} if server.database.environment.get("REDIS_URL") else {}
    assert ready(server) == (200, {"ready": True, "server": "ok", "database": "ok", **redis})
    for headers in ({"Host": "chat.example.org"}, {"X-Forwarded-For": "192.0.2.7"}):
        answer = httpx.get(f"{server.url}/health/ready", headers=headers, trust_env=False, timeout=PATIENCE_S)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert httpx.get(f"{server.url}/metrics", headers=headers, trust_env=False).status_code == 404


@pytest.mark.sqlite
def test_without_its_database_it_is_not_ready_and_comes_back_by_itself(server: Server):
    with closing(sqlite3.connect(server.data_dir / "playground.sqlite3", timeout=20)) as database:
        database.execute("ALTER TABLE django_migrations RENAME TO away")
        database.commit()
        try:
            status, parts = wait_until(lambda: (now := ready(server))[0] == 503 and now, "it to notice")
            assert (status, parts) == (503, {"ready": False, "server": "ok", "database": "away"})
            assert value(scrape(server), "playground_up", part="database") == 0
            assert httpx.get(f"{server.url}/health/live", trust_env=False).status_code == 200
        finally:
            database.execute("ALTER TABLE away RENAME TO django_migrations")
            database.commit()
    wait_until(lambda: ready(server)[0] == 200, "it to come back")
    assert "The database does not answer" in server.log
    assert "The database answers again" in server.log


async def test_a_server_without_redis_is_ready_and_says_so():
    asked = Watch(
        "redis", partial(ask_redis, "redis://127.0.0.1:1/0"), is_needed=False, every_s=0.01
    )  # nobody is there
    asked.start()
    wait_until(lambda: not asked.is_up, "it to notice")
    asked.stop()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/health/ready",
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"localhost")],
    }
    caller = ApplicationCommunicator(Health(None, state=lambda: "ok", parts=[asked]), scope)
    assert (await caller.receive_output())["status"] == 200
    assert json.loads((await caller.receive_output())["body"]) == {"ready": True, "server": "ok", "redis": "away"}


def test_a_question_that_is_not_answered_in_time_counts_as_away():
    answer = threading.Event()
    asked = Watch("database", lambda: answer.wait() and None, is_needed=True, every_s=0.01, patience_s=0.01)
    asked.start()
    wait_until(lambda: not asked.is_up, "its patience to end")
    answer.set()
    wait_until(lambda: asked.is_up, "it to come back")
    asked.stop()
