from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pool", "0002_steps_and_unbindings")]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="is_crowded",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("edge_id", models.BigIntegerField(db_index=True, null=True)),
                ("identity_id", models.BigIntegerField(db_index=True, null=True)),
                ("verdict", models.CharField(max_length=8)),
                ("reason", models.CharField(max_length=200)),
                ("effect_id", models.BigIntegerField(null=True)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.CharField(blank=True, default="", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="PoisonEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("namespace", models.CharField(max_length=32)),
                ("value", models.CharField(max_length=254)),
                ("is_pattern", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(fields=("namespace", "value", "is_pattern"), name="poison_once"),
                ),
            },
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=8)),
                ("overrides", models.TextField()),
                ("reason", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Rebuild",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_preview", models.BooleanField()),
                ("overrides", models.TextField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("state", models.CharField(max_length=8)),
                ("progress", models.TextField(default="{}")),
                ("report", models.TextField(default="{}")),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
