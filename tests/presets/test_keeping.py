"""What ends: purged presets, forgotten uploads, people who leave; and two who save at the same moment."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import connection
from django.utils import timezone

from playground.chat.images.services import UNREFERRED_FOR, sweep_orphans
from playground.images.models import Blob
from playground.presets import services
from playground.presets.content import Content, Starter
from playground.presets.errors import Conflict
from playground.presets.models import Preset, PresetVersion, Upload
from playground.presets.pictures import take_in
from tests.presets.making import make_preset
from tests.presets.test_rights import png


@pytest.fixture
def pictured(alice) -> Preset:
    picture = take_in(owner=alice, file=png("green"))
    return make_preset(alice, content=Content(messages=(Starter("user", "Look", (picture,)),)))


def age_blobs() -> None:
    Blob.objects.update(created_at=timezone.now() - 2 * UNREFERRED_FOR)


def test_a_purge_takes_what_was_deleted_long_ago_and_its_images(pictured, alice):
    make_preset(alice, "Stays")
    services.delete_preset(preset=pictured)
    assert services.purge() == 0
    Preset.objects.filter(pk=pictured.pk).update(deleted_at=timezone.now() - datetime.timedelta(days=31))
    age_blobs()
    sweep_orphans()
    assert Blob.objects.count() == 1
    assert services.purge() == 1
    sweep_orphans()
    assert not Blob.objects.exists()
    assert [*Preset.objects.values_list("name", flat=True)] == ["Stays"]


def test_an_upload_that_is_not_saved_goes_after_a_day(alice):
    take_in(owner=alice, file=png("green"))
    age_blobs()
    services.purge()
    sweep_orphans()
    assert Blob.objects.count() == 1
    Upload.objects.update(created_at=timezone.now() - datetime.timedelta(days=2))
    services.purge()
    sweep_orphans()
    assert not Blob.objects.exists()


def test_who_leaves_takes_their_presets_and_nobody_elses(pictured, alice, bob):
    forked = services.fork(version=pictured.latest, owner=bob)
    services.save_version(preset=forked, base_number=1, content=Content("a/b"), author=alice)
    alice.delete()
    forked.refresh_from_db()
    assert Preset.objects.get() == forked
    assert (forked.forked_from, forked.versions.get(number=2).author) == (None, None)
    assert Blob.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told(alice):
    preset = make_preset(alice)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def save(prompt: str) -> None:
        mine = Preset.objects.get(pk=preset.pk)
        together.wait()
        try:
            services.save_version(
                preset=mine, base_number=1, content=Content(parameters={"system_prompt": prompt}), author=alice
            )
            outcomes.append("saved")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(prompt,)) for prompt in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "told"]
    assert PresetVersion.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_slug_at_the_same_moment_each_gets_one(alice):
    together = threading.Barrier(4)
    slugs: list[str] = []

    def make() -> None:
        together.wait()
        try:
            slugs.append(make_preset(alice).slug)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(slugs)) == 4
