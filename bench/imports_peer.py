"""The ordinary way: an ORM loop with `bulk_create` into customers and identities. Prints rows/s.

A phone that two people have is left with the first.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import django
from django.conf import settings

AT_ONCE = 5_000
ZONE = ZoneInfo("Asia/Shanghai")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings.configure(
            DATABASES={
                "default": {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": f"{folder}/peer.db",
                    "OPTIONS": {
                        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    },
                }
            },
            INSTALLED_APPS=[],
            USE_TZ=True,
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        )
        django.setup()
        print(run(Path(sys.argv[1])))


def run(path: Path) -> float:
    from django.db import connection, models, transaction

    class Customer(models.Model):
        name = models.CharField(max_length=128)
        city = models.CharField(max_length=64)
        created_at = models.DateTimeField(db_index=True)

        class Meta:
            app_label = "peer"

    class Identity(models.Model):
        customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
        namespace = models.CharField(max_length=32)
        value = models.CharField(max_length=254)

        class Meta:
            app_label = "peer"
            unique_together = (("value", "namespace"),)

    with connection.schema_editor() as editor:
        editor.create_model(Customer)
        editor.create_model(Identity)
    began, count = time.perf_counter(), 0
    with path.open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        while part := [row for _, row in zip(range(AT_ONCE), rows, strict=False)]:
            with transaction.atomic():
                people = Customer.objects.bulk_create(
                    Customer(
                        name=row["姓名"],
                        city=row["城市"],
                        created_at=datetime.fromisoformat(row["注册时间"]).replace(tzinfo=ZONE),
                    )
                    for row in part
                )
                Identity.objects.bulk_create(
                    (
                        Identity(customer=who, namespace=kind, value=row[column])
                        for who, row in zip(people, part, strict=True)
                        for kind, column in (("phone", "手机号"), ("import_id", "会员编号"))
                    ),
                    ignore_conflicts=True,
                )
            count += len(part)
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
