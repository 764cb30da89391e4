"""The reviewer and her client."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.accounts.models import User
from tests.accounts.people import client_of, make_reviewer


@pytest.fixture
def reviewer(db) -> User:
    return make_reviewer()


@pytest.fixture
def reviewer_client(reviewer) -> Client:
    return client_of(reviewer)
