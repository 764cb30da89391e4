"""What the fake server was asked: one HTTP request, its body parsed, its images really decoded."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from PIL import Image

ACCEPTED_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


class BadImageError(Exception):
    """An image part that a real server would refuse; says why."""

    def __init__(self, message: str, code: str = "invalid_image_format") -> None:
        super().__init__(message)
        self.message, self.code = message, code


@dataclass
class SentImage:
    """One image part. Pixels are in `format`, `width` and `height`; all three are empty for an image given by URL."""

    url: str  # cut after 100 characters for data URLs
    detail: str
    media_type: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    has_exif: bool = False
    data: bytes = field(default=b"", repr=False)


@dataclass
class Request:
    """Header names are lower case. `json` is None when the body was none; `disconnected` is set when the client left early."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    json: Any = field(default=None, repr=False)
    images: list[SentImage] = field(default_factory=list)
    disconnected: bool = False
    pieces_sent: int = 0  # pieces of text that went out before the end, or the disconnect

    @property
    def is_stream(self) -> bool:
        return isinstance(self.json, dict) and self.json.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        options = self.json.get("stream_options") if isinstance(self.json, dict) else None
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def model(self) -> str:
        return str(self.json.get("model", "")) if isinstance(self.json, dict) else ""

    @property
    def prompt(self) -> str:
        """The text of the last user message."""
        texts = [text for message in self.messages if message.get("role") == "user" for text in [text_of(message)]]
        return texts[-1] if texts else ""

    @property
    def messages(self) -> list[dict[str, Any]]:
        found = self.json.get("messages") if isinstance(self.json, dict) else None
        return [message for message in found if isinstance(message, dict)] if isinstance(found, list) else []

    @classmethod
    def read(cls, method: str, path: str, headers: dict[str, str], body: bytes) -> Request:
        try:
            parsed = orjson.loads(body) if body else None
        except orjson.JSONDecodeError:
            parsed = None
        return cls(method=method, path=path, headers=headers, body=body, json=parsed)


def text_of(message: dict[str, Any]) -> str:
    """The words of a message whose content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def has_images(request: Request) -> bool:
    return next(_image_parts(request), None) is not None


def decode_images(request: Request) -> list[SentImage]:
    """Every image part, decoded to its last pixel. Raises BadImageError as OpenAI would answer 400."""
    return [_decode(part) for part in _image_parts(request)]


def _image_parts(request: Request) -> Iterator[dict[str, Any]]:
    for message in request.messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "image_url":
                if message.get("role") != "user":
                    raise BadImageError("Images are only allowed in user messages.", "invalid_value")
                yield part


def _decode(part: dict[str, Any]) -> SentImage:
    reference = part.get("image_url")
    if not isinstance(reference, dict) or not isinstance(reference.get("url"), str):
        raise BadImageError("Expected an object with a url.", "invalid_type")
    url, detail = reference["url"], str(reference.get("detail", "auto"))
    if detail not in {"auto", "low", "high"}:
        raise BadImageError(f"Invalid detail: {detail}.", "invalid_value")
    if not url.startswith("data:"):
        if not url.startswith("https://"):
            raise BadImageError("Only https and data URLs are allowed.", "invalid_image_url")
        return SentImage(url=url, detail=detail)
    head, _comma, payload = url.partition(",")
    try:
        data = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadImageError("The image is not valid base64.", "invalid_base64") from error
    image = _pixels(data)
    media_type = head.removeprefix("data:").removesuffix(";base64")
    if ACCEPTED_FORMATS.get(image.format or "") != media_type:
        raise BadImageError(f"The image is {image.format}, its media type says {media_type}.")
    return SentImage(
        url=url[:100],
        detail=detail,
        media_type=media_type,
        format=image.format or "",
        width=image.width,
        height=image.height,
        has_exif=bool(image.getexif()) or "exif" in image.info,
        data=data,
    )


def _pixels(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(io.BytesIO(data), formats=list(ACCEPTED_FORMATS))
            image.load()
    except Exception as error:
        raise BadImageError("You uploaded an unsupported image. Please make sure your image is valid.") from error
    if getattr(image, "is_animated", False):
        raise BadImageError("Animated images are not supported.")
    return image
