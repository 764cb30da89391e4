import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from playground.server.access import what_is_logged
from playground.server.listen import is_loopback, url_of


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback_is_local(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "machine", "localhost.example.org", "::ffff:10.0.0.1"]
)
def test_everything_else_is_public(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("[::1]", "http://[::1]:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_takes(host, url):
    assert url_of(host, 8000) == url


def test_the_system_check_refuses_local_mode_on_a_public_address(settings):
    settings.IS_LOCAL = True
    settings.HOST = "0.0.0.0"
    with pytest.raises(SystemCheckError, match=r"playground\.E001"):
        call_command("check")
    settings.IS_LOCAL = False
    call_command("check")


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/c/abc/?q=secret", "/c/abc/"),
        ("/s/tok-en_123/", "/s/.../"),
        ("/accounts/password/reset/key/1-abc/", "/accounts/password/reset/key/.../"),
        ("/a\x1b[31mb", "/a?[31mb"),
    ],
)
def test_the_access_log_holds_no_secret_and_no_control_character(path, logged):
    details = {"method": "GET", "path": path, "status": 200, "time_taken": 0.0123}
    assert what_is_logged(details) == {"method": "GET", "path": logged, "status": 200, "duration_ms": 12}
