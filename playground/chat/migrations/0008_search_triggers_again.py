"""SQLite drops a table's triggers when Django remakes it, as it did with the conversations for the migration before this one."""

from importlib import import_module

from django.db import migrations

search = import_module("playground.chat.migrations.0003_search")


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    for statement in search.sqlite_statements("chat_conversation", "title"):
        if statement.startswith("CREATE TRIGGER "):
            name = statement.split()[2]
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_faces_and_presets")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
