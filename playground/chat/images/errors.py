"""Why an image was not taken. Every message names the file, the reason and what to do about it.

ImageError
├── ImageTooLarge          bytes, or the clean image's bytes
├── WrongImageType         not one of the formats we take
│   └── SvgRefused
├── BadImage               the right type, but not a picture we can keep
│   ├── EmptyFile
│   ├── DamagedImage
│   ├── AnimatedImage
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

from django.utils.translation import gettext as _

from playground.lib.numbers import number


class ImageError(Exception):
    """`str(error)` is for the person, in their language; `name` is the file's own name, cleaned."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class ImageTooLarge(ImageError):
    def __init__(self, name: str, max_bytes: int) -> None:
        super().__init__(
            name,
            _("%(name)s is larger than %(megabytes)s MB. Scale it down or save it as JPEG, then attach it again.")
            % {"name": name, "megabytes": number(max_bytes / 1024**2, 2)},
        )


class WrongImageType(ImageError):
    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(
            name,
            message
            or _("%(name)s is not an image we can read. Save it as PNG, JPEG, WebP, GIF or HEIC.") % {"name": name},
        )


class SvgRefused(WrongImageType):
    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            _("%(name)s is an SVG drawing, which can run scripts. Export it as PNG and attach that.") % {"name": name},
        )


class BadImage(ImageError):
    pass


class EmptyFile(BadImage):
    def __init__(self, name: str) -> None:
        super().__init__(name, _("%(name)s is empty. Choose the file again, or save it anew.") % {"name": name})


class DamagedImage(BadImage):
    def __init__(self, name: str) -> None:
        super().__init__(
            name, _("%(name)s is damaged or cut off. Open it in an image editor and save it anew.") % {"name": name}
        )


class AnimatedImage(BadImage):
    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            _("%(name)s is animated, and models look at still images. Save the frame you mean as PNG.")
            % {"name": name},
        )


class TooManyPixels(BadImage):
    def __init__(self, name: str, max_pixels: int) -> None:
        super().__init__(
            name,
            _(
                "%(name)s has more than %(megapixels)s megapixels. Scale it down; models see at most 2,048 pixels a side."
            )
            % {"name": name, "megapixels": f"{max_pixels / 1_000_000:g}"},
        )


class TooDemanding(BadImage):
    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            _("%(name)s takes too much time or memory to decode. Scale it down or save it as PNG or JPEG.")
            % {"name": name},
        )


class BadChoice(ImageError):
    def __init__(self, name: str) -> None:
        super().__init__(name, _("The detail of %(name)s can be auto, low or high.") % {"name": name})


class BadImageAddress(ImageError):
    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(
            name,
            message
            or _("“%(name)s” is not an address of an image. Enter one that starts with https:// or http://.")
            % {"name": name},
        )


class AddressNotFetched(BadImageAddress):
    def __init__(self, name: str, provider: str) -> None:
        super().__init__(
            name,
            _(
                "%(provider)s does not fetch images by address, so “%(name)s” cannot be sent. Download it and attach the file."
            )
            % {"provider": provider, "name": name},
        )


class TooManyImages(ImageError):
    def __init__(self, name: str, limit: int, message: str = "") -> None:
        super().__init__(
            name,
            message
            or _("%(name)s was left out: a message takes at most %(limit)s images. Remove one first.")
            % {"name": name, "limit": limit},
        )
        self.limit = limit


class QuotaExceeded(TooManyImages):
    def __init__(self, name: str, max_bytes: int) -> None:
        super().__init__(
            name,
            max_bytes,
            _(
                "%(name)s was left out: your images may take %(gigabytes)s GB in all. Delete conversations with images first."
            )
            % {"name": name, "gigabytes": f"{max_bytes / 1024**3:.3g}"},
        )


class IntakeBusy(ImageError):
    def __init__(self, name: str) -> None:
        super().__init__(
            name, _("%(name)s has to wait: many images are being read. Try again in a moment.") % {"name": name}
        )


class StoreFull(ImageError):
    def __init__(self, name: str) -> None:
        super().__init__(
            name, _("%(name)s could not be stored. Try again; if it goes on, the disk may be full.") % {"name": name}
        )
