"""Clients by role, and alice's things."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.safety.things import Things, make_things


@pytest.fixture
def things(alice) -> Things:
    return make_things(alice)


@pytest.fixture
def clients(alice_client, bob_client, admin_client, visitor_client) -> dict[str, Client]:
    made = {"owner": alice_client, "other": bob_client, "admin": admin_client, "nobody": visitor_client}
    for client in made.values():
        client.raise_request_exception = False
    return made
