"""The database itself refuses to change an entry of the ledger."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER usage_entry_never_changes BEFORE UPDATE ON usage_ledgerentry
    BEGIN SELECT RAISE(ABORT, 'a ledger entry never changes: add a correction'); END""",
]
POSTGRES = [
    """CREATE FUNCTION usage_entry_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a ledger entry never changes: add a correction'; END $$""",
    """CREATE TRIGGER usage_entry_never_changes BEFORE UPDATE ON usage_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION usage_entry_never_changes()""",
]


def guard(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER usage_entry_never_changes ON usage_ledgerentry")
        schema_editor.execute("DROP FUNCTION usage_entry_never_changes()")
    else:
        schema_editor.execute("DROP TRIGGER usage_entry_never_changes")


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
