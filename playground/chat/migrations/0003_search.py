"""Full text search: FTS5 tables and their triggers on SQLite, generated text vectors and their indexes on PostgreSQL.

The FTS5 tables hold no copy of the texts (external content); triggers on the tables they index keep them in step. SQLite drops
triggers when Django remakes a table: a later migration that does must make these again. A test notices.

PostgreSQL computes the vector when the text is written, so that a search reads no texts. Its words are those that FTS5 finds:
runs of letters and digits, in lower case and without accents. chat/search.py reads a query the same way.
"""

from django.db import migrations

INDEXED = [("chat_message", "text"), ("chat_conversation", "title")]


def sqlite_statements(table: str, column: str) -> list[str]:
    index = f"{table}_search"
    add = f"INSERT INTO {index}(rowid, {column}) VALUES (new.id, new.{column});"
    drop = f"INSERT INTO {index}({index}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5({column}, content='{table}', content_rowid='id',"
        " tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {drop} END",
        f"CREATE TRIGGER {index}_update AFTER UPDATE OF {column} ON {table} BEGIN {drop} {add} END",
        f"INSERT INTO {index}({index}) VALUES ('rebuild')",
    ]


def postgres_statements(table: str, column: str) -> list[str]:
    # A text vector holds at most 1 MB and a character of it takes 4 bytes at most: the beginning of a very long text is found.
    start = f"left({column}, 250000)"
    # Plain ASCII, which is most of what there is, has as many bytes as characters and no accents to take off.
    plain = f"regexp_replace(normalize({start}, NFD), '[\\u0300-\\u036f]', '', 'g')"
    text = f"CASE WHEN octet_length({column}) = length({column}) THEN {start} ELSE left({plain}, 250000) END"
    return [
        f"ALTER TABLE {table} ADD COLUMN search tsvector"
        f" GENERATED ALWAYS AS (to_tsvector('simple', regexp_replace({text}, '[^[:alnum:]]', ' ', 'g'))) STORED",
        f"CREATE INDEX {table}_search ON {table} USING gin (search)",
    ]


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table, column in INDEXED:
            for statement in sqlite_statements(table, column):
                schema_editor.execute(statement, params=None)
    elif schema_editor.connection.vendor == "postgresql":
        for table, column in INDEXED:
            for statement in postgres_statements(table, column):
                schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table, _column in INDEXED:
            for event in ("insert", "delete", "update"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_search_{event}", params=None)
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}_search", params=None)
    elif schema_editor.connection.vendor == "postgresql":
        for table, _column in INDEXED:
            schema_editor.execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS search", params=None)


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_deleted_messages_and_request_ids")]

    operations = [migrations.RunPython(forwards, backwards)]
