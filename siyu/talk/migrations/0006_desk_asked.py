from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('talk', '0005_desk_is_ours'),
    ]

    operations = [
        migrations.AddField(
            model_name='desksession',
            name='asked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='desksession',
            index=models.Index(
                condition=models.Q(('state__in', ('queued', 'human'))),
                fields=['changed_at'],
                name='desksession_held',
            ),
        ),
    ]
