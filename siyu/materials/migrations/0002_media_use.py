from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("materials", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="media", name="media_once"),
        migrations.AddField(
            model_name="media",
            name="use",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.UniqueConstraint(
                fields=("material", "account", "use"), name="media_once_a_use"
            ),
        ),
    ]
