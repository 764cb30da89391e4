"""The fixed cast and the settings of every test: a data directory of its own, no network but loopback."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

# Before Django reads its settings: each test process has a data directory of its own.
_data = tempfile.TemporaryDirectory(prefix="playground-tests-")
os.environ["PLAYGROUND_DATA_DIR"] = _data.name
os.environ["PLAYGROUND_MODE"] = "server"
# Named here and not in pyproject.toml: pytest-django would read the settings before this file has set their environment.
os.environ["DJANGO_SETTINGS_MODULE"] = "playground.settings"
os.environ["PLAYGROUND_HTTPS"] = "false"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
for _name in (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "OPENAI_API_BASE_URL",
):
    os.environ.pop(_name, None)

from tests import databases

if databases.REDIS_URL:
    os.environ["REDIS_URL"] = databases.redis_url()
else:
    os.environ.pop("REDIS_URL", None)

import django
import pytest

django.setup()  # before the conftest files of the folders below, which import models

from django.db import connection

if connection.vendor == "postgresql":
    connection.settings_dict["TEST"]["NAME"] = databases.name_for_django()

if TYPE_CHECKING:
    from django.test import Client

    from playground.accounts.models import User


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """No manifest: tests run without collectstatic."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = _data.name  # whitenoise warns of a folder that is not there
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None):
        # Workers inherit it, and pytest-django would read the settings there before this file has set their environment.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    if databases.URL and not hasattr(config, "workerinput"):
        databases.drop_abandoned()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what is about the database that this round does not use."""
    other = "sqlite" if databases.URL else "postgres"
    gone = [item for item in items if item.get_closest_marker(other)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A database of PostgreSQL cannot be dropped while threads of ended tests are connected to it."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


class EveryPlace(frozenset[str]):
    """A list of private hosts that holds them all."""

    def __contains__(self, place: object) -> bool:
        return True


@pytest.fixture(autouse=True)
def private_hosts_are_listed(settings):
    """The operator has listed whatever server of this machine a test calls."""
    settings.PRIVATE_HOSTS = EveryPlace()


@pytest.fixture(autouse=True)
def set_up_is_over():
    """The server has an admin already, and nobody has tried to sign in yet."""
    from django.core.cache import cache

    from playground.accounts import setup

    setup.remember_admin()
    cache.clear()


@pytest.fixture
def alice(db, django_user_model) -> User:
    """She owns it."""
    return django_user_model.objects.create_user(username="alice", password="alice's long password")


@pytest.fixture
def bob(db, django_user_model) -> User:
    """He is signed in and must not see it."""
    return django_user_model.objects.create_user(username="bob", password="bob's long password")


@pytest.fixture
def admin(db, django_user_model) -> User:
    """She runs the server, and must not see what others wrote."""
    return django_user_model.objects.create_superuser(username="admin", password="admin's long password")


def _signed_in(user: User) -> Client:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def alice_client(alice) -> Client:
    return _signed_in(alice)


@pytest.fixture
def bob_client(bob) -> Client:
    return _signed_in(bob)


@pytest.fixture
def admin_client(admin) -> Client:
    return _signed_in(admin)


@pytest.fixture
def visitor_client(db) -> Client:
    """Not signed in."""
    from django.test import Client

    return Client()


@pytest.fixture(scope="session")
def fake_server():
    """A model server on loopback for the whole session, as fast as it can; most tests want `fake`."""
    from tests.fake_openai import FakeOpenAI

    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture
def fake(fake_server):
    """The fake model server, with nothing left of the test before."""
    fake_server.reset()
    yield fake_server
    fake_server.reset()


@pytest.fixture
async def engine(transactional_db, monkeypatch):
    """A running engine in place of the process's: it ends with the test, as does the event loop that it is bound to."""
    from playground.runs import lifecycle
    from playground.runs.engine import Engine

    engine = Engine()
    monkeypatch.setattr(lifecycle, "_engine", engine)
    engine.start()
    yield engine
    await engine.stop(drain_s=0)


@pytest.fixture
def application(engine):
    """The whole ASGI application, guards included."""
    from playground.asgi import application

    return application
