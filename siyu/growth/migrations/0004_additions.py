from django.db import migrations, models
from django.db.models import Q


def keep_open_pages(apps, _schema):
    apps.get_model("growth", "LiveCode").objects.exclude(slug=None).update(is_open=True)


class Migration(migrations.Migration):

    dependencies = [
        ('growth', '0003_code_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='livecode',
            name='is_open',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(keep_open_pages, migrations.RunPython.noop),
        migrations.AddField(
            model_name='chore',
            name='is_remarked',
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveConstraint(
            model_name='codeadd',
            name='codeadd_once',
        ),
        migrations.AddConstraint(
            model_name='codeadd',
            constraint=models.UniqueConstraint(condition=Q(('lost_at__isnull', True)), fields=('identity_id', 'code', 'staff'), name='codeadd_open'),
        ),
    ]
