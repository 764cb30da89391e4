"""Presets of alice's, and who else may do what with them."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.accounts.models import User
from playground.presets.models import Preset
from tests.presets.making import PEOPLE, make_preset, signed_in


@pytest.fixture
def preset(alice) -> Preset:
    """It has one version."""
    return make_preset(alice)


@pytest.fixture
def people(alice, bob, django_user_model) -> dict[str, User]:
    """alice owns it, bob may use it, carol may edit it, dave may do nothing."""
    others = {
        name: django_user_model.objects.create_user(username=name, password=f"{name}'s long password")
        for name in PEOPLE
        if name not in {"alice", "bob"}
    }
    return {"alice": alice, "bob": bob, **others}


@pytest.fixture
def clients(people) -> dict[str, Client]:
    return {name: signed_in(user) for name, user in people.items()} | {"nobody": Client()}
