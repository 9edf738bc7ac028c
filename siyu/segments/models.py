"""Tables of segments: definitions, who is in them since when, and who must be looked at again."""

from __future__ import annotations

from django.db import models


class Segment(models.Model):
    """evaluated_on: the brand's day of the last full evaluation; days have changed since when

    it is older. judged_changed_id: the last row of `Changed` that evaluation knew. member_count:
    members now. version: grows with every change by a person.
    """

    name = models.CharField(max_length=64)
    definition = models.JSONField()
    is_archived = models.BooleanField(default=False)
    member_count = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    evaluated_on = models.DateField(null=True)
    judged_changed_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(is_archived=False), name="segment_name_once"
            ),
        )


class Membership(models.Model):
    """A stay of a customer in a segment; `valid_to` is null while it lasts."""

    id = models.BigAutoField(primary_key=True)
    segment_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(db_index=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    cause = models.CharField(max_length=96)
    left_cause = models.CharField(max_length=96, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["segment_id", "customer_id"],
                condition=models.Q(valid_to=None),
                name="member_once",
            ),
        )
        indexes = (models.Index(fields=["segment_id", "valid_from"], name="membership_from"),)


class Touched(models.Model):
    """A customer whose state changed, not yet looked at; `cause` says by what."""

    id = models.BigAutoField(primary_key=True)
    customer_id = models.BigIntegerField()
    cause = models.CharField(max_length=96)


class Changed(models.Model):
    """A customer that was looked at again because something changed; newer than the columns kept.

    Written by the one that evaluates, under its lock, so that ids commit in their order.
    """

    id = models.BigAutoField(primary_key=True)
    customer_id = models.BigIntegerField()


class Columns(models.Model):
    """The newest columns kept on disk. One row; `token` is renewed when they must be made anew.

    changed_id: the last row of `Changed` they include.
    """

    token = models.CharField(max_length=32)
    number = models.IntegerField(default=0)
    changed_id = models.BigIntegerField(default=0)


class Mark(models.Model):
    """How far the notes about a mirrored table have been read (`lake.changes`)."""

    name = models.CharField(max_length=64, primary_key=True)
    mark = models.BigIntegerField()
    at = models.DateTimeField()


class Due(models.Model):
    """When time alone may change whether a customer is in a segment (a sequence's span ends)."""

    id = models.BigAutoField(primary_key=True)
    segment_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["segment_id", "customer_id"], name="due_once"),
        )


class AudienceList(models.Model):
    """An uploaded list of people. segment_id: the segment that shows it; null while it is made."""

    segment_id = models.BigIntegerField(null=True, unique=True)
    created_at = models.DateTimeField()


class ListMember(models.Model):
    """A person on a list, through the identity the row was matched by (or his oldest one).

    It follows the identity through merge and unmerge. upload_id: the last upload that named him.
    """

    id = models.BigAutoField(primary_key=True)
    list_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    upload_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["list_id", "identity_id"], name="list_member_once"),
        )


class ListUpload(models.Model):
    """One upload. kind: `customer_id` or a namespace. counts: those of `list_types.UploadCounts`."""

    list_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    mode = models.CharField(max_length=16)
    counts = models.JSONField(default=dict)
    is_done = models.BooleanField(default=False)


class ListMiss(models.Model):
    """A line of an upload that found nobody; `shown` is masked."""

    id = models.BigAutoField(primary_key=True)
    upload_id = models.BigIntegerField(db_index=True)
    line = models.IntegerField()
    code = models.CharField(max_length=64)
    shown = models.CharField(max_length=64)
