"""FTS5 on SQLite takes the beginning of a very long text, as PostgreSQL does (0003).

It holds all words of a row in memory until the row is done: 150 MB for an answer of 8 MB, while the write lock is held.
"""

from django.db import migrations

INDEXED_CHARACTERS = 250_000


def make(schema_editor, start: str) -> None:
    """The triggers anew, and the index from what is there. `start` is what is indexed of a row, as a pattern."""
    index, new, old = "chat_message_search", start.format("new.text"), start.format("old.text")
    add = f"INSERT INTO {index}(rowid, text) VALUES (new.id, {new});"
    drop = f"INSERT INTO {index}({index}, rowid, text) VALUES ('delete', old.id, {old});"
    for event, words in (("insert", ""), ("delete", ""), ("update", " OF text")):
        body = {"insert": add, "delete": drop, "update": f"{drop} {add}"}[event]
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {index}_{event}", params=None)
        schema_editor.execute(
            f"CREATE TRIGGER {index}_{event} AFTER {event.upper()}{words} ON chat_message BEGIN {body} END", params=None
        )
    schema_editor.execute(f"INSERT INTO {index}({index}) VALUES ('delete-all')", params=None)
    schema_editor.execute(
        f"INSERT INTO {index}(rowid, text) SELECT id, {start.format('text')} FROM chat_message", params=None
    )


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        make(schema_editor, f"substr({{}}, 1, {INDEXED_CHARACTERS})")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        make(schema_editor, "{}")


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_search")]

    operations = [migrations.RunPython(forwards, backwards)]
