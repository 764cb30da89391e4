"""What the services of comparisons raise besides what the chat's raise (playground/chat/errors.py), whose edge answers both.

ChatError
└── NotPossible
    └── TooManyColumns   a comparison has as many columns as it may: 422 with a sentence
"""

from __future__ import annotations

from playground.chat.errors import NotPossible


class TooManyColumns(NotPossible):
    pass
