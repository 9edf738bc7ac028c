from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('growth', '0002_plans'),
    ]

    operations = [
        migrations.AddField(
            model_name='livecode',
            name='gone_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='livecode',
            name='listed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='ForeignCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=128)),
                ('remote_id', models.CharField(max_length=128)),
                ('name', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(blank=True, max_length=64)),
                ('staff', models.JSONField(default=list)),
                ('departments', models.JSONField(default=list)),
                ('picture_url', models.CharField(blank=True, max_length=512)),
                ('is_accepted', models.BooleanField(default=True)),
                ('listed_at', models.DateTimeField()),
                ('read_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'remote_id'), name='foreigncode_once')],
            },
        ),
    ]
