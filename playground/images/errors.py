"""Why an image was not taken. Every message names the file, the reason and what to do about it.

ImageError
├── ImageTooLarge          bytes, or the clean image's bytes
├── WrongImageType         not one of the formats we take
│   └── SvgRefused
├── BadImage               the right type, but not a picture we can keep
│   ├── EmptyFile
│   ├── DamagedImage
│   ├── AnimatedImage
│   ├── PolyglotImage
│   ├── TooManyPixels
│   └── TooDemanding       more time or memory than one picture may take
├── BadChoice              a detail that is none of ours
├── BadImageAddress        the text given as URL is none
│   └── AddressNotFetched  a good URL, but this model's provider does not fetch
├── TooManyImages          the message, or the person's store, is full
│   └── QuotaExceeded
├── IntakeBusy             others' pictures are being decoded; try again
└── StoreFull              the disk refused the file; nothing was kept
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground.lib.numbers import number


class ImageError(Exception):
    """`str(error)` is for the person, in their language; `name` is the file's own name, cleaned."""

    text: str | Promise = ""  # of the class, with %(name)s and what else it is given

    def __init__(self, name: str, message: str = "", **facts: str) -> None:
        super().__init__(message or str(self.text) % {"name": name, **facts})
        self.name = name


class ImageTooLarge(ImageError):
    text = _("%(name)s is larger than %(megabytes)s MB. Scale it down or save it as JPEG, then attach it again.")

    def __init__(self, name: str, max_bytes: int) -> None:
        super().__init__(name, megabytes=number(max_bytes / 1024**2, 2))


class WrongImageType(ImageError):
    text = _("%(name)s is not an image we can read. Save it as PNG, JPEG, WebP, GIF or HEIC.")


class SvgRefused(WrongImageType):
    text = _("%(name)s is an SVG drawing, which can run scripts. Export it as PNG and attach that.")


class BadImage(ImageError):
    pass


class EmptyFile(BadImage):
    text = _("%(name)s is empty. Choose the file again, or save it anew.")


class DamagedImage(BadImage):
    text = _("%(name)s is damaged or cut off. Open it in an image editor and save it anew.")


class PolyglotImage(BadImage):
    text = _("%(name)s is not only an image: a page, a document or an archive hides in it. Save the picture anew.")


class AnimatedImage(BadImage):
    text = _("%(name)s is animated, and models look at still images. Save the frame you mean as PNG.")


class TooManyPixels(BadImage):
    text = _("%(name)s has more than %(megapixels)s megapixels. Scale it down; models see at most 2,048 pixels a side.")

    def __init__(self, name: str, max_pixels: int) -> None:
        super().__init__(name, megapixels=number(max_pixels / 1_000_000, 2))


class TooDemanding(BadImage):
    text = _("%(name)s takes too much time or memory to decode. Scale it down or save it as PNG or JPEG.")


class BadChoice(ImageError):
    text = _("The detail of %(name)s can be auto, low or high.")


class BadImageAddress(ImageError):
    text = _("“%(name)s” is not an address of an image. Enter one that starts with https:// or http://.")


class AddressNotFetched(BadImageAddress):
    text = _(
        "%(provider)s does not fetch images by address, so “%(name)s” cannot be sent. Download it and attach the file."
    )

    def __init__(self, name: str, provider: str) -> None:
        super().__init__(name, provider=provider)


class TooManyImages(ImageError):
    text = _("%(name)s was left out: a message takes at most %(limit)s images. Remove one first.")

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(name, limit=number(limit), gigabytes=number(limit / 1024**3, 2))


class QuotaExceeded(TooManyImages):
    """Its limit is in bytes."""

    text = _(
        "%(name)s was left out: your images may take %(gigabytes)s GB in all. Delete conversations with images first."
    )


class IntakeBusy(ImageError):
    text = _("%(name)s has to wait: many images are being read. Try again in a moment.")


class StoreFull(ImageError):
    text = _("%(name)s could not be stored. Try again; if it goes on, the disk may be full.")
