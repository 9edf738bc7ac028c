from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('writeback', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='NameWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=128)),
                ('state', models.CharField(blank=True, default='', max_length=8)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('tries', models.SmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('lease', models.CharField(blank=True, default='', max_length=32)),
                ('lease_until', models.FloatField(default=0)),
                ('group_id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('target_id', models.BigIntegerField()),
                ('before', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, max_length=64)),
                ('tried', models.CharField(blank=True, default='', max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='name_wish_due')],
                'constraints': [models.UniqueConstraint(fields=('account', 'kind', 'target_id'), name='name_wish_once')],
            },
        ),
    ]
