"""The table was made by the app that showed images first; only who it belongs to is new."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("chat", "0005_opened_by_an_admin")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Blob",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("sha256", models.CharField(max_length=64, unique=True)),
                        ("media_type", models.CharField(max_length=20)),
                        ("width", models.PositiveIntegerField()),
                        ("height", models.PositiveIntegerField()),
                        ("byte_size", models.PositiveIntegerField()),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={"db_table": "chat_blob"},
                ),
            ],
        ),
    ]
