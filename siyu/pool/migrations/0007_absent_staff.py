from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pool', '0006_remote_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='AbsentStaff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=128)),
                ('staff', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'staff'), name='absent_once')],
            },
        ),
    ]
