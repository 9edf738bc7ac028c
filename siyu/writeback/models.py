"""Switches, what each platform has, and what it shall have and be called."""

from __future__ import annotations

from django.db import models


class SyncedGroup(models.Model):
    """Tags of this group are kept equal on an account. walked: customers up to this id were
    compared since it was switched on, null = all.
    """

    account = models.CharField(max_length=128)
    group_id = models.BigIntegerField()
    is_on = models.BooleanField(default=True)
    walked = models.BigIntegerField(null=True, default=0)
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "group_id"], name="synced_group_once"),
        )


class ChangedCustomer(models.Model):
    """Somebody whose tags or relations changed since they were last compared."""

    customer_id = models.BigIntegerField(primary_key=True)


class Queued(models.Model):
    """A wish in the queue. state: "" = nothing to do, `waiting`, `refused` (see reason)."""

    account = models.CharField(max_length=128)
    state = models.CharField(max_length=8, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.FloatField(default=0)

    class Meta:
        abstract = True


class NameWish(Queued):
    """What a tag or a group shall be called on an account; see `naming.py`.

    kind, target_id: `tag` or `group`, and our id of it. before: what it was called here; name:
    what it is called now, "" = it is archived and shall be deleted there. tried: the name that
    was last sent. state: also `yielded` = it was renamed there meanwhile, which stands.
    """

    group_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    target_id = models.BigIntegerField()
    before = models.CharField(max_length=64)
    name = models.CharField(max_length=64, blank=True)
    tried = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "kind", "target_id"], name="name_wish_once"),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="name_wish_due"),)


class Work(Queued):
    """A wish about a relation. account, staff, identity_id: whose. remote_id: the customer's id
    there.
    """

    staff = models.CharField(max_length=64)
    identity_id = models.BigIntegerField(db_index=True)
    remote_id = models.CharField(max_length=128)

    class Meta:
        abstract = True


class RelationTag(Work):
    """One tag of one relation. is_remote: whether the platform has it, as far as we know;
    by_us: because we put it there. known_at: when that was so (ms). wanted: what it shall be,
    null when nothing is wished.
    """

    tag_id = models.BigIntegerField()
    is_remote = models.BooleanField(default=False)
    by_us = models.BooleanField(default=False)
    known_at = models.BigIntegerField(default=0)
    wanted = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "staff", "identity_id", "tag_id"], name="relation_tag_once"
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="relation_tag_due"),)


class Remark(Work):
    """What a member of staff calls a customer. mobiles: as staff typed them. wanted: the fields
    to be written, null when nothing is wished. known_at: ms.
    """

    customer_id = models.BigIntegerField(db_index=True)
    remark = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=200, blank=True)
    company = models.CharField(max_length=64, blank=True)
    mobiles = models.JSONField(default=list)
    known_at = models.BigIntegerField(default=0)
    wanted = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "staff", "identity_id"], name="remark_once"),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="remark_due"),)
