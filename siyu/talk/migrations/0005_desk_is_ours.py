from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('talk', '0004_desks'),
    ]

    operations = [
        migrations.AddField(
            model_name='desk',
            name='is_ours',
            field=models.BooleanField(default=True),
        ),
    ]
