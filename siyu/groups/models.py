"""Groups and the stays of people in them. Names are personal and live here only."""

from __future__ import annotations

from django.db import models

from siyu.groups.code_models import GroupCode, Invitation, Invitee, KeywordDay, KeywordPage

__all__ = [
    "Group",
    "GroupCode",
    "Invitation",
    "Invitee",
    "KeywordDay",
    "KeywordPage",
    "Label",
    "OwnerDay",
    "Stay",
    "Welcome",
]


class Group(models.Model):
    """A customer group.

    member_count, customer_count: members shown by the platform, and those of them who are no
    staff. read_at: when it was last read whole; due_at: when it is to be read again, None = not.
    listed_at: the last pull that met it. lease, lease_until: who reads it now.
    """

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    owner = models.CharField(max_length=64, blank=True, db_index=True)
    notice = models.TextField(blank=True)
    admins = models.JSONField(default=list)
    created_at = models.DateTimeField(null=True)
    version = models.CharField(max_length=64, blank=True)
    member_count = models.IntegerField(default=0)
    customer_count = models.IntegerField(default=0)
    dismissed_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    tries = models.SmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "remote_id"], name="group_once"),)


class Stay(models.Model):
    """One member in one group from joined_at to left_at (None: still there).

    customer_id, identity_id: of the pool's customer; None for staff and outsiders. identities:
    [[namespace, scope, value], …] of somebody who is no staff. is_join_told, is_leave_told:
    whether the fact is in the inbox.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, db_index=False)
    remote_id = models.CharField(max_length=64, db_index=True)
    is_staff = models.BooleanField(default=False)
    customer_id = models.BigIntegerField(null=True, db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    identities = models.JSONField(default=list)
    name = models.CharField(max_length=128, blank=True)
    joined_at = models.DateTimeField()
    join_kind = models.CharField(max_length=16)
    state = models.CharField(max_length=64, blank=True, db_index=True)
    invitor = models.CharField(max_length=64, blank=True)
    left_at = models.DateTimeField(null=True)
    leave_kind = models.CharField(max_length=16, blank=True)
    is_join_told = models.BooleanField(default=False)
    is_leave_told = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["group", "remote_id", "joined_at"], name="stay_once"),
        )
        indexes = (
            models.Index(fields=["group", "left_at"], name="stay_present"),
            models.Index(
                fields=["id"],
                condition=models.Q(customer_id__isnull=False)
                & (
                    models.Q(is_join_told=False)
                    | models.Q(is_leave_told=False, left_at__isnull=False)
                ),
                name="stay_untold",
            ),
        )


class OwnerDay(models.Model):
    """The platform's own counts of one owner's groups on one day; None where it does not tell."""

    account = models.CharField(max_length=128)
    owner = models.CharField(max_length=64)
    day = models.DateField()
    groups = models.IntegerField(default=0)
    new_groups = models.IntegerField(default=0)
    members = models.IntegerField(default=0)
    new_members = models.IntegerField(default=0)
    speakers = models.IntegerField(null=True)
    messages = models.IntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "owner", "day"], name="ownerday_once"),
        )


class Label(models.Model):
    """A tag on a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=30, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["group", "name"], name="label_once"),)


class Welcome(models.Model):
    """Words that greet who enters a group. owners: staff who are to choose it in the client."""

    account = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    attachment = models.JSONField(null=True)
    owners = models.JSONField(default=list)
    remote_id = models.CharField(max_length=128)
    created_at = models.DateTimeField()
