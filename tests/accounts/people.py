"""More of the cast: a reviewer, a second admin."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.test import Client

from playground.accounts.models import User


def make_reviewer(name: str = "rita") -> User:
    """She sees everybody's figures and nothing else."""
    return get_user_model().objects.create_user(username=name, password="rita's long password", is_staff=True)


def make_admin(name: str = "ada") -> User:
    return get_user_model().objects.create_superuser(username=name, password="ada's very long password")


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
