"""kill -9 while money is held: it is given back within half a minute, and what was written is paid."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import FINAL, Person, Rows, wait_until
from tests.servers import Server

WORDS = [f"word{number} " for number in range(200)]
RELEASED_WITHIN_S = 30.0
BUDGET = {"amount": "5", "period": "month", "warn_percent": "80", "is_blocking": "on", "is_enabled": "on"}
TOTALS = "SELECT COALESCE(SUM(spent), 0), COALESCE(SUM(held), 0), COUNT(*) FROM usage_budgetpot"


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("holds"), openai_base_url=model_server.base_url) as server:
        yield server


def test_what_a_killed_server_held_is_given_back_and_what_it_wrote_is_paid(server: Server, fake: FakeOpenAI):
    rows, person = Rows(server), Person(server)
    for scope in ("all", "each"):
        made = person.post("/admin/usage/budget/add/", scope=scope, **BUDGET)
        assert made.status_code == 302, made.text[:2000]
    replies = [fake.play(Reply.text(WORDS).hold_after(100)) for _ in range(3)]
    for number in range(3):
        person.ask(f"question {number}")
    for reply in replies:
        reply.wait_held(60)
    _spent, held, pots = rows.ask(TOTALS)[0]
    assert held > 0
    assert pots == 2
    assert rows.count("usage_hold") == 6
    server.kill()
    server.start()
    began = time.monotonic()
    wait_until(lambda: rows.count("usage_hold") == 0, "what was held to be given back")
    assert time.monotonic() - began <= RELEASED_WITHIN_S
    assert {status for status, _text in rows.runs().values()} <= FINAL
    spent, held, _pots = rows.ask(TOTALS)[0]
    ((paid,),) = rows.ask("SELECT SUM(amount) FROM usage_ledgerentry")
    assert held == 0
    assert paid > 0
    assert spent == 2 * paid
    # And there is money for more.
    fake.play(Reply.text(["Short."]))
    person.ask("one more")
    person.close()
