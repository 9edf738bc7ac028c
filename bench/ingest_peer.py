"""The same job the ordinary way: a Django view, the ORM, one transaction an event.

`PEER_FOLDER=DIR granian --interface wsgi ingest_peer:application` serves it; the database is a new
SQLite file in DIR with the same durability as Siyu's (WAL, synchronous=FULL).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path


def configure(folder: Path) -> None:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "peer.db"),
                "CONN_MAX_AGE": 600,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 30,
                    "init_command": pragmas,
                },
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


configure(Path(os.environ["PEER_FOLDER"]))

from django.db import connection, models, transaction  # noqa: E402 - settings come first


class Customer(models.Model):
    last_seen_at = models.CharField(max_length=40)

    class Meta:
        app_label = "peer"


class Identity(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    namespace = models.CharField(max_length=32)
    value = models.CharField(max_length=254)

    class Meta:
        app_label = "peer"
        unique_together = (("namespace", "value"),)


class Event(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    message_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=100, db_index=True)
    at = models.CharField(max_length=40, db_index=True)
    properties = models.JSONField()

    class Meta:
        app_label = "peer"


def identities_of(item: dict) -> list[tuple[str, str]]:
    found = [("user_id", item["userId"]), ("anonymous_id", item["anonymousId"])]
    return found + [(each["type"], each["id"]) for each in item["context"]["externalIds"]]


def store(item: dict) -> bool:
    """One event in one transaction; False when it was known."""
    with transaction.atomic():
        if Event.objects.filter(message_id=item["messageId"]).exists():
            return False
        wanted = identities_of(item)
        known = []
        for namespace, value in wanted:
            row = Identity.objects.filter(namespace=namespace, value=value).first()
            if row is not None:
                known.append(row)
        if known:
            customer = min((row.customer for row in known), key=lambda each: each.pk)
        else:
            customer = Customer.objects.create()
        others = {row.customer_id for row in known} - {customer.pk}
        if others:
            Event.objects.filter(customer_id__in=others).update(customer=customer)
            Identity.objects.filter(customer_id__in=others).update(customer=customer)
            Customer.objects.filter(pk__in=others).delete()
        have = {(row.namespace, row.value) for row in known}
        for namespace, value in wanted:
            if (namespace, value) not in have:
                Identity.objects.create(customer=customer, namespace=namespace, value=value)
        customer.last_seen_at = item["timestamp"]
        customer.save()
        Event.objects.create(
            customer=customer,
            message_id=item["messageId"],
            name=item.get("event", item["type"]),
            at=item["timestamp"],
            properties=item.get("properties", {}),
        )
    return True


def batch(request: HttpRequest) -> JsonResponse:
    items = json.loads(request.body)["batch"]
    accepted = sum(store(item) for item in items)
    answer = JsonResponse({"accepted": accepted, "duplicate": len(items) - accepted})
    answer["Content-Length"] = str(len(answer.content))
    return answer


urlpatterns = [path("v1/batch", batch)]
application = get_wsgi_application()
with connection.schema_editor() as editor:
    for model in (Customer, Identity, Event):
        editor.create_model(model)
