"""The text of an answer while it comes: one thread appends, another may read up to a mark that it took before."""

from __future__ import annotations

# Characters. Joining costs a copy of the piece, so pieces stay short; one object a token would weigh more than the text.
PIECE_CHARS = 2048


class Transcript:
    """Append-only text. Positions are characters from its start."""

    __slots__ = ("_pieces", "length")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0  # set last: a reader that sees it finds at least that much

    def append(self, text: str) -> None:
        pieces = self._pieces
        if pieces and len(pieces[-1]) < PIECE_CHARS:
            pieces[-1] += text
        else:
            pieces.append(text)
        self.length += len(text)

    def between(self, start: int, end: int) -> str:
        """The characters from `start` to `end`. Costs what lies behind `start`, not what lies before it."""
        taken: list[str] = []
        pieces = list(self._pieces)
        at = sum(map(len, pieces))
        while pieces and at > start:
            piece = pieces.pop()
            at -= len(piece)
            taken.append(piece)
        return "".join(reversed(taken))[max(start - at, 0) : end - at]

    def __bool__(self) -> bool:
        return self.length > 0

    def __str__(self) -> str:
        return "".join(self._pieces)
