"""Keys go in and never come out; addresses are checked; a server's own list makes rows."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from playground.catalog.endpoints import endpoint_for
from playground.catalog.forms import clean_base_url, clean_headers, hint_of
from playground.catalog.models import Model, Provider, RowSource
from tests.fake_openai import Reply

CANARY = "sk-canary-9f3b1c7d5e"
HINT = "••••7d5e"
OPENAI = "https://api.openai.com/v1"
KEY_PAGE = "/models/openai/key/"


@pytest.fixture
def openai(catalogue) -> Provider:
    return Provider.objects.get(slug="openai")


@pytest.fixture
def keyed(openai) -> Provider:
    openai.api_key = CANARY
    openai.headers = f'{{"X-Secret": "{CANARY}"}}'
    openai.save()
    return openai


# --- The key page ---


def test_only_those_who_may_change_providers_see_the_key_page(alice_client, visitor_client, admin_client, keyed):
    assert alice_client.get(KEY_PAGE).status_code == 403
    assert alice_client.post(KEY_PAGE, {"api_key": "sk-x", "base_url": OPENAI}).status_code == 403
    assert visitor_client.get(KEY_PAGE).status_code == 302
    assert admin_client.get(KEY_PAGE).status_code == 200
    assert admin_client.get("/models/absent/key/").status_code == 404
    assert admin_client.get("/models/embedded/key/").status_code == 404


def test_key_goes_in_and_only_its_end_is_shown(admin_client, openai):
    answer = admin_client.post(KEY_PAGE, {"api_key": CANARY, "base_url": OPENAI}, follow=True)
    assert CANARY not in answer.text
    openai.refresh_from_db()
    assert openai.api_key == CANARY
    assert not openai.needs_key
    page = admin_client.get(KEY_PAGE)
    assert HINT in page.text
    assert CANARY not in page.text
    assert page["Cache-Control"].count("no-store")


def test_key_is_encrypted_at_rest(keyed):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT api_key, headers FROM catalog_provider WHERE slug = 'openai'")
        assert not any(CANARY in value for value in cursor.fetchone())


def test_no_page_ever_holds_a_key(admin_client, keyed, family):
    pages = [
        *("/models/", "/models/openai/gpt-4.1/", KEY_PAGE, "/inspector/?model=openai/gpt-4.1"),
        reverse("admin:catalog_provider_changelist"),
        reverse("admin:catalog_provider_change", args=[keyed.pk]),
        reverse("admin:catalog_provider_history", args=[keyed.pk]),
        reverse("admin:catalog_model_changelist"),
        reverse("admin:catalog_model_change", args=[family["openai/gpt-4.1"].pk]),
    ]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200, page
        assert CANARY not in answer.text, page
    refused = admin_client.post(KEY_PAGE, {"api_key": "has space " + CANARY, "base_url": OPENAI})
    assert refused.status_code == 422
    assert CANARY not in refused.text


def test_another_address_takes_the_key_and_the_headers_away(admin_client, keyed):
    admin_client.post(KEY_PAGE, {"api_key": "", "base_url": "https://elsewhere.example/v1"})
    keyed.refresh_from_db()
    assert (keyed.api_key, keyed.headers, keyed.base_url) == ("", "", "https://elsewhere.example/v1")
    assert keyed.source == RowSource.ADMIN


def test_another_address_with_its_own_key_keeps_that_key(admin_client, keyed):
    admin_client.post(KEY_PAGE, {"api_key": "sk-new-key", "base_url": "https://elsewhere.example/v1"})
    keyed.refresh_from_db()
    assert (keyed.api_key, keyed.headers) == ("sk-new-key", "")


def test_stored_key_can_be_removed_and_an_empty_form_changes_nothing(admin_client, keyed):
    assert admin_client.post(KEY_PAGE, {"api_key": "", "base_url": OPENAI}).status_code == 422
    keyed.refresh_from_db()
    assert keyed.api_key == CANARY
    admin_client.post(KEY_PAGE, {"api_key": "", "base_url": OPENAI, "remove": "on"})
    keyed.refresh_from_db()
    assert keyed.api_key == ""


@pytest.mark.parametrize("key", ["sk-a b", "sk-é", "sk-a\nX-Evil: 1", "x" * 4001, "a\x00b"])
def test_key_that_cannot_stand_in_a_header_is_refused(admin_client, openai, key):
    assert admin_client.post(KEY_PAGE, {"api_key": key, "base_url": OPENAI}).status_code == 422
    openai.refresh_from_db()
    assert openai.api_key == ""


def test_short_key_is_not_shown_at_all():
    assert hint_of("abcd1234") == "••••"
    assert hint_of("") == ""


# --- Addresses ---


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        (" http://127.0.0.1:11434/v1 ", "http://127.0.0.1:11434/v1"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://192.168.1.5:8000/v1", "http://192.168.1.5:8000/v1"),
    ],
)
def test_base_url_of_a_server_that_may_be_called(typed, stored):
    assert clean_base_url(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("", "api.openai.com", "ftp://example.org", "file:///etc/passwd", "gopher://x", "javascript:alert(1)", "//x"),
        *("http://", "http://user:pass@example.org", "http://key@example.org/v1", "https://example.org/v1?key=1"),
        *("https://example.org/#x", "http://exa mple.org", "http://example.org\n.evil", "http://example.org\\@evil"),
        *(
            "http://169.254.169.254/latest",
            "http://[fe80::1]/v1",
            "http://[::ffff:169.254.169.254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
        ),
        *("http://2852039166/", "http://0xA9FEA9FE/", "http://0251.0376.0251.0376/", "http://169.254.43518/"),
        *("http://metadata.google.internal/", "http://METADATA.google.internal./", "http://168.63.129.16/"),
        *("http://100.100.100.200/", "http://①⑥⑨.254.169.254/", "http://example.org:99999/", "http://[::1"),
    ],
)
def test_base_url_that_is_never_called_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_base_url(typed)


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"A": 1}', '{"A b": "x"}', '{"Host": "x"}', '{"content-length": "1"}', '{"A": "x\\ny"}', '{"": "x"}'],
)
def test_extra_headers_that_would_break_a_request_are_refused(text):
    with pytest.raises(ValidationError):
        clean_headers(text)


def test_endpoint_carries_key_and_headers_and_hides_both(keyed):
    endpoint = endpoint_for(keyed)
    assert (endpoint.base_url, endpoint.api_key, endpoint.headers) == (OPENAI, CANARY, {"X-Secret": CANARY})
    assert CANARY not in repr(endpoint)


# --- The admin ---


def provider_post(**changes) -> dict[str, str]:
    post = {
        *(("name", "Local"), ("slug", "local"), ("base_url", "http://127.0.0.1:1/v1"), ("position", "50")),
        *(("is_enabled", "on"), ("continue_style", "ask"), ("new_api_key", ""), ("new_headers", ""), ("key_url", "")),
    }
    return {**dict(post), **changes}


ADD = "/admin/catalog/provider/add/"


def test_new_provider_lists_its_models_at_once(admin_client, server):
    answer = admin_client.post(ADD, provider_post(base_url=server.base_url, new_api_key=CANARY), follow=True)
    assert CANARY not in answer.text
    assert "5 new models" in answer.text
    provider = Provider.objects.get(slug="local")
    assert set(provider.models.values_list("source", flat=True)) == {RowSource.LISTED}
    known = provider.models.get(name="gpt-4.1-mini")
    assert known.context_tokens == 1_047_576
    assert known.has_vision
    assert known.retires_on == datetime.date(2027, 1, 14)
    assert known.price_at(datetime.date(2026, 1, 1)) is None
    unknown = provider.models.get(name="fake-chat")
    assert "temperature" in unknown.form_schema["properties"]
    assert not unknown.has_vision


def test_server_that_does_not_answer_is_kept_and_said(admin_client, catalogue):
    answer = admin_client.post(ADD, provider_post(), follow=True)
    assert "did not list its models" in answer.text
    assert Provider.objects.filter(slug="local").exists()


def test_server_whose_list_is_an_error_is_kept_and_its_key_not_echoed(admin_client, server):
    server.models_reply = Reply.json(
        {"error": {"message": f"bad key {CANARY}", "type": "x", "param": None, "code": None}}, status=401
    )
    answer = admin_client.post(ADD, provider_post(base_url=server.base_url, new_api_key=CANARY), follow=True)
    assert "did not list its models" in answer.text
    assert CANARY not in answer.text


def test_listing_again_adds_what_is_new_and_leaves_the_rest(admin_client, server):
    admin_client.post(ADD, provider_post(base_url=server.base_url))
    provider = Provider.objects.get(slug="local")
    provider.models.filter(name="fake-chat").update(title="Ours", source=RowSource.ADMIN)
    server.models = [
        *server.models,
        {"id": "late"},
        {"id": "text-embedding-3-small"},
        {"id": "vision", "architecture": {"input_modalities": ["text", "image"]}, "context_length": 4096},
    ]
    action = {"action": "list_from_server", "_selected_action": [provider.pk]}
    answer = admin_client.post("/admin/catalog/provider/", action, follow=True)
    assert "2 new models" in answer.text
    assert provider.models.get(name="fake-chat").title == "Ours"
    vision = provider.models.get(name="vision")
    assert vision.has_vision
    assert vision.context_tokens == 4096
    assert not provider.models.filter(name__contains="embedding").exists()


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "ftp://x", "http://a:b@c"])
def test_admin_refuses_addresses_that_are_never_called(admin_client, catalogue, url):
    assert "errorlist" in admin_client.post(ADD, provider_post(base_url=url)).text
    assert not Provider.objects.filter(slug="local").exists()


def test_changing_the_address_in_the_admin_takes_the_key_away(admin_client, keyed):
    change = reverse("admin:catalog_provider_change", args=[keyed.pk])
    same = provider_post(name="OpenAI", slug="openai", base_url=OPENAI, requires_key="on")
    admin_client.post(change, same)
    keyed.refresh_from_db()
    assert keyed.api_key == CANARY
    admin_client.post(change, {**same, "base_url": "https://elsewhere.example/v1"})
    keyed.refresh_from_db()
    assert (keyed.api_key, keyed.headers) == ("", "")


def test_admin_writes_only_the_fields_that_are_named(admin_client, keyed):
    change = reverse("admin:catalog_provider_change", args=[keyed.pk])
    same = provider_post(name="OpenAI", slug="openai", base_url=OPENAI, requires_key="on")
    admin_client.post(
        change, {**same, "api_key": "x", "headers": "x", "is_embedded": "on", "quirks": '{"drop": ["seed"]}'}
    )
    keyed.refresh_from_db()
    assert (keyed.api_key, keyed.is_embedded, keyed.quirks) == (CANARY, False, {})


def test_saved_change_makes_a_row_the_admins(admin_client, openai):
    from django.core.management import call_command

    change = reverse("admin:catalog_provider_change", args=[openai.pk])
    post = provider_post(name="Ours", slug="openai", base_url=OPENAI, requires_key="on", position="10")
    admin_client.post(change, post)
    call_command("load_catalog", verbosity=0)
    openai.refresh_from_db()
    assert (openai.name, openai.source) == ("Ours", RowSource.ADMIN)


def test_shipped_rows_are_switched_off_and_not_deleted(admin_client, openai, family):
    assert (
        admin_client.post(reverse("admin:catalog_provider_delete", args=[openai.pk]), {"post": "yes"}).status_code
        == 403
    )
    model = family["openai/gpt-4.1"]
    assert admin_client.post(reverse("admin:catalog_model_delete", args=[model.pk]), {"post": "yes"}).status_code == 403
    assert Model.objects.filter(pk=model.pk).exists()
