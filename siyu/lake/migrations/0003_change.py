from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lake', '0002_moved_at'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=64)),
                ('key', models.BigIntegerField(null=True)),
                ('mark', models.BigIntegerField(db_index=True, null=True)),
            ],
        ),
    ]
