from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guides", "0008_renamed_staff")]

    operations = [
        migrations.AddField(
            model_name="known", name="ended_at", field=models.DateTimeField(null=True)
        )
    ]
