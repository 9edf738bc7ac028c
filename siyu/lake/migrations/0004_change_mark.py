from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lake', '0003_change'),
    ]

    operations = [
        migrations.AlterField(
            model_name='change',
            name='mark',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('mark__isnull', False)), fields=['mark'], name='change_mark'),
        ),
    ]
