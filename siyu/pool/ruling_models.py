"""Tables of what people decide about identities: rules, blocked values, the review queue."""

from __future__ import annotations

from django.db import models


class Decision(models.Model):
    """What a person decided about an entry of the review queue; undoing keeps the row.

    effect_id: the edge (merge, apart) or the blocked value (block) that came of it.
    """

    kind = models.CharField(max_length=16)
    edge_id = models.BigIntegerField(null=True, db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    verdict = models.CharField(max_length=8)
    reason = models.CharField(max_length=200)
    effect_id = models.BigIntegerField(null=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=64, blank=True, default="")


class PoisonEntry(models.Model):
    """A value, or an RE2 pattern of values, that is nobody's. namespace "*": of any."""

    namespace = models.CharField(max_length=32)
    value = models.CharField(max_length=254)
    is_pattern = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["namespace", "value", "is_pattern"], name="poison_once"
            ),
        )


class RuleVersion(models.Model):
    """What was changed about the namespaces' rules; the latest row is in force.

    token: random, so that processes see a change. overrides: JSON by namespace.
    """

    token = models.CharField(max_length=32)
    kind = models.CharField(max_length=8)
    overrides = models.TextField()
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Rebuild(models.Model):
    """One recomputation of all customers, asked for or done. Times of its work, not of people.

    overrides: JSON of the rules it is reckoned with; null: those in force. is_preview: nothing
    is written. state: queued, running, done or failed. report: JSON.
    """

    is_preview = models.BooleanField()
    overrides = models.TextField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=8)
    progress = models.TextField(default="{}")
    report = models.TextField(default="{}")
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
