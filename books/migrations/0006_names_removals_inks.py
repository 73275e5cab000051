"""Conversations can be removed and know who named them; the fourth ink is called what it is."""

from django.db import migrations, models

# Nobody knows who gave a title before: none of them is written over.
NAMED = "UPDATE books_conversation SET named_by = 'reader'"
LILAC = "UPDATE books_annotation SET colour = 'lilac' WHERE colour = 'green'"
GREEN = "UPDATE books_annotation SET colour = 'green' WHERE colour = 'lilac'"


class Migration(migrations.Migration):
    dependencies = [("books", "0005_branches")]
    operations = [
        migrations.AddField(
            "conversation",
            "named_by",
            models.CharField(
                blank=True, choices=[("reader", "Reader"), ("model", "Language model")], default="", max_length=8
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "conversation", "removed_at", models.DateTimeField(blank=True, db_index=True, null=True)
        ),
        migrations.AlterField(
            "annotation",
            "colour",
            models.CharField(
                choices=[("yellow", "Yellow"), ("blue", "Blue"), ("pink", "Pink"), ("lilac", "Lilac")],
                default="yellow",
                max_length=12,
            ),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.RunSQL(LILAC, GREEN),
    ]
