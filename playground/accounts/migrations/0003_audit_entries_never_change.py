"""The database itself refuses to change an entry of the audit log."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER accounts_audit_never_changes BEFORE UPDATE ON accounts_auditentry
    BEGIN SELECT RAISE(ABORT, 'an entry of the audit log never changes'); END""",
]
POSTGRES = [
    """CREATE FUNCTION accounts_audit_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'an entry of the audit log never changes'; END $$""",
    """CREATE TRIGGER accounts_audit_never_changes BEFORE UPDATE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_never_changes()""",
]


def guard(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER accounts_audit_never_changes ON accounts_auditentry")
        schema_editor.execute("DROP FUNCTION accounts_audit_never_changes()")
    else:
        schema_editor.execute("DROP TRIGGER accounts_audit_never_changes")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_roles_invitations_audit")]
    operations = [migrations.RunPython(guard, unguard)]
