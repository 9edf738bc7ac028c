from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0003_columns_and_due'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('mark', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
        ),
    ]
