from __future__ import annotations

import pytest
from django.test import Client

from tests.chat.making import make_model


@pytest.fixture
def model(db):
    return make_model("priced")  # 2 in, 0.5 cached, 8 out


@pytest.fixture
def unpriced(db):
    model = make_model("unpriced")
    model.prices.all().delete()
    return model


@pytest.fixture
def reviewer(db, django_user_model):
    """She may see figures, and nothing else of the admin."""
    return django_user_model.objects.create_user(
        username="reviewer", password="reviewer's long password", is_staff=True
    )


@pytest.fixture
def reviewer_client(reviewer) -> Client:
    client = Client()
    client.force_login(reviewer, backend="django.contrib.auth.backends.ModelBackend")
    return client
