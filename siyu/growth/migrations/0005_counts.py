from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('growth', '0004_additions'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='codeadd',
            index=models.Index(fields=['code', 'added_at', 'lost_at', 'spoke_at', 'staff'], name='codeadd_counts'),
        ),
        migrations.RemoveIndex(
            model_name='codeadd',
            name='codeadd_day',
        ),
    ]
