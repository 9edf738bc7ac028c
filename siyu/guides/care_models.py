"""Customers changing hands, customers lost, and the platform's own figures of the staff's work."""

from __future__ import annotations

from django.db import models


class Transfer(models.Model):
    """Customers and groups of one member of staff asked to go to another.

    has_left: the giver has left the company. state: `running`, `done`, `stopped`. stopped_at: no
    more is asked for. next_at, tries, lease, lease_until, error: as those of `Sync`.
    """

    account = models.CharField(max_length=128)
    giver = models.CharField(max_length=64)
    taker = models.CharField(max_length=64)
    has_left = models.BooleanField()
    message = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16, db_index=True)
    requested_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)
    error = models.CharField(max_length=200, blank=True)


class TransferItem(models.Model):
    """One customer or group of a transfer.

    state: `planned`, `asked`, `done`, `refused` (by the customer), `full`, `failed` (the platform
    would not), `unknown`. code, reason: why not. asked_at: when the platform accepted it.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE)
    is_group = models.BooleanField(default=False)
    remote_id = models.CharField(max_length=128)
    customer_id = models.BigIntegerField(null=True, db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    state = models.CharField(max_length=16)
    code = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["transfer", "is_group", "remote_id"], name="transferitem_once"
            ),
        )
        indexes = (models.Index(fields=["transfer", "state"], name="transferitem_state"),)


class Loss(models.Model):
    """A friendship that ended. is_ours: our staff ended it, else the customer did.

    days: it lasted, null when nobody knows. told_at: the people concerned were told at once.
    """

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField()
    is_ours = models.BooleanField()
    days = models.IntegerField(null=True)
    lost_at = models.DateTimeField(db_index=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "account", "staff", "lost_at"], name="loss_once"
            ),
        )


class BehaviourDay(models.Model):
    """The platform's own figures of one member of staff on one day; see `ports.behaviour`."""

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    day = models.DateField()
    applies = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    chats = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)
    reply_percent = models.FloatField(null=True)
    first_reply_minutes = models.FloatField(null=True)
    negative = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "staff", "day"], name="behaviourday_once"),
        )
        indexes = (models.Index(fields=["day"], name="behaviourday_day"),)


class BehaviourPull(models.Model):
    """Through which day the figures of a member of staff were pulled, and when it failed."""

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    through = models.DateField()
    next_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "staff"], name="behaviourpull_once"),
        )
