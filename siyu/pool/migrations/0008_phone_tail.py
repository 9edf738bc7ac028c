from django.db import migrations, models
from django.db.models.functions import Right


class Migration(migrations.Migration):

    dependencies = [
        ('pool', '0007_absent_staff'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(
                Right('value', 4),
                condition=models.Q(namespace='phone'),
                name='identity_phone_tail',
            ),
        ),
    ]
