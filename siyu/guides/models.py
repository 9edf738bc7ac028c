"""Staff, their daily counts, and the work list of pulls from the platforms."""

from __future__ import annotations

from django.db import models

from siyu.guides.care_models import BehaviourDay, BehaviourPull, Loss, Transfer, TransferItem
from siyu.guides.org_models import Post, Region, StaffFigures, Store

__all__ = [
    "BehaviourDay",
    "BehaviourPull",
    "DayCount",
    "Department",
    "Fetch",
    "Known",
    "Loss",
    "Post",
    "Region",
    "Staff",
    "StaffFigures",
    "StaffRename",
    "Store",
    "Sync",
    "Transfer",
    "TransferItem",
]


class Staff(models.Model):
    """A member of staff who may have customers, by the platform's id.

    name: as the platform or the imported organisation has it, "" while unknown. departments:
    remote ids, the first is the main one. employment: see `ports.directory`.
    """

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    name = models.CharField(max_length=64, blank=True, default="")
    position = models.CharField(max_length=128, blank=True, default="")
    departments = models.JSONField(default=list)
    employment = models.CharField(max_length=16, blank=True, default="")
    is_active = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "staff"], name="staff_once"),)


class StaffRename(models.Model):
    """A platform gave a member of staff another id. at: from when on."""

    account = models.CharField(max_length=128)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "before", "after", "at"], name="staffrename_once"
            ),
        )


class Department(models.Model):
    """A department of an account's directory. seen_at: when a pull last met it."""

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=64)
    name = models.CharField(max_length=128)
    parent_id = models.CharField(max_length=64, blank=True)
    position = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "remote_id"], name="department_once"),
        )


class DayCount(models.Model):
    """What one member of staff did on one day in Shanghai."""

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    day = models.DateField()
    added = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "staff", "day"], name="daycount_once"),
        )


class Fetch(models.Model):
    """A new friend whose profile is to be fetched.

    lease, lease_until: who works on it, until when (seconds of the machine's own clock).
    """

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=128)
    due_at = models.DateTimeField(db_index=True)
    tries = models.SmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "guides_fetch"
        constraints = (models.UniqueConstraint(fields=["account", "remote_id"], name="fetch_once"),)


class Known(models.Model):
    """A relation as the last pull or callback left it.

    fingerprint: of what the pull said of it, "" when only a callback told. sync_id: the last
    pull that met it. noted_at: when it was first heard of. ended_at: when the customer ended it,
    by a callback; a pull that still lists it then says nothing new.
    """

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    remote_id = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64, blank=True)
    sync_id = models.BigIntegerField(default=0)
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "staff", "remote_id"], name="known_once"),
        )
        indexes = (models.Index(fields=["account", "remote_id"], name="known_by_remote_id"),)


class Sync(models.Model):
    """One full pull of an account. state: `running`, `done`, `failed`.

    state `waiting`: begins when no other runs. is_partial: reads some sources only, because the
    platform told that they changed.
    sources: what it pulls, decided at its start; place: index of the one under way. parts: in
    which parts that one is read, null before it began; position: index of the part under way;
    cursor: its next page. notes: by source, what came of it.
    contacts: relations read; expected: how many there will be, 0 = unknown; changed: told to the
    pool because they were new or other than before; gone: no longer there. staff: whose
    relations it reads. next_at: not before (the shared clock).
    """

    account = models.CharField(max_length=128, db_index=True)
    state = models.CharField(max_length=16)
    is_partial = models.BooleanField(default=False)
    sources = models.JSONField(default=list)
    place = models.IntegerField(default=0)
    parts = models.JSONField(null=True)
    notes = models.JSONField(default=dict)
    expected = models.IntegerField(default=0)
    staff = models.JSONField(default=list)
    position = models.IntegerField(default=0)
    cursor = models.CharField(max_length=512, blank=True)
    pages = models.IntegerField(default=0)
    contacts = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    requested_by = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(state="running"),
                name="sync_one_running",
            ),
        )
