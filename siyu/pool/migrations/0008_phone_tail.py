from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pool', '0007_absent_staff'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(
                models.Func(
                    models.F('value'),
                    template='SUBSTR(%(expressions)s, LENGTH(%(expressions)s) - 3)',
                    output_field=models.CharField(),
                ),
                condition=models.Q(namespace='phone'),
                name='identity_phone_tail',
            ),
        ),
    ]
