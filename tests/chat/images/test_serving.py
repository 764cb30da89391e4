"""How a stored image goes out, and how what nobody needs goes away."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import time

import pytest
from django.core.management import call_command
from django.utils import timezone

from playground.chat.images import services
from playground.chat.models import Attachment, Draft
from playground.images import intake, store
from playground.images.models import Blob
from tests.chat.images import files
from tests.chat.images.conftest import stored


@pytest.fixture
def image(alice_client, upload) -> Attachment:
    upload(alice_client, "tail.png", files.GOOD["tail.png"]().data)
    return Attachment.objects.select_related("blob").get()


def address(image: Attachment) -> str:
    return f"/images/{image.uuid}/{store.served_name(image.uuid, image.blob)}"


@pytest.mark.parametrize("is_thumbnail", [False, True])
def test_an_image_is_served_as_an_image_and_nothing_else(is_thumbnail, alice_client, image, django_assert_num_queries):
    with django_assert_num_queries(3):  # session, user, attachment with its blob
        response = alice_client.get(f"/images/{image.uuid}/thumb/" if is_thumbnail else address(image))
    assert response.status_code == 200
    assert response["Content-Type"] == ("image/webp" if is_thumbnail else "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith('inline; filename="image-')
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-store"
    assert "tail" not in response["Content-Disposition"]
    again = alice_client.get(response.request["PATH_INFO"], headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_image_has_one_name(alice_client, image):
    for name in ("tail.png", "image.png", store.served_name(image.uuid, image.blob).replace("png", "html")):
        assert alice_client.get(f"/images/{image.uuid}/{name}").status_code == 404


def test_a_file_that_the_disk_lost_is_404(alice_client, image, media):
    for path in stored(media):
        path.unlink()
    assert alice_client.get(address(image)).status_code == 404
    assert alice_client.get(f"/images/{image.uuid}/thumb/").status_code == 404


def test_the_sweep_takes_what_nobody_can_reach_and_leaves_the_rest(alice, alice_client, image, media, upload):
    kept = stored(media)
    upload(alice_client, "plain.jpg", files.GOOD["plain.jpg"]().data)
    orphan = Attachment.objects.select_related("blob").latest("id")
    Attachment.objects.filter(pk=orphan.pk).update(draft=None)
    assert services.sweep_orphans() == services.Swept(0, 0, 0)
    long_ago = timezone.now() - datetime.timedelta(days=2)
    Attachment.objects.update(created_at=long_ago)
    Blob.objects.update(created_at=long_ago)
    assert services.sweep_orphans() == services.Swept(1, 1, 0)
    assert stored(media) == kept
    assert Attachment.objects.get() == image


def test_the_sweep_takes_old_files_without_a_row(media, image, capsys):
    kept = stored(media)
    clean = intake.clean_image(files.GOOD["plain.jpg"]().data, "plain.jpg")
    sha256 = store.write(clean)
    half = store.thumbnail_path(sha256).with_name(f"{image.blob.sha256}.png.x.tmp")
    half.write_bytes(b"half")
    assert services.sweep_orphans().files == 0
    old = time.time() - 2 * store.ABANDONED_SECONDS
    for path in stored(media):
        os.utime(path, (old, old))
    call_command("sweep_images")
    assert capsys.readouterr().out == "Deleted 0 attachments, 0 images and 3 stray files.\n"
    assert stored(media) == kept


def test_a_file_swept_between_writing_and_its_row_is_written_again(alice, media):
    clean = intake.clean_image(files.GOOD["plain.png"]().data, "plain.png")
    sha256 = store.write(clean)
    store.discard(sha256)
    assert stored(media) == []
    blob = store.keep(clean, sha256)
    assert store.read(blob) == clean.data


def test_a_draft_that_is_deleted_gives_its_images_to_the_sweep(alice, image, media):
    Draft.objects.all().delete()
    Blob.objects.update(created_at=timezone.now() - datetime.timedelta(hours=2))
    assert services.sweep_orphans() == services.Swept(0, 1, 0)
    assert stored(media) == []


MEASURED = """
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1], file=sys.stderr)
"""


@pytest.mark.parametrize("name", [row[0] for row in files.BOMBS + files.ANIMATED] + ["text-bomb.png", "thread.png"])
def test_a_bomb_takes_little_memory_and_time(name):
    make = files.REFUSED.get(name) or files.GOOD[name]
    data = make().data
    limits = {"max_pixels": 50_000_000, "max_bytes": 20_000_000, "cpu_seconds": 2, "memory_bytes": 300 * 1024**2}
    done = subprocess.run(
        [sys.executable, "-I", "-c", MEASURED, str(intake.DECODER), json.dumps(limits)],
        input=data,
        capture_output=True,
        env={"MALLOC_ARENA_MAX": "1"},
        check=True,
        timeout=20,
    )
    assert int(done.stderr) < 150 * 1024  # kilobytes


def test_the_decoder_sees_no_environment_and_writes_no_file(tmp_path):
    probe = "import os, resource; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", probe], capture_output=True, env={"MALLOC_ARENA_MAX": "1"}, check=True
    )
    assert done.stdout.strip() == b"['MALLOC_ARENA_MAX']"


def test_the_files_of_another_database_are_left_alone(media, image, caplog, settings, tmp_path):
    """The data folder stayed, and DATABASE_URL was set or unset: the rows of its images are somewhere else."""
    settings.DATA_DIR = tmp_path
    clean = intake.clean_image(files.GOOD["plain.png"]().data, "plain.png")
    path = store.image_path(store.write(clean), clean.media_type)
    os.utime(path, (0, 0))
    (tmp_path / "media.database").write_text("another one")
    assert services.sweep_orphans().files == 0
    assert path.exists()
    assert "another database" in caplog.text
