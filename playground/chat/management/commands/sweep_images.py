"""`manage.py sweep_images`: delete images that nothing refers to any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.chat.images.services import sweep_orphans


class Command(BaseCommand):
    help = "Delete attachments left on nothing for a day, images without an attachment, and files without a row."

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep_orphans()
        self.stdout.write(
            f"Deleted {swept.attachments} attachments, {swept.blobs} images and {swept.files} stray files."
        )
