"""Full text search over the titles and messages of one person, behind one function.

SQLite searches FTS5 tables that triggers keep in step, PostgreSQL generated text vectors (migrations 0003 and 0004 make both). A query
is words: each must occur, the last may be the beginning of one. Nothing in it is search syntax.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from playground.accounts.models import User
from playground.chat.models import Conversation, Face, Message
from playground.chat.page import Hit

MAX_HITS = 40
MAX_WORDS = 12
MAX_QUERY_CHARACTERS = 200
SNIPPET_WORDS = 24
INDEXED_CHARACTERS = 250_000  # of a message, from its beginning
# Around a match in what the database gives back. Control characters that no one types; if a text holds them all the same,
# a wrong word is highlighted and nothing worse: the template escapes all of it.
START, END = "\x02", "\x03"

_WORD = re.compile(r"\w+")
# Scripts without spaces: the index takes a whole clause for one word, so these are searched as plain substrings.
_DENSE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)

_MARKS = re.compile("[\u0300-\u036f]")


def search(user: User, query: str) -> list[Hit]:
    """Conversations whose title matches, then messages, newest first: at most 40 of each. A few queries."""
    query = query.replace("\x00", " ")[:MAX_QUERY_CHARACTERS]
    words = words_of(query)
    if not words:
        return []
    titles = _matching(Conversation.objects.visible_to(user).listed(), "title", words, query).order_by("-updated_at")[
        :MAX_HITS
    ]
    answers = Message.objects.visible_to(user).filter(conversation__face=Face.CHAT)
    messages = _matching(answers, "text", words, query)
    found = messages.order_by("-id").values_list(
        "id", "uuid", "conversation__uuid", "conversation__title", "conversation__updated_at"
    )[:MAX_HITS]
    rows = list(found)
    snippets = _snippets([row[0] for row in rows], words)
    return [Hit(one.uuid, None, marked(one.title, words), (), one.updated_at) for one in titles] + [
        Hit(conversation, uuid, ((title, False),), snippets.get(pk, ()), updated_at)
        for pk, uuid, conversation, title, updated_at in rows
    ]


def words_of(query: str) -> list[str]:
    """What each hit must hold; nothing of it is search syntax."""
    return _WORD.findall(query[:MAX_QUERY_CHARACTERS])[:MAX_WORDS]


def marked(text: str, words: Sequence[str]) -> Sequence[tuple[str, bool]]:
    """`text` in pieces, each with whether it is one of `words`, which may be the beginning of a longer word."""
    begins = "" if _DENSE.search("".join(words)) else r"\b"
    pattern = re.compile("|".join(begins + re.escape(plain(word)) for word in words), re.IGNORECASE)
    text = unicodedata.normalize("NFC", text)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in pattern.finditer(plain(text)):
        pieces += [(text[at : match.start()], False), (text[match.start() : match.end()], True)]
        at = match.end()
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def plain(text: str) -> str:
    """`text` without accents: as many characters as its composed form (NFC) has."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFD", char)[0] for char in unicodedata.normalize("NFC", text))


def _matching(rows: QuerySet, column: str, words: Sequence[str], query: str) -> QuerySet:  # type: ignore[type-arg]
    """Those of `rows` whose `column` holds all of `words`, which are those of `query`."""
    if _DENSE.search("".join(words)):
        held = Q()
        for word in words:
            held &= Q(**{f"{column}__icontains": word})
        return rows.filter(held)
    table = rows.model._meta.db_table  # noqa: SLF001 - the documented name of a model's table
    if connection.vendor == "postgresql":
        return rows.filter(pk__in=RawSQL(_POSTGRES_IDS[table], [_postgres_text(query)]))  # noqa: S611 - constants
    return rows.filter(pk__in=RawSQL(_SQLITE_IDS[table], [_sqlite_query(words)]))  # noqa: S611 - constants


def _snippets(ids: Sequence[int], words: Sequence[str]) -> dict[int, Sequence[tuple[str, bool]]]:
    """A few words around the first matches of each message."""
    if not ids:
        return {}
    if connection.vendor == "postgresql" or _DENSE.search("".join(words)):
        texts = Message.objects.filter(pk__in=ids).values_list("pk", Left("text", INDEXED_CHARACTERS))
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
    pattern = re.compile("|".join(re.escape(word) for word in {*words, *map(plain, words)}), re.IGNORECASE)
    match = pattern.search(text)
    if match is None:  # only without its accents
        text = unicodedata.normalize("NFC", text)
        match = pattern.search(plain(text))
    start = max((match.start() if match else 0) - before, 0)
    piece = text[start : start + length]
    return ("…" if start else "") + piece + ("…" if start + length < len(text) else "")


# --- the databases' own words ---

_SQLITE_IDS = {
    "chat_message": "SELECT rowid FROM chat_message_search WHERE chat_message_search MATCH %s",
    "chat_conversation": "SELECT rowid FROM chat_conversation_search WHERE chat_conversation_search MATCH %s",
}
# PostgreSQL cuts the words of a query as it cuts those of the texts, and the last one gets the mark of a prefix. No word, no query.
_POSTGRES_QUERY = (
    "(nullif(plainto_tsquery('simple', regexp_replace(%s, '[^[:alnum:]]', ' ', 'g'))::text, '') || ':*')::tsquery"
)
_POSTGRES_IDS = {
    "chat_message": f"SELECT id FROM chat_message WHERE search @@ {_POSTGRES_QUERY}",  # noqa: S608 - constants
    "chat_conversation": f"SELECT id FROM chat_conversation WHERE search @@ {_POSTGRES_QUERY}",  # noqa: S608 - constants
}


def _sqlite_query(words: Sequence[str]) -> str:
    """Each word a quoted string, in which FTS5 knows no syntax; the last one a prefix."""
    return " ".join(f'"{word}"' for word in words) + "*"


def _postgres_text(query: str) -> str:
    """The query without accents, as the vectors have their words."""
    return _MARKS.sub("", unicodedata.normalize("NFD", query))
