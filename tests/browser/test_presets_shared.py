"""Presets between people: shared to use and to edit, forked, and edited by two at once."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.people import Enter, accept, admin, enter, invite, office
from tests.browser.presets import Editor, holds, make, share, update

__all__ = ["admin", "enter", "office"]  # fixtures


@pytest.fixture
def bob_name() -> str:
    return f"bob-{uuid4().hex[:6]}"


@pytest.fixture
def bob(admin: Page, enter: Enter, bob_name: str) -> Page:
    return accept(enter(), invite(admin, bob_name))


def test_shared_to_use(admin: Page, bob: Page, bob_name: str, console: Console):
    console.allow("404")
    name = make(admin, "Be kind.")
    bob.goto(admin.url)
    expect(bob.get_by_role("heading", name="Nothing here")).to_be_visible()
    share(admin, bob_name, "Can use")
    bob.goto("/presets/?whose=shared")
    bob.get_by_role("link", name=name, exact=True).click()
    expect(holds(bob)).to_contain_text("Be kind.")
    expect(bob.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
    expect(bob.get_by_role("button", name="Share", exact=True)).to_have_count(0)
    bob.get_by_role("button", name="Fork", exact=True).click()
    expect(bob.get_by_role("heading", name=f"{name} (fork)")).to_be_visible()
    expect(bob.get_by_role("main")).to_contain_text("Forked from")
    update(bob, "Be brief.")
    admin.reload()
    expect(holds(admin)).to_contain_text("Be kind.")
    admin.get_by_role("button", name=f"Stop sharing with {bob_name}").click()
    expect(admin.get_by_role("region", name="Who has it")).to_contain_text("Only you.")
    bob.goto(admin.url.partition("#")[0])
    expect(bob.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_shared_to_edit_and_edited_by_two_at_once(admin: Page, bob: Page, bob_name: str, console: Console):
    console.allow("422")
    make(admin, "Be kind to people.")
    share(admin, bob_name, "Can edit")
    here = admin.url.partition("#")[0]
    mine, theirs = Editor(admin).open(f"{here}edit/"), Editor(bob).open(f"{here}edit/")
    theirs.prompt.fill("Be brief to people.")
    theirs.note.fill("Shorter is better")
    theirs.save()
    expect(bob.get_by_text("Saved as version 2.")).to_be_visible()
    mine.prompt.fill("Be slow to people.")
    mine.save()
    told = admin.get_by_role("alert")
    expect(told).to_contain_text(f"{bob_name} saved version 2 while you were editing.")
    expect(told).to_contain_text("Shorter is better")
    expect(told.locator("del")).to_have_text("brief")
    expect(told.locator("ins")).to_have_text("slow")
    expect(mine.prompt).to_have_value("Be slow to people.")
    mine.save("Save on top of it")
    expect(admin.get_by_text("Saved as version 3.")).to_be_visible()
    expect(holds(admin)).to_contain_text("Be slow to people.")


def test_the_second_saves_theirs_as_a_fork(admin: Page, bob: Page, bob_name: str, console: Console):
    console.allow("422")
    name = make(admin, "Be kind.")
    share(admin, bob_name, "Can edit")
    here = admin.url.partition("#")[0]
    theirs = Editor(bob).open(f"{here}edit/")
    update(admin, "Be brief.")
    theirs.prompt.fill("Be slow.")
    theirs.save()
    expect(bob.get_by_role("alert")).to_be_visible()
    theirs.save("Save as a fork")
    expect(bob.get_by_role("heading", name=f"{name} (fork)")).to_be_visible()
    expect(holds(bob)).to_contain_text("Be slow.")
    admin.reload()
    expect(holds(admin)).to_contain_text("Be brief.")


def test_shared_with_everyone(admin: Page, bob: Page):
    name = make(admin, "For all.")
    admin.get_by_role("button", name="Share", exact=True).click()
    dialog = admin.get_by_role("dialog", name="Share")
    dialog.get_by_role("combobox", name="Everyone who is signed in").select_option(label="Can use")
    dialog.get_by_role("button", name="Set for everyone").click()
    expect(admin.get_by_role("region", name="Who has it")).to_contain_text("Everyone who is signed in")
    bob.goto("/presets/?whose=everyone")
    bob.get_by_role("link", name=name, exact=True).click()
    expect(bob.get_by_role("main")).to_contain_text(re.compile("by admin"))
