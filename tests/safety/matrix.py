"""The access matrix: one row for every address. A route without a row fails, and so does a row without a route.

Roles: `nobody` is not signed in, `owner` is alice whose things the address names, `other` is bob, `admin` runs the server.
A cell is the status that role must get. What is not the caller's answers 404, for the admin too, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.safety.things import Things

SIGN_IN = 302  # to the sign-in page
MISSING = 404
NOT_THIS_WAY = 405

Data = Callable[[Things], dict[str, Any]]


@dataclass(frozen=True)
class Cell:
    """What one method of an address answers to each role."""

    owner: int
    other: int
    admin: int
    nobody: int = SIGN_IN
    data: Data = field(default=lambda things: {})
    changes: bool | None = None  # whether the owner's request changes rows; None: either


@dataclass(frozen=True)
class Row:
    names: str = ""  # the thing in the address: a field of Things
    get: Cell | None = None  # None: 405
    post: Cell | None = None
    needs: Callable[[Things], dict[str, str]] = field(default=lambda things: {})  # query parameters of a GET


def reads(names: str, **more: Any) -> Row:
    """An address that shows one of alice's things."""
    return Row(names, get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False), **more)


def acts(names: str, owner: int = 200, data: Data = lambda things: {}, *, changes: bool | None = None) -> Row:
    """An address that changes one of alice's things."""
    return Row(names, post=Cell(owner=owner, other=MISSING, admin=MISSING, data=data, changes=changes))


def mine(**more: Any) -> Row:
    """An address that shows everybody their own things."""
    return Row(get=Cell(owner=200, other=200, admin=200, changes=False), **more)


ROWS: dict[str, Row] = {
    # --- accounts ---
    "setup": Row(
        get=Cell(owner=404, other=404, admin=404, nobody=404),
        post=Cell(owner=404, other=404, admin=404, nobody=404, changes=False),
    ),
    # Without a token of an invitation.
    "invitation": Row(
        get=Cell(owner=404, other=404, admin=404, nobody=404, changes=False),
        post=Cell(owner=404, other=404, admin=404, nobody=404, changes=False),
    ),
    "settings": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(
            owner=302, other=302, admin=302, data=lambda things: {"theme": "dark", "send_key": "enter"}, changes=True
        ),
    ),
    "account_login": Row(
        get=Cell(owner=302, other=302, admin=302, nobody=200, changes=False),
        post=Cell(owner=302, other=302, admin=302, nobody=422, changes=False),
    ),
    "account_logout": Row(
        get=Cell(owner=200, other=200, admin=200, nobody=302, changes=False),
        post=Cell(owner=302, other=302, admin=302, nobody=302, changes=False),
    ),
    "account_signup": Row(
        get=Cell(owner=302, other=302, admin=302, nobody=200, changes=False),
        post=Cell(owner=302, other=302, admin=302, nobody=200, changes=False),
    ),
    "account_inactive": Row(
        get=Cell(owner=200, other=200, admin=200, nobody=200, changes=False),
    ),
    "account_reauthenticate": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(owner=422, other=422, admin=422, changes=False),
    ),
    "account_change_password": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(owner=422, other=422, admin=422, changes=False),
    ),
    "account_set_password": Row(
        get=Cell(owner=302, other=302, admin=302, changes=False),
        post=Cell(owner=302, other=302, admin=302, changes=False),
    ),
}


def everybody(status: int, data: Data = lambda things: {}, *, changes: bool | None = None) -> Row:
    """An address where everybody changes what is theirs."""
    return Row(post=Cell(owner=status, other=status, admin=status, data=data, changes=changes))


def prompt(things: Things) -> dict[str, Any]:
    return {"text": "Hello", "model": things.model.public_name, "request_id": "request-0001", "parent": ""}


def follow_up(things: Things) -> dict[str, Any]:
    return {**prompt(things), "parent": str(things.answer.uuid)}


def edit(things: Things) -> dict[str, Any]:
    """Without the image of the question: the house model has no eyes."""
    return {**prompt(things), "attachments": ""}


ROWS |= {
    # --- catalogue: the same for everybody who is signed in; keys for admins ---
    "models": mine(),
    "model_card": Row("model", get=Cell(owner=200, other=200, admin=200, changes=False)),
    "provider_key": Row(
        "provider",
        get=Cell(owner=403, other=403, admin=200, changes=False),
        post=Cell(
            owner=403, other=403, admin=422, data=lambda things: {"base_url": "file:///etc/passwd"}, changes=False
        ),
    ),
    "inspector": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(
            owner=200, other=200, admin=200, data=lambda things: {"model": things.model.public_name}, changes=False
        ),
        needs=lambda things: {"model": things.model.public_name},
    ),
    "inspector_notes": everybody(200, lambda things: {"model": things.model.public_name}, changes=False),
    # --- usage ---
    "usage": mine(),
    "usage_csv": mine(),
    "usage_run": reads("run"),
    # --- chat: lists and forms of one's own ---
    "new_chat": mine(),
    "sidebar": mine(),
    "search": mine(needs=lambda things: {"q": "nothing like it"}),
    "estimate": everybody(200, prompt, changes=False),
    "draft": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(owner=204, other=204, admin=204, data=lambda things: {"text": "Half a"}, changes=True),
    ),
    "post_first_message": everybody(302, prompt, changes=True),
    "preset_choose": everybody(200, prompt, changes=False),
    "preset_find": mine(needs=lambda things: {"q": "nothing like it"}),
    "preset_keep": everybody(204, prompt, changes=False),
    "preset_saving": everybody(200, prompt, changes=False),
    "preset_save": everybody(422, prompt, changes=False),
    "conversation_import": everybody(422, changes=False),
    # --- chat: one conversation ---
    "conversation": reads("conversation"),
    "conversation_older": reads("conversation", needs=lambda things: {"before": str(things.answer.uuid)}),
    "conversation_news": reads("conversation", needs=lambda things: {"after": str(things.answer.uuid)}),
    "conversation_export_json": reads("conversation"),
    "conversation_export_markdown": reads("conversation"),
    "post_message": acts("conversation", 302, follow_up, changes=True),
    "conversation_rename": acts("conversation", 302, lambda things: {"title": "New"}, changes=True),
    "conversation_pin": acts("conversation", 302, changes=True),
    "conversation_delete": acts("conversation", 302, changes=True),
    "conversation_restore": acts("deleted_conversation", 302, changes=True),
    # --- chat: one message, one run ---
    # Without htmx: to its place in the conversation.
    "message": Row("answer", get=Cell(owner=302, other=MISSING, admin=MISSING, changes=False)),
    "message_text": reads("answer"),
    "message_raw": reads("answer"),
    "message_receipt": reads("answer"),
    "message_edit": Row(
        "question",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=302, other=MISSING, admin=MISSING, data=edit, changes=True),
    ),
    "message_retry": acts("answer", 302, prompt, changes=True),
    "message_select": acts("question", 302),
    "message_branch": acts("answer", 302, changes=True),
    "message_continue": acts("answer", 302, prompt, changes=True),
    "message_delete": acts("answer", 302, changes=True),
    "message_restore": acts("answer", 302),
    "message_send_now": acts("question", 302, prompt, changes=False),
    "message_unqueue": acts("question", 422, changes=False),
    "message_report": Row(
        "answer",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=302, other=MISSING, admin=MISSING, data=lambda things: {"note": "Rude"}, changes=True),
    ),
    "run_stop": acts("run", 302, changes=False),
    # --- comparisons ---
    "comparisons": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(owner=302, other=302, admin=302, changes=True),
    ),
    "comparison": reads("comparison"),
    "comparison_facts": Row("comparison", get=Cell(owner=302, other=MISSING, admin=MISSING, changes=False)),
    "comparison_post": acts(
        "comparison", 302, lambda things: {"text": "Hello", "request_id": "request-1"}, changes=True
    ),
    "comparison_run": acts("comparison", 302),
    "comparison_stop": acts("comparison", 302, changes=False),
    "comparison_estimate": acts("comparison", 200, lambda things: {"text": "Hello"}, changes=False),
    "comparison_verdict": Row(
        "comparison",
        get=Cell(owner=302, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=404, other=MISSING, admin=MISSING, data=lambda things: {"winner": "tie"}, changes=False),
    ),
    "comparison_tallies": mine(),
    "comparison_blind": acts("comparison", 302, lambda things: {"is_blind": "true"}, changes=True),
    "comparison_rename": acts("comparison", 302, lambda things: {"title": "Renamed"}, changes=True),
    "comparison_duplicate": acts("comparison", 302, changes=True),
    "comparison_delete": acts("comparison", 302, changes=True),
    "comparison_restore": acts("comparison", 302),
    "comparison_export_csv": reads("comparison"),
    "comparison_export_json": reads("comparison"),
    "comparison_export_md": reads("comparison"),
    "column_difference": Row(
        "column",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        needs=lambda things: {"baseline": str(things.column.uuid)},
    ),
    "column_add": acts("comparison", 302, changes=True),
    "column_settings": Row(
        "column",
        get=Cell(owner=302, other=MISSING, admin=MISSING, changes=False),
        post=Cell(
            owner=302,
            other=MISSING,
            admin=MISSING,
            data=lambda things: {"model": things.model.public_name, "temperature": "0.4"},
            changes=True,
        ),
    ),
    "column_preset": acts("column", 302, lambda things: {"model": things.model.public_name, "preset": ""}),
    "column_chat": acts("column", 422, changes=False),
    "column_pin": acts("column", 302, lambda things: {"field": "model", "is_pinned": "true"}, changes=True),
    "column_run": acts("column", 302),
    "column_move": acts("column", 302, lambda things: {"by": "1"}),
    "column_remove": acts("column", 302, changes=True),
    "column_restore": acts("removed_column", 302, changes=True),
    # --- sweeps ---
    "sweeps": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(
            owner=302,
            other=302,
            admin=302,
            data=lambda things: {"text": "Hello", "model": things.model.public_name, "request_id": "request-1"},
            changes=True,
        ),
    ),
    "sweep_new": mine(),
    "sweep_estimate": everybody(
        200, lambda things: {"text": "Hello", "model": things.model.public_name}, changes=False
    ),
    "sweep_axis": mine(needs=lambda things: {"axis1": "temperature", "model": things.model.public_name}),
    "sweep": reads("sweep"),
    "sweep_news": reads("sweep"),
    "sweep_square": reads("sweep_part"),
    "sweep_pause": acts("sweep", 302, changes=False),
    "sweep_resume": acts("sweep", 302, changes=True),
    "sweep_stop": acts("sweep", 302, changes=True),
    "sweep_again": acts("sweep", 302, changes=True),
    "sweep_cap": acts("sweep", 302, lambda things: {"cap": "2.50"}, changes=True),
    "sweep_delete": acts("sweep", 302, changes=True),
    "sweep_restore": acts("deleted_sweep", 302, changes=True),
    "sweep_cell_chat": acts("sweep_part", 302, changes=True),
    "sweep_cell_column": acts("sweep_part", 302, changes=True),
    "sweep_cell_preset": acts("sweep_part", 302, changes=True),
    "sweep_export": reads("sweep_file"),
    # --- images ---
    "image_upload": everybody(422, changes=False),
    "image_url": everybody(422, changes=False),
    "image_tray": mine(),
    # No order names alice's one image; the others have none to order.
    "image_order": Row(post=Cell(owner=404, other=200, admin=200, changes=False)),
    "image_detail": everybody(200, lambda things: {"detail": "high"}),
    "image_update": acts("drafted_image", 200, lambda things: {"detail": "high"}, changes=True),
    "image_remove": acts("drafted_image", 200, changes=True),
    "image_thumbnail": reads("sent_image"),
    "image": reads("image_file"),
}


def reviewed(names: str = "", post: Cell | None = None, **more: Any) -> Row:
    """An address with figures of everybody, for those who may review usage."""
    return Row(names, get=Cell(owner=403, other=403, admin=200, changes=False), post=post, **more)


def saved_preset(things: Things) -> dict[str, Any]:
    return {"preset_name": "Manners", "before_name": "Manners", "base": "1", "system_prompt": "New"}


ROWS |= {
    # --- presets; who may use or edit one is in tests/presets/test_rights.py ---
    "presets": mine(),
    "preset_new": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(owner=422, other=422, admin=422, changes=False),
    ),
    "presets_import": Row(
        get=Cell(owner=200, other=200, admin=200, changes=False),
        post=Cell(
            owner=302, other=302, admin=302, data=lambda things: {"text": '{"model": "x", "input": "y"}'}, changes=True
        ),
    ),
    "presets_import_review": Row(
        "import_draft",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=302, other=MISSING, admin=MISSING, changes=True),
    ),
    "presets_import_edit": acts("import_draft", changes=False),
    "presets_export": mine(),
    "presets_export_file": Row("preset_files", get=Cell(owner=200, other=422, admin=422, changes=False)),
    "preset_export_file": reads("preset_file"),
    "preset_editor": everybody(200, changes=False),
    "preset_image_upload": everybody(200, changes=False),
    "preset_image": reads("preset_picture"),
    "preset_thumbnail": reads("preset_picture"),
    "preset": reads("preset"),
    "preset_edit": Row(
        "preset",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=302, other=MISSING, admin=MISSING, data=saved_preset, changes=True),
    ),
    "preset_version": reads("preset_version"),
    "preset_diff": reads("preset"),
    "preset_star": acts("preset", 302, lambda things: {"is_starred": "true"}, changes=True),
    "preset_fork": acts("preset", 302, changes=True),
    "preset_restore": acts("preset", 302, lambda things: {"number": "1"}, changes=False),
    "preset_label": acts("preset", 302, lambda things: {"number": "1", "label": "production"}, changes=True),
    "preset_share": acts("preset", 422, lambda things: {"person": "nobody", "right": "use"}, changes=False),
    "preset_unshare": acts("preset", 302, lambda things: {"person": "nobody"}, changes=False),
    "preset_everyone": acts("preset", 302, lambda things: {"right": "use"}, changes=True),
    "preset_delete": acts("preset", 302, changes=True),
    "preset_undelete": acts("deleted_preset", 302, changes=True),
}

ROWS |= {
    # --- the review of usage ---
    "usage_review": reviewed(),
    "usage_review_breakdown": reviewed(needs=lambda things: {"by": "user"}),
    "usage_review_runs": reviewed(),
    "usage_review_export": reviewed(),
    "usage_review_run": reviewed("receipt"),
    "usage_review_statement": reviewed(post=Cell(owner=403, other=403, admin=422, changes=False)),
}


def named(things: Things) -> dict[str, Any]:
    """What is to be shared."""
    return {"conversation": str(things.conversation.uuid)}


def opened(names: str, **more: Any) -> Row:
    """What a link opens: with a passphrase that only its owner needs not give, and the same 404 for everybody else."""
    return Row(names, get=Cell(owner=200, other=MISSING, admin=MISSING, nobody=MISSING, changes=False), **more)


ROWS |= {
    # --- links: one's own ---
    "shares": mine(),
    "share_new": Row(
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=422, other=MISSING, admin=MISSING, data=named, changes=False),
        needs=named,
    ),
    "share": Row(
        "share",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=302, other=MISSING, admin=MISSING, data=lambda things: {"audience": "signed_in"}, changes=True),
    ),
    "share_move": Row(
        "share",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=422, other=MISSING, admin=MISSING, data=lambda things: {"title": "New"}, changes=False),
    ),
    "shared_plan": reads("taken_plan"),
    "share_revoke": acts("share", 302, changes=True),
    "share_delete": acts("share", 302, changes=True),
    # --- links: what they open ---
    "shared": opened(
        "link",
        post=Cell(
            owner=302,
            other=MISSING,
            admin=MISSING,
            nobody=MISSING,
            data=lambda things: {"passphrase": "guess"},
            changes=False,
        ),
    ),
    "shared_image": opened("link_image"),
    "shared_thumbnail": opened("link_image"),
    "shared_text": opened("link_text"),
    "shared_sign_in": Row("link", get=Cell(owner=302, other=302, admin=302, changes=False)),
    "shared_open": Row(
        "link",
        get=Cell(owner=200, other=MISSING, admin=MISSING, changes=False),
        post=Cell(owner=302, other=MISSING, admin=MISSING, changes=True),
    ),
}

# Answered before Django, by who asks: a program on this machine, somebody through a proxy on it, somebody from outside, the
# same with the operators' token, and with a wrong one. Probes say a word to everybody, and details to operators.
OPERATORS: dict[str, dict[str, int]] = {
    "/health/live": {"here": 200, "proxied": 200, "outside": 200, "with token": 200, "wrong token": 200},
    "/health/ready": {"here": 200, "proxied": 200, "outside": 200, "with token": 200, "wrong token": 200},
    "/metrics": {"here": 200, "proxied": MISSING, "outside": MISSING, "with token": 200, "wrong token": 403},
}

# Sockets: whether nobody, alice and a page of another site get one.
SOCKETS: dict[str, str] = {
    "socket": "needs a session",
    "": "no such address",
}
