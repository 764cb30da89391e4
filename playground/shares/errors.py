"""What the services of shares raise, as one tree. `str(error)` is a sentence for the person, in their language.

ShareError
├── TooLarge         more than a link may hold: 422
├── NotAllowed       the operator forbids it, there are too many links, a comparison is still blind, no room for images: 422
└── LooksDifferent   what would be shared is not what was previewed: 422, with the preview of now

What does not exist or belongs to somebody else is the model's own DoesNotExist: 404.
"""

from __future__ import annotations


class ShareError(Exception):
    """Base of the tree."""


class TooLarge(ShareError):
    pass


class NotAllowed(ShareError):
    pass


class LooksDifferent(ShareError):
    pass
