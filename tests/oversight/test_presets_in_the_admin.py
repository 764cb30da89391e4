"""Presets in the admin are figures: whose, and how used; nothing of what they hold, and nothing to change."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.accounts.people import client_of, make_reviewer
from tests.presets.making import make_preset, save


@pytest.fixture
def preset(alice):
    made = make_preset(alice)
    save(made, "A secret prompt.")
    return made


def test_admins_see_owner_name_and_versions(admin_client, preset):
    html = admin_client.get(reverse("admin:presets_preset_changelist")).text
    assert "good-manners" in html
    assert '<td class="field-version_count">2</td>' in html
    page = admin_client.get(reverse("admin:presets_preset_change", args=[preset.pk]))
    assert page.status_code == 200
    assert "secret prompt" not in page.text


def test_nothing_is_changed_there(admin_client, preset):
    for name in ("change", "delete"):
        assert (
            admin_client.post(reverse(f"admin:presets_preset_{name}", args=[preset.pk]), {"name": "x"}).status_code
            == 403
        )
    assert admin_client.post(reverse("admin:presets_preset_add"), {"name": "x"}).status_code == 403


def test_others_of_the_staff_do_not(preset):
    assert client_of(make_reviewer()).get(reverse("admin:presets_preset_changelist")).status_code == 403
