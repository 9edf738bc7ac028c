"""Tables of the lake that live in the state store: what is on its way to the history."""

from __future__ import annotations

from django.db import models


class PendingEvent(models.Model):
    """An event not yet in the history. `id` grows for ever and becomes the event id.

    Times are milliseconds since the epoch, `properties` JSON without personal data.
    """

    id = models.BigAutoField(primary_key=True)
    customer_id = models.BigIntegerField()
    identity_id = models.BigIntegerField(null=True, db_index=True)
    name = models.TextField()
    occurred_ms = models.BigIntegerField()
    received_ms = models.BigIntegerField()
    source = models.TextField()
    platform = models.TextField()
    account = models.TextField()
    staff = models.TextField()
    message_hash = models.BigIntegerField()
    properties = models.TextField()


class IdentityOwner(models.Model):
    """To whom the events of an identity belong since it moved; overrides what was written."""

    identity_id = models.BigIntegerField(primary_key=True)
    customer_id = models.BigIntegerField(db_index=True)
    moved_at = models.DateTimeField(null=True)


class Erasure(models.Model):
    """An identity whose history must go; the row stays until the files are rewritten."""

    identity_id = models.BigIntegerField(primary_key=True)
    requested_at = models.DateTimeField()


class WriterState(models.Model):
    """What the one writer remembers: `writer_id`, the name of this state store in the history."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()


class Change(models.Model):
    """A key of a mirrored table's source that changed; written by triggers.

    key: null when anything in the table may have changed. mark: the transaction, on PostgreSQL.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=64)
    key = models.BigIntegerField(null=True)
    mark = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["mark"], condition=models.Q(mark__isnull=False), name="change_mark"
            ),
        )
