"""Turns the bytes of a file into a clean image. Runs as a program of its own, with bounds on memory and time.

Started by `intake.py` as `python -I decode.py LIMITS`, the file on stdin. It answers on stdout with one line of JSON, then
the clean image and its thumbnail as raw bytes (their lengths stand in the JSON); a refusal is `{"refused": code}`. It
imports neither Django nor this package: it starts in a tenth of a second and holds no secret.
"""

from __future__ import annotations

import io
import json
import re
import resource
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TypeVar

from PIL import Image, ImageCms, ImageFile, IptcImagePlugin, JpegImagePlugin

T = TypeVar("T")

JPEG_QUALITY = 92
WEBP_QUALITY = 90
THUMBNAIL_SIDE = 320  # pixels
THUMBNAIL_QUALITY = 80
# Above this, packing as tightly as possible takes seconds.
FAST_ABOVE_PIXELS = 4_000_000
STRIP_ROWS = 256
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
# Where markup begins that a browser would run as a picture; comments and a prologue may come first.
SVG_SEARCH_BYTES = 4096
# What a browser or a server would run; long enough not to stand in pixels by chance.
MARKUP = re.compile(rb"<(?:script|html|iframe|body)[\s>]|<\?php\s", re.IGNORECASE)
PDF_SEARCH_BYTES = 1024  # a reader of PDF looks no further for the beginning
ZIP_ENTRY, ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
ZIP_SEARCH_BYTES = 64 * 1024 + 22  # the end of an archive stands here, with the longest comment behind it
PNG_END = b"IEND\xaeB`\x82"
GPS_IFD = 0x8825
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Pixels of the picture, bytes of what comes out, seconds of processor time, bytes of address space."""

    max_pixels: int
    max_bytes: int
    cpu_seconds: int
    memory_bytes: int


class Refused(Exception):
    """Not an image we take; `code` says why (the codes are those of `errors.py`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Clean:
    """An image without metadata, upright, 8 bits a channel, in sRGB, and its thumbnail (WebP). `removed` is what was cut."""

    media_type: str
    width: int
    height: int
    removed: list[str]
    data: bytes
    thumbnail: bytes


def clean(data: bytes, limits: Limits) -> Clean:
    """Decode `data` and encode its pixels anew. Raises `Refused`; anything else a decoder raises means damage."""
    kind = sniff(data)
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    picture = _open(data, kind)
    if picture.width * picture.height > limits.max_pixels:
        raise Refused("too_many_pixels")
    # A JPEG or HEIC of several pictures is a still with a preview or a depth map: its first picture is the image.
    if kind in {"PNG", "WEBP", "GIF"} and getattr(picture, "is_animated", False):
        raise Refused("animated")
    picture.load()
    if is_something_else_too(data, kind):
        raise Refused("polyglot")
    removed = _metadata(picture)
    upright = _plain(picture)
    is_lossy = kind in {"JPEG", "HEIF"} or (kind == "WEBP" and b"VP8L" not in set(_riff_chunks(data)))
    encoded, media_type = _encode(upright, kind, limits.max_bytes, is_lossy=is_lossy)
    return Clean(media_type, upright.width, upright.height, removed, encoded, _thumbnail(upright))


def sniff(data: bytes) -> str:
    """The format that the first bytes claim, as Pillow names it: only that decoder is ever tried."""
    if not data:
        raise Refused("empty")
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS and b"avif" not in data[8:64]:
        return "HEIF"
    raise Refused("svg" if b"<svg" in data[:SVG_SEARCH_BYTES].lower() else "wrong_type")


def is_something_else_too(data: bytes, kind: str) -> bool:
    """Whether another program would read the same bytes as its own: a page, a PDF document, an archive.

    Encoding the pixels anew drops all of that, but nobody makes such a file by chance, and whoever sends one should know.
    What a camera puts behind a picture (a film, a depth map) is none of these.
    """
    if MARKUP.search(data) or b"%PDF-" in data[:PDF_SEARCH_BYTES]:
        return True
    # The marks of an archive are four bytes, which compressed pixels may hold as well: they count behind the picture alone.
    if kind == "PNG" and any(mark in data[data.rfind(PNG_END) :] for mark in (ZIP_ENTRY, ZIP_END)):
        return True
    return ZIP_END in data[-ZIP_SEARCH_BYTES:] and ZIP_ENTRY in data


def _open(data: bytes, kind: str) -> ImageFile.ImageFile:
    """Reads the header only. Raises `Refused` before any pixel is decoded when it announces too many."""
    if kind == "HEIF":
        import pillow_heif

        # One thread: each more costs a stack and an arena of the address space that bounds us.
        pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    try:
        return Image.open(io.BytesIO(data), formats=(kind,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels") from None


def _metadata(picture: ImageFile.ImageFile) -> list[str]:
    """What the file says besides its pixels: "exif", "gps", "xmp", "iptc", "text"."""
    info = picture.info
    exif = _tolerant(picture.getexif, Image.Exif())
    xmp = info.get("xmp") or b""
    xmp = xmp.encode(errors="replace") if isinstance(xmp, str) else bytes(xmp)
    found = {
        "exif": bool(info.get("exif")) or len(exif) > 0,
        "gps": _tolerant(lambda: bool(exif.get_ifd(GPS_IFD)), False) or b"GPSL" in xmp,
        "xmp": bool(xmp),
        "iptc": _tolerant(lambda: bool(IptcImagePlugin.getiptcinfo(picture)), False),
        "text": bool(info.get("comment") or getattr(picture, "text", None)),
    }
    return [name for name, is_there in found.items() if is_there]


def _plain(picture: Image.Image) -> Image.Image:
    """The picture upright, as L, RGB or RGBA, in sRGB, and with nothing attached."""
    profile = picture.info.get("icc_profile")
    turn = _tolerant(lambda: TURNS.get(picture.getexif()[ORIENTATION]), None)
    plain = _srgb(_eight_bit(picture.transpose(turn) if turn is not None else picture), profile)
    plain.info = {}
    return plain


def _eight_bit(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        return _scaled_grey(picture)
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    return picture if picture.mode in {"L", "RGB", "CMYK"} else picture.convert("RGB")


def _scaled_grey(picture: Image.Image) -> Image.Image:
    """16 bits of grey as 8, in strips to save memory; Pillow's own conversion cuts off at 255 instead of scaling."""
    grey = Image.new("L", picture.size)
    for top in range(0, picture.height, STRIP_ROWS):
        strip = picture.crop((0, top, picture.width, min(top + STRIP_ROWS, picture.height))).convert("I")
        grey.paste(strip.point(lambda value: value * (1 / 257) + 0.5).convert("L"), (0, top))
    return grey


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.getOpenProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                target = "RGBA" if picture.mode == "RGBA" else "RGB"
                converted = ImageCms.profileToProfile(
                    picture, source, ImageCms.createProfile("sRGB"), outputMode=target, inPlace=picture.mode == target
                )
                picture = converted or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken or unfitting profile: the plain numbers are the best there is
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _encode(picture: Image.Image, kind: str, max_bytes: int, *, is_lossy: bool) -> tuple[bytes, str]:
    """The pixels as PNG when they were packed without loss, else as JPEG or WebP; lossy too when PNG gets too large."""
    is_large = picture.width * picture.height > FAST_ABOVE_PIXELS
    if not is_lossy:
        packed = _saved(picture, "PNG", compress_level=1 if is_large else 6)
        if len(packed) <= max_bytes:
            return packed, "image/png"
    if picture.mode == "RGBA" or (kind == "WEBP" and not is_large):
        packed, media_type = _saved(picture, "WEBP", quality=WEBP_QUALITY, method=0 if is_large else 4), "image/webp"
    else:
        # An untouched JPEG keeps its own tables: hardly anything is lost a second time.
        is_untouched = isinstance(picture, JpegImagePlugin.JpegImageFile) and picture.format == "JPEG"
        packed, media_type = _saved(picture, "JPEG", quality="keep" if is_untouched else JPEG_QUALITY), "image/jpeg"
    if len(packed) > max_bytes:
        raise Refused("too_large_when_clean")
    return packed, media_type


def _thumbnail(picture: Image.Image) -> bytes:
    scale = min(1.0, THUMBNAIL_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if scale < 1 / 4:
        # Smooth resizing copies a picture with transparency; dropping pixels first does not.
        picture = picture.resize((size[0] * 4, size[1] * 4), Image.Resampling.NEAREST)
    small = picture.resize(size, Image.Resampling.BICUBIC)
    return _saved(small, "WEBP", quality=THUMBNAIL_QUALITY, method=4)


def _saved(picture: Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_name, **options)
    return buffer.getvalue()


def _riff_chunks(data: bytes) -> Iterator[bytes]:
    """The names of the chunks of a WebP file."""
    position = 12
    while position + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, position)
        yield name
        position += 8 + length + length % 2


def _tolerant(read: Callable[[], T], otherwise: T) -> T:
    """Metadata that cannot be read is no reason to refuse the picture: it is thrown away anyway."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - the parsers of EXIF and IPTC raise whatever the bytes lead them to
        return otherwise


def _bound(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no business with files
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limits = Limits(**json.loads(sys.argv[1]))
    _bound(limits)
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        result = clean(sys.stdin.buffer.read(), limits)
    except Refused as refusal:
        answer, body = {"refused": refusal.code}, b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        answer, body = {"refused": "too_many_pixels"}, b""
    except MemoryError:
        answer, body = {"refused": "too_demanding"}, b""
    except Exception:  # noqa: BLE001 - decoders raise whatever the bytes lead them to; all of it means damage
        answer, body = {"refused": "damaged"}, b""
    else:
        facts = asdict(result)
        body = facts.pop("data") + facts.pop("thumbnail")
        answer = facts | {"data_bytes": len(result.data), "thumbnail_bytes": len(result.thumbnail)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + body)


if __name__ == "__main__":
    main()
