"""Which link opens for whom. Everything that does not open is one and the same to a stranger."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from playground.shares.models import Share
from playground.shares.tokens import hash_of

SESSION_KEY = "open_shares"  # {uuid of a share: mark of the passphrase that was given}
MOST_REMEMBERED = 50
MAX_PASSPHRASE = 200  # characters; more is not looked at


def find_live(token: str) -> Share | None:
    """The link of that address that opens for somebody, without its snapshot. One query, whatever there is or is not."""
    wanted = hash_of(token)
    found = Share.objects.live().light().filter(token_hash=wanted).first()
    return found if found is not None and constant_time_compare(found.token_hash, wanted) else None


def find_open(request: HttpRequest, token: str) -> Share | None:
    """The link of that address, when it opens for this visitor; without its snapshot."""
    share = find_live(token)
    return share if share is not None and opens_for(request, share) else None


def opens_for(request: HttpRequest, share: Share) -> bool:
    """Its owner needs no passphrase: it was theirs to give."""
    if is_owner(request, share):
        return True
    if share.asks_for_sign_in and not request.user.is_authenticated:
        return False
    return not share.passphrase or _remembered(request).get(share.uuid.hex) == share.passphrase_mark


def is_owner(request: HttpRequest, share: Share) -> bool:
    return request.user.is_authenticated and request.user.pk == share.owner_id


def try_passphrase(request: HttpRequest, token: str, guess: str) -> bool:
    """Whether `guess` opens the link of that address for this visitor, which the session then remembers.

    The guess is hashed once in any case, so that no answer comes sooner than another.
    """
    share = find_live(token)
    asked = share is not None and share.passphrase and (request.user.is_authenticated or not share.asks_for_sign_in)
    if share is None or not asked or len(guess) > MAX_PASSPHRASE:
        make_password(guess[:MAX_PASSPHRASE])
        return False
    if not check_password(guess, share.passphrase):
        return False
    known = list(_remembered(request).items())[-MOST_REMEMBERED + 1 :]
    request.session[SESSION_KEY] = {**dict(known), share.uuid.hex: share.passphrase_mark}
    return True


def address_of(request: HttpRequest) -> str:
    """The visitor's, as the sign-in limits take it: behind proxies only those of the operator are believed."""
    return str(get_adapter().get_client_ip(request))


def _remembered(request: HttpRequest) -> dict[str, str]:
    known = request.session.get(SESSION_KEY)
    return known if isinstance(known, dict) else {}
