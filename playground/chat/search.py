"""Full text search over the titles and messages of one person, behind one function.

SQLite searches FTS5 tables that triggers keep in step (migration 0003); PostgreSQL computes and indexes text vectors. A query
is words: each must occur, the last may be the beginning of one. Nothing in it is search syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from playground.accounts.models import User
from playground.chat.models import Conversation, Message
from playground.chat.page import Hit

MAX_HITS = 40
MAX_WORDS = 12
MAX_QUERY_CHARACTERS = 200
SNIPPET_WORDS = 24
# Around a match in what the database gives back. Control characters that no one types; if a text holds them all the same,
# a wrong word is highlighted and nothing worse: the template escapes all of it.
START, END = "\x02", "\x03"

_WORD = re.compile(r"\w+")
# Scripts without spaces: the index takes a whole clause for one word, so these are searched as plain substrings.
_DENSE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def search(user: User, query: str) -> list[Hit]:
    """Conversations whose title matches, then messages, newest first: at most 40 of each. A few queries."""
    words = _WORD.findall(query.replace("\x00", " ")[:MAX_QUERY_CHARACTERS])[:MAX_WORDS]
    if not words:
        return []
    titles = _matching(Conversation.objects.visible_to(user), "title", words).order_by("-updated_at")[:MAX_HITS]
    messages = _matching(Message.objects.visible_to(user), "text", words)
    found = messages.order_by("-id").values_list(
        "id", "uuid", "conversation__uuid", "conversation__title", "conversation__updated_at"
    )[:MAX_HITS]
    rows = list(found)
    snippets = _snippets([row[0] for row in rows], words)
    return [Hit(one.uuid, None, marked(one.title, words), (), one.updated_at) for one in titles] + [
        Hit(conversation, uuid, ((title, False),), snippets.get(pk, ()), updated_at)
        for pk, uuid, conversation, title, updated_at in rows
    ]


def marked(text: str, words: Sequence[str]) -> Sequence[tuple[str, bool]]:
    """`text` in pieces, each with whether it is one of `words`, which may be the beginning of a longer word."""
    begins = "" if _DENSE.search("".join(words)) else r"\b"
    pattern = re.compile("|".join(begins + re.escape(word) for word in words), re.IGNORECASE)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in pattern.finditer(text):
        pieces += [(text[at : match.start()], False), (match.group(), True)]
        at = match.end()
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def _matching(rows: QuerySet, column: str, words: Sequence[str]) -> QuerySet:  # type: ignore[type-arg]
    """Those of `rows` whose `column` holds all of `words`."""
    if _DENSE.search("".join(words)):
        held = Q()
        for word in words:
            held &= Q(**{f"{column}__icontains": word})
        return rows.filter(held)
    table = rows.model._meta.db_table  # noqa: SLF001 - the documented name of a model's table
    if connection.vendor == "postgresql":
        return rows.filter(pk__in=RawSQL(_POSTGRES_IDS[table], [_postgres_query(words)]))  # noqa: S611 - constants
    return rows.filter(pk__in=RawSQL(_SQLITE_IDS[table], [_sqlite_query(words)]))  # noqa: S611 - constants


def _snippets(ids: Sequence[int], words: Sequence[str]) -> dict[int, Sequence[tuple[str, bool]]]:
    """A few words around the first matches of each message."""
    if not ids:
        return {}
    if connection.vendor == "postgresql" or _DENSE.search("".join(words)):
        texts = Message.objects.filter(pk__in=ids).values_list("pk", "text")
        return {pk: marked(_around(text, words), words) for pk, text in texts}
    places = ", ".join(["%s"] * len(ids))
    statement = (
        f"SELECT rowid, snippet(chat_message_search, 0, '{START}', '{END}', '…', {SNIPPET_WORDS})"  # noqa: S608 - constants
        f" FROM chat_message_search WHERE chat_message_search MATCH %s AND rowid IN ({places})"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_sqlite_query(words), *ids])
        return {pk: _pieces(text) for pk, text in cursor.fetchall()}


def _pieces(snippet: str) -> Sequence[tuple[str, bool]]:
    """What lies between the marks, and what does not."""
    pieces: list[tuple[str, bool]] = []
    for part in snippet.split(START):
        match, mark, rest = part.partition(END)
        pieces += [(match, True), (rest, False)] if mark else [(match, False)]
    return [piece for piece in pieces if piece[0]]


def _around(text: str, words: Sequence[str], before: int = 60, length: int = 180) -> str:
    """A stretch of `text` with the first match in it. Lengths in characters."""
    match = re.search("|".join(map(re.escape, words)), text, re.IGNORECASE)
    start = max((match.start() if match else 0) - before, 0)
    piece = text[start : start + length]
    return ("…" if start else "") + piece + ("…" if start + length < len(text) else "")


# --- the databases' own words ---

_SQLITE_IDS = {
    "chat_message": "SELECT rowid FROM chat_message_search WHERE chat_message_search MATCH %s",
    "chat_conversation": "SELECT rowid FROM chat_conversation_search WHERE chat_conversation_search MATCH %s",
}
# Must read as the indexes of migration 0003 do, or PostgreSQL computes every vector anew.
_POSTGRES_IDS = {
    "chat_message": (
        "SELECT id FROM chat_message WHERE to_tsvector('simple', left(text, 250000)) @@ to_tsquery('simple', %s)"
    ),
    "chat_conversation": (
        "SELECT id FROM chat_conversation WHERE to_tsvector('simple', title) @@ to_tsquery('simple', %s)"
    ),
}


def _sqlite_query(words: Sequence[str]) -> str:
    """Each word a quoted string, in which FTS5 knows no syntax; the last one a prefix."""
    return " ".join(f'"{word}"' for word in words) + "*"


def _postgres_query(words: Sequence[str]) -> str:
    """Each word a quoted lexeme; \\w holds neither quotes nor backslashes."""
    return " & ".join(f"'{word}'" for word in words) + ":*"
