"""Rewards and their ledger, guide cards, and days compared with the platform's bill."""

from __future__ import annotations

from django.db import models


class Reward(models.Model):
    """Money for one customer. `bill_no` is the platform's key to it and never used twice.

    state: see `types.RewardState`. request_key makes a repeated request the same one. is_doubtful:
    the platform said something else than we asked for; a person must look.
    """

    account = models.CharField(max_length=128)
    bill_no = models.CharField(max_length=32, unique=True)
    request_key = models.CharField(max_length=64, unique=True)
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    recipient = models.CharField(max_length=128)
    amount_fen = models.BigIntegerField()
    activity = models.CharField(max_length=32)
    reason = models.CharField(max_length=64)
    remark = models.CharField(max_length=32)
    state = models.CharField(max_length=16)
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    remote_id = models.CharField(max_length=64, blank=True)
    package = models.TextField(blank=True)
    error = models.CharField(max_length=200, blank=True)
    is_doubtful = models.BooleanField(default=False)
    misses = models.IntegerField(default=0)
    sends = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["state", "next_at"], name="reward_due"),
            models.Index(fields=["requested_at", "id"], name="reward_day"),
        )


class LedgerRow(models.Model):
    """One side of a movement. The rows of one (reward, entry) add up to 0."""

    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="rows")
    entry = models.CharField(max_length=16)
    book = models.CharField(max_length=16)
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["reward", "entry", "book"], name="ledger_row_once"),
        )


class RewardLimit(models.Model):
    """How much an account may give, in fen."""

    account = models.CharField(max_length=128, unique=True)
    per_reward_fen = models.BigIntegerField()
    per_customer_day_fen = models.BigIntegerField()
    per_staff_day_fen = models.BigIntegerField()
    per_day_fen = models.BigIntegerField()


class CardGuide(models.Model):
    """A guide whose card may be shown. state: what his code's additions carry."""

    account = models.CharField(max_length=128)
    guide_id = models.CharField(max_length=64)
    store_id = models.CharField(max_length=64)
    userid = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    qr_code = models.CharField(max_length=512)
    state = models.CharField(max_length=64, blank=True, db_index=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "store_id", "userid"], name="card_guide_once"
            ),
        )


class CardOrder(models.Model):
    """An order a guide is assigned to, and what came of it.

    identity_id, customer_id: the payer. added_by: `identity` when the friend is known to be the
    payer, `code` when only guide and time fit. checked_at: when the platform is asked next.
    """

    account = models.CharField(max_length=128)
    order_no = models.CharField(max_length=128)
    guide = models.ForeignKey(CardGuide, on_delete=models.PROTECT)
    expected_fen = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    assigned_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    paid_at = models.DateTimeField(null=True)
    paid_fen = models.BigIntegerField(null=True)
    is_mismatch = models.BooleanField(default=False)
    customer_id = models.BigIntegerField(null=True, db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    added_at = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=16, blank=True)
    added_customer_id = models.BigIntegerField(null=True, db_index=True)
    bought_at = models.DateTimeField(null=True)
    bought_fen = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "order_no"], name="card_order_once"),
        )
        indexes = (
            models.Index(fields=["next_at"], name="card_order_due"),
            models.Index(fields=["created_at"], name="card_order_day"),
        )


class BillCheck(models.Model):
    """One past day of one account, compared with the platform's bill.

    recovered: payments and refunds that callbacks had failed to say; mismatched: orders known
    with another amount. state: done, empty (no bill), failed.
    """

    account = models.CharField(max_length=128)
    day = models.DateField()
    state = models.CharField(max_length=16)
    payments = models.IntegerField(default=0)
    refunds = models.IntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    recovered = models.IntegerField(default=0)
    mismatched = models.JSONField(default=list)
    error = models.CharField(max_length=200, blank=True)
    tries = models.IntegerField(default=0)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "day"], name="bill_check_once"),)
