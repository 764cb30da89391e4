"""Full text search: FTS5 tables and their triggers on SQLite, text vector indexes on PostgreSQL.

The FTS5 tables hold no copy of the texts (external content); triggers on the tables they index keep them in step. SQLite drops
triggers when Django remakes a table: a later migration that does must make these again. A test notices.
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


def postgres_statements() -> list[str]:
    # A text vector holds at most 1 MB: the beginning of a very long text is what can be found.
    return [
        "CREATE INDEX chat_message_search ON chat_message"
        " USING gin (to_tsvector('simple', left(text, 250000)))",
        "CREATE INDEX chat_conversation_search ON chat_conversation USING gin (to_tsvector('simple', title))",
    ]


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table, column in INDEXED:
            for statement in sqlite_statements(table, column):
                schema_editor.execute(statement, params=None)
    elif schema_editor.connection.vendor == "postgresql":
        for statement in postgres_statements():
            schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table, _column in INDEXED:
            for event in ("insert", "delete", "update"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_search_{event}", params=None)
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}_search", params=None)
    elif schema_editor.connection.vendor == "postgresql":
        for table, _column in INDEXED:
            schema_editor.execute(f"DROP INDEX IF EXISTS {table}_search", params=None)


class Migration(migrations.Migration):

    dependencies = [("chat", "0002_deleted_messages_and_request_ids")]

    operations = [migrations.RunPython(forwards, backwards)]
