"""Forty-odd hostile, odd and plain image files, made here: nothing is stored in the repository."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

pillow_heif.register_heif_opener()

# Stands in every piece of metadata; must not survive anywhere.
CANARY = "CANARY-48.8584N-2.2945E"
SCRIPT = b"<script>document.documentElement.dataset.ran='1'</script>"
GPS_IFD, MAKER, ORIENTATION = 0x8825, 0x010F, 0x0112


@dataclass(frozen=True)
class File:
    """`status` is what an upload of it answers; `removed` what an accepted one reports (None: not looked at)."""

    name: str
    data: bytes
    status: int
    says: str = ""  # a piece of the message, for a refused one
    removed: list[str] | None = None


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Not of one colour, so that a turn or a swap of channels shows."""
    image = Image.new("RGB", (width, height), (40, 90, 160))
    ImageDraw.Draw(image).rectangle((0, 0, max(0, width // 3), max(0, height // 3)), fill=(220, 60, 20))
    return image if mode == "RGB" else image.convert(mode)


def packed(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data[MAKER] = CANARY
    data.get_ifd(GPS_IFD).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0), 29: CANARY[:10]})
    return data


def xmp() -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="%b"/></rdf:RDF></x:xmpmeta>'
        % CANARY.encode()
    )


def iptc(jpeg: bytes) -> bytes:
    """`jpeg` with a Photoshop segment that holds an IPTC caption."""
    caption = CANARY.encode()
    record = b"\x1c\x02\x78" + struct.pack(">H", len(caption)) + caption
    resource = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(record)) + record + b"\x00" * (len(record) % 2)
    body = b"Photoshop 3.0\x00" + resource
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def png_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY)
    info.add_itxt("XML:com.adobe.xmp", xmp().decode())
    info.add_text("Location", CANARY, zip=True)
    return info


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A tiny file that claims to be `width` x `height`."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG whose compressed text unpacks to 200 MB."""
    plain = packed(picture(), "PNG")
    text = b"Comment\0\0" + zlib.compress(b"A" * 200_000_000, 1)
    return plain[:33] + chunk(b"zTXt", text) + plain[33:]


def gif_bomb() -> bytes:
    plain = bytearray(packed(picture(mode="P"), "GIF"))
    plain[6:10] = struct.pack("<HH", 65535, 65535)
    return bytes(plain)


def jpeg_bomb() -> bytes:
    """The frame header says 60,000 x 60,000; the pixels are those of a small picture."""
    plain = bytearray(packed(picture(), "JPEG"))
    at = plain.index(b"\xff\xc0")
    plain[at + 5 : at + 9] = struct.pack(">HH", 60_000, 60_000)
    return bytes(plain)


def frames(kind: str, count: int = 3) -> bytes:
    pictures = [picture(40 + index, 40, "RGB").resize((40, 40)) for index in range(count)]
    for index, one in enumerate(pictures):
        one.putpixel((index % 40, 0), (index % 256, 255, 0))
    return packed(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=50)


def many_frames(count: int) -> bytes:
    plain = packed(picture(4, 4).quantize(4), "GIF")
    at = plain.index(b"\x2c\x00\x00\x00\x00")
    return plain[:at] + plain[at:-1] * count + b";"


def profiled() -> bytes:
    """Swaps nothing, but carries a profile that is not sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return packed(picture(), "PNG", icc_profile=profile)


def transparent_palette() -> bytes:
    image = picture().quantize(8)
    return packed(image, "PNG", transparency=0)


def grey16() -> bytes:
    image = Image.new("I;16", (8, 8))
    for place in range(8):
        image.putpixel((place, 0), place * 8192)
    return packed(image, "PNG")


SVG = (
    b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="document.documentElement.dataset.ran=1"/>'
)
AVIF = b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miaf" + b"\x00" * 64


def polyglot_png() -> bytes:
    """A good picture with a page behind it and inside its text."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SCRIPT.decode())
    return packed(picture(), "PNG", pnginfo=info) + b"<html><body>" + SCRIPT + b"</body></html>"


def polyglot_jpeg() -> bytes:
    return packed(picture(), "JPEG", comment=b"*/=1;" + SCRIPT) + SCRIPT


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("inside.txt", CANARY)
    return made.getvalue()


Makers = list[tuple[str, Callable[[], bytes], int, str]]

WRONG_TYPES: Makers = [
    ("drawing.svg", lambda: SVG, 415, "SVG"),
    ("drawing.png", lambda: SVG, 415, "SVG"),
    ("page.html", lambda: b"<html>" + SCRIPT, 415, "not an image"),
    ("script.gif", lambda: b"GIF89a" + SCRIPT, 422, "damaged"),
    ("actually-a-bmp.png", lambda: packed(picture(), "BMP"), 415, "not an image"),
    ("scan.tiff", lambda: packed(picture(), "TIFF"), 415, "not an image"),
    ("favicon.ico", lambda: packed(picture(), "ICO"), 415, "not an image"),
    ("print.eps", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", 415, "not an image"),
    ("layers.psd", lambda: b"8BPS\x00\x01" + b"\x00" * 60, 415, "not an image"),
    ("paper.pdf", lambda: b"%PDF-1.7\n" + b"0" * 200, 415, "not an image"),
    ("new.avif", lambda: AVIF, 415, "not an image"),
    ("noise.jpg", lambda: bytes(range(256)) * 40, 415, "not an image"),
    ("archive.webp", lambda: b"PK\x03\x04" + b"\x00" * 100, 415, "not an image"),
]
DAMAGED: Makers = [
    ("nothing.png", lambda: b"", 422, "empty"),
    ("head.png", lambda: b"\x89PNG\r\n\x1a\n", 422, "damaged"),
    ("cut.png", lambda: packed(picture(600, 600), "PNG")[:-800], 422, "damaged"),
    ("cut.jpg", lambda: packed(Image.effect_noise((400, 400), 60), "JPEG")[:9000], 422, "damaged"),
    ("cut.webp", lambda: packed(picture(300, 300), "WEBP")[:60], 422, "damaged"),
    ("cut.gif", lambda: packed(Image.effect_noise((200, 200), 60), "GIF")[:3000], 422, "damaged"),
    ("cut.heic", lambda: packed(picture(), "HEIF")[:300], 422, "damaged"),
    ("flipped.png", lambda: packed(picture(), "PNG").replace(b"IDAT", b"IDAX", 1), 422, "damaged"),
    ("text-bomb.png", text_bomb, 422, "damaged"),
]
BOMBS: Makers = [
    ("60000.png", lambda: png_bomb(60_000, 60_000), 422, "50 megapixels"),
    ("50000.png", lambda: png_bomb(50_000, 50_000), 422, "50 megapixels"),
    ("just-over.png", lambda: png_bomb(7_072, 7_072), 422, "50 megapixels"),
    ("wide.png", lambda: png_bomb(2_000_000_000, 1), 422, "50 megapixels"),
    ("60000.jpg", jpeg_bomb, 422, "50 megapixels"),
    ("65535.gif", gif_bomb, 422, "50 megapixels"),
    ("claims-more.png", lambda: png_bomb(7_000, 7_000), 422, "damaged"),
]
POLYGLOTS: Makers = [
    ("page.png", polyglot_png, 422, "not only an image"),
    ("page.jpg", polyglot_jpeg, 422, "not only an image"),
    ("archive.png", lambda: packed(picture(), "PNG") + b"PK\x03\x04" + CANARY.encode(), 422, "not only an image"),
    ("archive.jpg", lambda: packed(picture(), "JPEG") + archive(), 422, "not only an image"),
    ("php.gif", lambda: packed(picture(), "GIF", comment=b"<?php system($_GET[0]); ?>"), 422, "not only an image"),
    ("document.jpg", lambda: packed(picture(), "JPEG", comment=b"%PDF-1.7"), 422, "not only an image"),
]
ANIMATED: Makers = [
    ("moving.gif", lambda: frames("GIF"), 422, "animated"),
    ("5000-frames.gif", lambda: many_frames(5000), 422, "animated"),
    ("moving.png", lambda: frames("PNG"), 422, "animated"),
    ("moving.webp", lambda: frames("WEBP"), 422, "animated"),
]
# name, bytes, what the answer reports as removed
ACCEPTED: list[tuple[str, Callable[[], bytes], list[str] | None]] = [
    ("plain.png", lambda: packed(picture(), "PNG"), []),
    ("plain.jpg", lambda: packed(picture(), "JPEG"), []),
    ("plain.webp", lambda: packed(picture(), "WEBP"), []),
    ("lossless.webp", lambda: packed(picture(mode="RGBA"), "WEBP", lossless=True), []),
    ("still.gif", lambda: packed(picture(), "GIF"), []),
    ("photo.heic", lambda: packed(picture(), "HEIF"), []),
    ("lies.png", lambda: packed(picture(), "JPEG"), []),
    ("one-pixel.png", lambda: packed(picture(1, 1), "PNG"), []),
    ("thread.png", lambda: packed(picture(1, 30_000), "PNG"), []),
    ("ribbon.png", lambda: packed(picture(30_000, 1), "PNG"), []),
    ("print.jpg", lambda: packed(picture(mode="CMYK"), "JPEG"), []),
    ("deep.png", grey16, []),
    ("palette.png", lambda: packed(picture().quantize(16), "PNG"), []),
    ("clear-palette.png", transparent_palette, []),
    ("clear.png", lambda: packed(picture(mode="RGBA"), "PNG"), []),
    ("grey-clear.png", lambda: packed(picture(mode="LA"), "PNG"), []),
    ("bits.png", lambda: packed(picture(mode="1"), "PNG"), []),
    ("odd-profile.png", profiled, []),
    ("progressive.jpg", lambda: packed(picture(), "JPEG", progressive=True), []),
    ("gps.jpg", lambda: packed(picture(), "JPEG", exif=exif()), ["exif", "gps"]),
    ("turned.jpg", lambda: packed(picture(), "JPEG", exif=exif(6)), ["exif", "gps"]),
    ("mirrored.jpg", lambda: packed(picture(), "JPEG", exif=exif(5)), ["exif", "gps"]),
    ("gps.png", lambda: packed(picture(), "PNG", exif=exif()), ["exif", "gps"]),
    ("gps.webp", lambda: packed(picture(), "WEBP", exif=exif()), ["exif", "gps"]),
    ("gps.heic", lambda: packed(picture(), "HEIF", exif=exif().tobytes()), ["exif", "gps"]),
    ("xmp.jpg", lambda: packed(picture(), "JPEG", xmp=xmp()), ["gps", "xmp"]),
    ("xmp.webp", lambda: packed(picture(), "WEBP", xmp=xmp()), ["gps", "xmp"]),
    ("xmp.heic", lambda: packed(picture(), "HEIF", xmp=xmp()), ["gps", "xmp"]),
    ("iptc.jpg", lambda: iptc(packed(picture(), "JPEG")), ["iptc"]),
    ("text.png", lambda: packed(picture(), "PNG", pnginfo=png_text()), ["gps", "xmp", "text"]),
    ("comment.jpg", lambda: packed(picture(), "JPEG", comment=CANARY.encode()), ["text"]),
    ("comment.gif", lambda: packed(picture(), "GIF", comment=CANARY.encode()), ["text"]),
    ("tail.png", lambda: packed(picture(), "PNG", pnginfo=png_text()) + CANARY.encode(), ["gps", "xmp", "text"]),
    # As phones make them: a film behind the picture.
    ("moving.jpg", lambda: packed(picture(), "JPEG") + b"\0\0\0\x18ftypmp42" + CANARY.encode(), []),
]


Make = Callable[[], File]


def _refused(name: str, make: Callable[[], bytes], status: int, says: str) -> Make:
    return lambda: File(name, make(), status, says)


def _accepted(name: str, make: Callable[[], bytes], removed: list[str] | None) -> Make:
    return lambda: File(name, make(), 201, removed=removed)


# By name; each is made when it is asked for.
REFUSED = {row[0]: _refused(*row) for row in WRONG_TYPES + DAMAGED + BOMBS + POLYGLOTS + ANIMATED}
GOOD = {row[0]: _accepted(*row) for row in ACCEPTED}
