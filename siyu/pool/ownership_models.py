"""Whom a customer belongs to."""

from __future__ import annotations

from django.db import models


class Ownership(models.Model):
    """The member of staff a customer belongs to, as decided for one of his identities.

    weight: 0 he came first, 1 his kind of store goes first, 2 decided by a person, -1 he is no
    longer a friend and another took over. Of several
    (after a merge) the heaviest is in force, then the oldest. reason: a code of `OWN_REASONS`.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(unique=True)
    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    weight = models.SmallIntegerField(default=0)
    reason = models.CharField(max_length=16)
    since = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["staff", "customer_id"], name="ownership_staff"),)


class OwnershipChange(models.Model):
    """One change of hands. by: who decided it, "" for the rules; note: his reason."""

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    from_account = models.CharField(max_length=128, blank=True)
    from_staff = models.CharField(max_length=64, blank=True)
    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    reason = models.CharField(max_length=16)
    by = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
