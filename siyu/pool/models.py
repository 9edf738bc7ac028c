"""Tables of the pool: identities, the edge log, customers, and what belongs to them.

Every belonging is unique per identity, never per customer, so that moving identities between
customers can never collide.
"""

from __future__ import annotations

from django.db import models

from siyu.pool.fields.models import CustomField, FieldValue, Observation
from siyu.pool.ownership_models import Ownership, OwnershipChange
from siyu.pool.ruling_models import Decision, PoisonEntry, Rebuild, RuleVersion

__all__ = [
    "CustomField",
    "Decision",
    "FieldValue",
    "Observation",
    "Ownership",
    "OwnershipChange",
    "PoisonEntry",
    "Rebuild",
    "RuleVersion",
]

PHONE_TAIL = 4
"""Digits at the end of a phone by which a customer can be looked for."""


def phone_tail() -> models.Func:
    """The end of an identity's value, in the very words of its index: without parameters, which
    SQLite does not compare with an index.
    """
    words = "SUBSTR(%(expressions)s, LENGTH(%(expressions)s) - 3)"
    return models.Func(models.F("value"), template=words, output_field=models.CharField())


class Epoch(models.Model):
    """One row; its value grows whenever a known identity changes hands. Guards memories."""

    value = models.BigIntegerField()


class Identity(models.Model):
    """One id of one person.

    birth_id: the customer id it came into the world with. A customer's id is the smallest birth
    id of its identities, so merging and splitting give the same ids back.
    degree, strong_degree: distinct (strong) identities it was ever linked to, not retracted.
    views: page and product views, counted up to three.
    is_crowded: more identities hang together around it than are recomputed at once.
    """

    namespace = models.CharField(max_length=32)
    scope = models.CharField(max_length=96)
    value = models.CharField(max_length=254)
    strength = models.CharField(max_length=8)
    customer_id = models.BigIntegerField(db_index=True)
    birth_id = models.BigIntegerField()
    degree = models.IntegerField(default=0)
    strong_degree = models.IntegerField(default=0)
    is_quarantined = models.BooleanField(default=False)
    source = models.CharField(max_length=160)
    platform = models.CharField(max_length=32)
    platforms = models.CharField(max_length=200)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    views = models.SmallIntegerField(default=0)
    is_crowded = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["value", "namespace", "scope"], name="identity_once"),
        )
        indexes = (
            models.Index(
                phone_tail(),
                condition=models.Q(namespace="phone"),
                name="identity_phone_tail",
            ),
        )


class Edge(models.Model):
    """One piece of evidence that two identities are one person's; a < b. Append-only.

    at: the earliest time it was seen. state: what the rules made of it.
    """

    a = models.BigIntegerField()
    b = models.BigIntegerField(db_index=True)
    evidence = models.CharField(max_length=160)
    source = models.CharField(max_length=160)
    strength = models.CharField(max_length=8)
    at = models.DateTimeField()
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=64, blank=True)
    retracted_at = models.DateTimeField(null=True)
    retracted_by = models.CharField(max_length=64, blank=True)
    retracted_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["a", "b", "source", "evidence"], name="edge_once"),
        )
        indexes = (
            models.Index(
                fields=["a"], condition=models.Q(retracted_by="unbound"), name="edge_unbound"
            ),
        )


class Customer(models.Model):
    """One person as the list page shows them; every column can be recomputed."""

    name = models.CharField(max_length=128, blank=True, default="")
    first_source = models.CharField(max_length=160, blank=True, default="")
    first_platform = models.CharField(max_length=32, blank=True, default="")
    platforms = models.CharField(max_length=200, blank=True, default="")
    stage = models.SmallIntegerField(default=0)
    owner_staff = models.CharField(max_length=64, blank=True, default="")
    order_count = models.IntegerField(default=0)
    refund_count = models.IntegerField(default=0)
    revenue_fen = models.BigIntegerField(default=0)
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    is_reachable = models.BooleanField(default=False)
    is_erased = models.BooleanField(default=False)

    class Meta:
        indexes = (
            models.Index(fields=["last_seen_at", "id"], name="customer_seen"),
            models.Index(fields=["name"], name="customer_name"),
        )


class CustomerAlias(models.Model):
    """An id a customer once had, and the id that stands for it now."""

    old_id = models.BigIntegerField(primary_key=True)
    new_id = models.BigIntegerField(db_index=True)


class Trait(models.Model):
    """The latest value of one field as told through one identity; `value` is JSON.

    value `null`: taken away. steps: JSON of `trait_steps.History`, "" where there are none.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField()
    field = models.CharField(max_length=64)
    value = models.TextField()
    source = models.CharField(max_length=160)
    at = models.DateTimeField()
    steps = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["identity_id", "field"], name="trait_once"),)
        indexes = (
            models.Index(
                fields=["identity_id"], condition=~models.Q(steps=""), name="trait_stepwise"
            ),
        )


class TagGroup(models.Model):
    """is_exclusive: a customer shows one tag of the group, the last by time."""

    name = models.CharField(max_length=64, unique=True)
    position = models.IntegerField(default=0)
    color = models.CharField(max_length=16, blank=True, default="")
    is_exclusive = models.BooleanField(default=False)


class Tag(models.Model):
    """expires_days: days a tag stays after it was last put on; expires_at: the end for everybody.

    merged_into: the tag that took its place. settle_after: carriers up to this customer id
    follow the expiry and exclusivity of now; null when all do.
    """

    group = models.ForeignKey(TagGroup, on_delete=models.CASCADE)
    name = models.CharField(max_length=64)
    is_archived = models.BooleanField(default=False)
    expires_days = models.IntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    merged_into = models.BigIntegerField(null=True)
    settle_after = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["group", "name"], name="tag_once"),)


class PlatformTag(models.Model):
    """A tag's id on a platform account. remote_group, remote_name: what it is called there, kept
    once it was renamed on either side; "" = as we call it.
    """

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=96)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)
    remote_group = models.CharField(max_length=64, blank=True, default="")
    remote_name = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "remote_id"], name="platform_tag_once"),
        )


class CustomerTag(models.Model):
    """A tag on a person. source: account and staff for platform tags, else who or what.

    last_at: when it was last put on, null when once. is_active: neither expired nor behind
    another tag of an exclusive group; see `tag_states.py`.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField()
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)
    origin = models.CharField(max_length=32)
    source = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "tag", "origin", "source"], name="customer_tag_once"
            ),
        )


class Relation(models.Model):
    """Our staff (or, with staff "", our account) and a customer.

    The three times are maxima, so the row is the same whatever the order of arrival.
    """

    account = models.CharField(max_length=128)
    platform = models.CharField(max_length=32)
    staff = models.CharField(max_length=64, blank=True)
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    is_friend = models.BooleanField(default=False)
    added_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    tags_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "staff", "identity_id"], name="relation_once"
            ),
        )
        indexes = (models.Index(fields=["staff", "customer_id"], name="relation_staff"),)


class AbsentStaff(models.Model):
    """A member of staff who left: his friendships are in force, but nobody writes there."""

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "staff"], name="absent_once"),)


class RelationChange(models.Model):
    """History of relations: added, synced, lost (by the customer), removed (by us)."""

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64, blank=True)
    identity_id = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "account", "staff", "kind", "at"], name="change_once"
            ),
        )


class Consent(models.Model):
    """What a person allowed or withdrew, per channel ("*": all) and purpose."""

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField()
    channel = models.CharField(max_length=64)
    purpose = models.CharField(max_length=16)
    is_granted = models.BooleanField()
    source = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "channel", "purpose"], name="consent_once"
            ),
        )


class StageEntry(models.Model):
    """When a stage of the flywheel was first reached through one identity."""

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField()
    stage = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["identity_id", "stage"], name="stage_once"),)


class ConflictEntry(models.Model):
    """The review queue: an edge the rules refused, or an identity they quarantined."""

    kind = models.CharField(max_length=16)
    edge_id = models.BigIntegerField(null=True, unique=True)
    identity_id = models.BigIntegerField(null=True, unique=True)
    namespace = models.CharField(max_length=32)
    at = models.DateTimeField()


class Tombstone(models.Model):
    """Keyed hash of an erased identity: late facts must not bring the person back."""

    hash = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()


class TagBatch(models.Model):
    """Tags put on or taken off many customers at once, by hand; can be taken back.

    done_after: customers up to this id are done. wanted: how many there were at the start.
    changed: tags put on, or rows taken off.
    """

    actor = models.CharField(max_length=64)
    is_removal = models.BooleanField()
    tag_ids = models.JSONField()
    filters = models.JSONField()
    wanted = models.IntegerField()
    done = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    done_after = models.BigIntegerField(default=0)
    state = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=64, blank=True)


class TakenTag(models.Model):
    """A row that a batch took off, kept so that the batch can be taken back."""

    batch_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    tag_id = models.BigIntegerField()
    origin = models.CharField(max_length=32)
    source = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
