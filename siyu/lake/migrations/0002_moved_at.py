from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lake', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='identityowner',
            name='moved_at',
            field=models.DateTimeField(null=True),
        ),
    ]
