import django.contrib.postgres.fields
from django.db import migrations, models

import books.models


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="posting",
            name="held",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="posting",
            name="weights",
            field=django.contrib.postgres.fields.ArrayField(base_field=books.models.Real(), size=None),
        ),
    ]
