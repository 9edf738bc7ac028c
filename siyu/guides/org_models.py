"""The brand's organisation: regions in a tree, stores in them, and who works where as what."""

from __future__ import annotations

from django.db import models


class Region(models.Model):
    """A region; parent null: one of the highest. `path` is the ids from the root, `/1/7/`."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    path = models.CharField(max_length=255, db_index=True)
    position = models.IntegerField(default=0)


class Store(models.Model):
    """A store or, with `is_online`, a team that serves customers without one.

    lat, lng: degrees of GCJ-02 as the maps of China show them, null when unknown. hours: text
    shown to people.
    """

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    city = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=200, blank=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    phone = models.CharField(max_length=32, blank=True)
    hours = models.CharField(max_length=64, blank=True)
    is_online = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class Post(models.Model):
    """A member of staff works in a store or leads a region; one of the two is set.

    role: `guide` or `store_manager` of a store, `regional_manager` of a region.
    """

    staff = models.ForeignKey("guides.Staff", on_delete=models.CASCADE)
    role = models.CharField(max_length=16)
    store = models.ForeignKey(Store, null=True, on_delete=models.CASCADE)
    region = models.ForeignKey(Region, null=True, on_delete=models.CASCADE)
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["staff", "store"],
                condition=models.Q(store__isnull=False),
                name="post_once_in_store",
            ),
            models.UniqueConstraint(
                fields=["staff", "region"],
                condition=models.Q(region__isnull=False),
                name="post_once_in_region",
            ),
        )


class StaffFigures(models.Model):
    """What one member of staff did in the last `days` days, counted now and then; see `Figures`.

    replied, reply_minutes: sums over conversations (percent / 100, minutes), for averages.
    """

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    days = models.SmallIntegerField()
    customers = models.IntegerField(default=0)
    owned = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)
    chats = models.IntegerField(default=0)
    replied = models.FloatField(default=0)
    reply_minutes = models.FloatField(default=0)
    negative = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    buyers = models.IntegerField(default=0)
    revenue_fen = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["days", "account", "staff"], name="stafffigures_once"),
        )
