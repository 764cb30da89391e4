"""Who may do what with a preset: alice owns it, bob may use it, carol may edit it, dave may do nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from playground.accounts.people import suspend
from playground.presets import services
from playground.presets.content import Content, Starter
from playground.presets.lookup import find_version, picker
from playground.presets.models import Preset, PresetImage, Upload
from playground.presets.pictures import take_in
from tests.presets.making import form, make_preset

PICTURE = "/presets/images/{image}/"
# Method, address, what is posted; then the status for alice, bob, carol, dave and for nobody.
TABLE: list[tuple[str, str, dict[str, Any], tuple[int, int, int, int, int]]] = [
    ("get", "", {}, (200, 200, 200, 404, 302)),
    ("get", "edit/", {}, (200, 404, 200, 404, 302)),
    ("get", "versions/1/", {}, (200, 200, 200, 404, 302)),
    ("get", "diff/", {}, (200, 200, 200, 404, 302)),
    ("get", PICTURE, {}, (200, 200, 200, 404, 302)),
    ("get", PICTURE + "small/", {}, (200, 200, 200, 404, 302)),
    ("post", "edit/", form(base=1), (302, 404, 302, 404, 302)),
    ("post", "edit/?as=fork", form(base=1), (302, 302, 302, 404, 302)),
    ("post", "star/", {"is_starred": "true"}, (302, 302, 302, 404, 302)),
    ("post", "fork/", {}, (302, 302, 302, 404, 302)),
    ("post", "restore/", {"number": "1"}, (302, 404, 302, 404, 302)),
    ("post", "label/", {"number": "1", "label": "x"}, (302, 404, 302, 404, 302)),
    ("post", "share/", {"person": "dave", "right": "use"}, (302, 404, 404, 404, 302)),
    ("post", "unshare/", {"person": "bob"}, (302, 404, 404, 404, 302)),
    ("post", "everyone/", {"right": "edit"}, (302, 404, 404, 404, 302)),
    ("post", "delete/", {}, (302, 404, 404, 404, 302)),
    ("post", "undelete/", {}, (302, 404, 404, 404, 302)),
    ("post", "/presets/editor/", {"preset": "good-manners"}, (200, 404, 200, 404, 302)),
    ("post", "/presets/images/", {"preset": "good-manners"}, (200, 404, 200, 404, 302)),
]


def png(colour: str = "red") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(file, "PNG")
    return SimpleUploadedFile("picture.png", file.getvalue(), "image/png")


@pytest.fixture(scope="module")
def picture_file() -> bytes:
    return png().read()


@pytest.fixture
def shared(people) -> Preset:
    picture = take_in(owner=people["alice"], file=png())
    made = make_preset(people["alice"], content=Content(messages=(Starter("user", "Look", (picture,)),)))
    services.share_with(preset=made, name="bob", right="use")
    services.share_with(preset=made, name="Carol", right="edit")
    return made


@pytest.mark.parametrize(("method", "path", "data", "statuses"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE])
def test_every_address_for_everybody(shared, clients, method, path, data, statuses):  # noqa: PLR0917 - a table’s columns
    address = path.format(image=PresetImage.objects.get().uuid)
    url = address if address.startswith("/") else f"/presets/good-manners/{address}"
    # From the least right to the most: what one may do must not change what the next one sees.
    for name, status in reversed(list(zip(("alice", "bob", "carol", "dave", "nobody"), statuses, strict=True))):
        if status == 302 and "edit/" in path and method == "post":
            data = {**data, "base": str(Preset.objects.get(pk=shared.pk).latest.number)}
        assert getattr(clients[name], method)(url, data).status_code == status, name


def test_list_lookup_and_picker_agree(shared, people, clients):
    for name, may in (("alice", True), ("bob", True), ("carol", True), ("dave", False)):
        assert ("<bdi>Good manners</bdi>" in clients[name].get("/presets/").text) is may
        assert (shared in picker(people[name])) is may
    assert find_version(people["bob"], "good-manners").preset == shared


def test_everyone_who_is_signed_in(shared, clients):
    services.set_everyone(preset=shared, right="use")
    assert clients["dave"].get("/presets/good-manners/").status_code == 200
    assert clients["dave"].get("/presets/good-manners/edit/").status_code == 404
    services.set_everyone(preset=shared, right="edit")
    assert clients["dave"].get("/presets/good-manners/edit/").status_code == 200
    services.set_everyone(preset=shared, right="")
    assert clients["dave"].get("/presets/good-manners/").status_code == 404
    assert clients["nobody"].get("/presets/good-manners/").status_code == 302


def test_a_right_that_is_taken_away_ends_at_once(shared, clients, people):
    services.set_star(preset=shared, user=people["bob"], is_starred=True)
    services.unshare(preset=shared, username="bob")
    assert clients["bob"].get("/presets/good-manners/").status_code == 404
    assert "Good manners" not in clients["bob"].get("/presets/?whose=starred").text


def test_suspended_people_lose_it(shared, clients, people):
    suspend(people["bob"])
    assert clients["bob"].get("/presets/good-manners/").status_code in {302, 403}


def test_only_the_owner_sees_who_else_has_it(shared, clients):
    assert "<bdi>carol</bdi>" in clients["alice"].get("/presets/good-manners/").text
    assert "carol" not in clients["bob"].get("/presets/good-manners/").text


def test_a_fork_of_what_one_may_not_see_any_more_does_not_name_it(shared, clients, people):
    services.fork(version=shared.latest, owner=people["bob"], name="Mine")
    assert "Good manners" in clients["bob"].get("/presets/mine/").text
    services.unshare(preset=shared, username="bob")
    html = clients["bob"].get("/presets/mine/").text
    assert "Good manners" not in html
    assert "Forked from a preset that you may not see." in html


def test_a_fork_keeps_its_images_when_the_original_goes(shared, clients, people):
    services.fork(version=shared.latest, owner=people["bob"], name="Mine")
    services.delete_preset(preset=shared)
    image = PresetImage.objects.get(version__preset__slug="mine")
    assert clients["bob"].get(f"/presets/images/{image.uuid}/").status_code == 200


# --- images of the editor ---


def test_an_upload_is_its_owners_alone(people, clients):
    posted = form(message=["0"], **{"message-0-text": "Look", "message-0-file": png()})
    answer = clients["alice"].post("/presets/images/?to=0", posted, headers={"HX-Request": "true"})
    upload = Upload.objects.get()
    assert f"/presets/images/{upload.uuid}/small/" in answer.text
    assert clients["alice"].get(f"/presets/images/{upload.uuid}/").status_code == 200
    assert clients["bob"].get(f"/presets/images/{upload.uuid}/").status_code == 404


def with_image(sha256: str) -> dict[str, Any]:
    fields = {"message-0-text": "Look", "message-0-image": ["0"], "message-0-image-0-sha256": sha256}
    return form("Thief", message=["0"], **fields)


def test_an_uploaded_image_is_saved(people, clients):
    picture = take_in(owner=people["alice"], file=png())
    assert clients["alice"].post("/presets/new/", with_image(picture.sha256)).status_code == 302
    assert not Upload.objects.exists()
    assert PresetImage.objects.get().blob.sha256 == picture.sha256


def test_somebody_elses_image_is_not_had_by_naming_its_hash(people, clients):
    picture = take_in(owner=people["alice"], file=png())
    assert clients["dave"].post("/presets/new/", with_image(picture.sha256)).status_code == 422
    assert picture.sha256[:12] not in clients["dave"].post("/presets/editor/", form()).text
    assert not Preset.objects.filter(owner=people["dave"]).exists()


def test_a_file_that_is_no_image(clients):
    bad = SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png")
    answer = clients["alice"].post(
        "/presets/images/?to=0", form(message=["0"], **{"message-0-file": bad}), headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "x.png is" in answer.text
    assert not Upload.objects.exists()


def test_images_of_presets_count_for_the_store(people, clients, settings):
    take_in(owner=people["alice"], file=png())
    settings.IMAGE_QUOTA_BYTES = 1
    answer = clients["alice"].post(
        "/presets/images/?to=0", form(message=["0"], **{"message-0-file": png("blue")}), headers={"HX-Request": "true"}
    )
    assert "your images may take" in answer.text
