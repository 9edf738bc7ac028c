"""Store codes: one picture for all stores."""

from __future__ import annotations

from django.db import models


class StoreCode(models.Model):
    """A page at /p/s/<slug> that leads a customer to the nearest store's code.

    radius_m: how far a store may be. fallback: shown when none is near.
    """

    name = models.CharField(max_length=64)
    account = models.CharField(max_length=128)
    slug = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=64)
    text = models.CharField(max_length=300, blank=True)
    radius_m = models.IntegerField(default=5000)
    fallback = models.ForeignKey("growth.LiveCode", null=True, on_delete=models.SET_NULL)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class StoreCodeEntry(models.Model):
    """Which code one store shows: a live code of its guides, or a group code's page."""

    store_code = models.ForeignKey(StoreCode, on_delete=models.CASCADE)
    store_id = models.BigIntegerField()
    code = models.ForeignKey("growth.LiveCode", null=True, on_delete=models.CASCADE)
    group_code_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["store_code", "store_id"], name="storecode_once"),
        )
