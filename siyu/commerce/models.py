"""Orders and refunds."""

from __future__ import annotations

from django.db import models


class Order(models.Model):
    """One order of one source; a cancelled invoice of a file is a row with `amount_fen` 0.

    `stated_refund_fen` is what a file says was refunded; refund facts are kept in `Refund` and
    `refund_fen` is settled from both. `net_fen = amount_fen - refund_fen`. `lines` is JSON text:
    a list of `{sku, name, quantity, unit_price}` with unit_price as decimal text. `content_hash`
    tells a repeated import from a changed row. `changed_at`: when a later file last changed it.
    """

    source = models.CharField(max_length=96)
    order_no = models.CharField(max_length=128)
    customer_id = models.BigIntegerField(null=True, db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    placed_at = models.DateTimeField()
    amount_fen = models.BigIntegerField()
    stated_refund_fen = models.BigIntegerField(default=0)
    refund_fen = models.BigIntegerField(default=0)
    net_fen = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="CNY")
    item_count = models.BigIntegerField(default=0)
    status = models.CharField(max_length=16)
    platform = models.CharField(max_length=32)
    shop = models.CharField(max_length=128, blank=True, default="")
    country = models.CharField(max_length=64, blank=True, default="")
    lines = models.TextField(default="[]")
    content_hash = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source", "order_no"], name="commerce_order_once"),
        )
        indexes = (
            models.Index(fields=["placed_at", "id"], name="commerce_order_placed"),
            models.Index(fields=["customer_id", "placed_at"], name="commerce_order_person"),
        )


class Refund(models.Model):
    """One refund fact; it may be known before its order. `amount_fen` null = all that is left."""

    source = models.CharField(max_length=96)
    refund_no = models.CharField(max_length=160)
    order_no = models.CharField(max_length=128)
    at = models.DateTimeField()
    amount_fen = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source", "refund_no"], name="commerce_refund_once"),
        )
        indexes = (models.Index(fields=["source", "order_no"], name="commerce_refund_order"),)
