from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pool', '0005_ownership'),
    ]

    operations = [
        migrations.AddField(
            model_name='platformtag',
            name='remote_group',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='platformtag',
            name='remote_name',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
    ]
