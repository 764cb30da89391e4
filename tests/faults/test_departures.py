"""Two server processes, one person: suspended at one of them, they are out of both within seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.fake_openai import FakeOpenAI, Reply
from tests.faults.conftest import Pair, two_servers
from tests.safety.product import PATIENCE_S, Person, Reader, Rows, asks, follow, set_up, wait_until
from tests.servers import Server

pytestmark = pytest.mark.postgres

GONE = 4401
PROMISED_S = 5.0
SLACK_S = 5.0  # for a machine that runs other tests meanwhile
PASSWORD = "a long password of hers"
WORDS = [f"word{number} " for number in range(400)]


class SignedIn(Person):
    """Somebody with a password, at a server in server mode."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE_S)
        self.http.get("/accounts/login/").raise_for_status()
        assert self.post("/accounts/login/", login=name, password=PASSWORD).status_code == 302


@pytest.fixture
def offices(model_server: FakeOpenAI, tmp_path: Path) -> Iterator[Pair]:
    place = urlsplit(model_server.base_url).netloc
    modes = {"PLAYGROUND_MODE": "server", "PLAYGROUND_HTTPS": "false", "PLAYGROUND_PRIVATE_HOSTS": place}
    with two_servers(tmp_path, model_server, **modes) as pair:
        make_people(pair.one)
        yield pair


def make_people(server: Server) -> None:
    """An admin, and alice."""
    set_up(server, PASSWORD)
    admin = SignedIn(server, "admin")
    form = {"username": "alice", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert admin.post("/admin/accounts/user/add/", **form).status_code == 302
    admin.close()


def code_of(socket: ClientConnection) -> int:
    """What the socket is closed with, whatever else comes before."""
    with pytest.raises(ConnectionClosed) as closed:
        read_forever(socket)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def read_forever(socket: ClientConnection) -> None:
    while True:
        socket.recv(PATIENCE_S)


@pytest.mark.parametrize("redis_is", ["there", "away"])
def test_who_is_suspended_at_one_is_out_of_both(redis_is, offices: Pair, fake: FakeOpenAI):
    fake.play(Reply.text(WORDS).hold_after(200), when=asks("long"))
    admin = SignedIn(offices.one, "admin")
    here, there = SignedIn(offices.one, "alice"), SignedIn(offices.two, "alice")
    run = there.run_of(there.ask("long"))
    with here.socket() as at_one, there.socket() as at_two:
        follow(at_two, run)
        Reader(at_two).frame()
        pk = Rows(offices.one).ask("SELECT id FROM accounts_user WHERE username = ?", "alice")[0][0]
        if redis_is == "away":
            offices.redis.kill()
        began = time.monotonic()
        assert admin.post(f"/admin/accounts/user/{pk}/suspend/", confirm="suspend").status_code == 302
        assert code_of(at_one) == code_of(at_two) == GONE
        assert time.monotonic() - began < PROMISED_S + SLACK_S
        fake.wait_for_disconnects(timeout=20)
    wait_until(lambda: Rows(offices.one).runs()["long"][0] == "stopped", "the answer to be stopped")
    for person in (here, there):
        assert person.get("/settings/").status_code == 302
        person.close()
    admin.close()
