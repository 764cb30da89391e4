"""The admin says what people say, not what columns are called."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse

from playground.accounts.models import User
from playground.catalog.models import Model, Provider
from tests.chat.making import make_model

COLUMN = re.compile(r"^(is|has) |\b(urls|id|uuid)\b", re.IGNORECASE)
SHOWN = re.compile(
    r'<label[^>]*>\s*([^<]+)|<th scope="col"[^>]*>.*?<div class="text">(?:<a[^>]*>)?(?:<span>)?([^<]+)', re.DOTALL
)


@pytest.mark.parametrize("page", ["changelist", "add"])
@pytest.mark.parametrize("model", sorted(django_admin.site._registry, key=str), ids=str)
def test_labels_are_words(model, page, admin_client):
    make_model("fake")  # an empty list has no columns
    answer = admin_client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"))
    labels = ["".join(found).strip() for found in SHOWN.findall(answer.content.decode())]
    if (page == "add" and answer.status_code == 200) or model in {User, Provider, Model}:
        assert labels
    assert [label for label in labels if COLUMN.search(label)] == []


def test_no_two_sections_have_the_same_name(admin_client):
    sections = [section["name"] for section in admin_client.get("/admin/").context["app_list"]]
    assert max(Counter(sections).values()) == 1
    assert "Accounts" not in sections
