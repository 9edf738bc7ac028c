"""Tables of broadcasts."""

from __future__ import annotations

from django.db import models


class Broadcast(models.Model):
    """content: `{text, attachments}` as people write them. audience: see `types.py`.

    staff: the only senders allowed, [] = all. scheduled_at: null = as soon as approved.
    counts: the last `CampaignState`, kept so that pages read no ledger; counted_at: of when.
    remind_asked_at, recall_asked_at: set by people, worked off by the duty (*_until: done for).
    """

    name = models.CharField(max_length=64)
    state = models.CharField(max_length=12, db_index=True)
    version = models.IntegerField(default=1)
    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    content = models.JSONField(default=dict)
    audience = models.JSONField(default=dict)
    staff = models.JSONField(default=list)
    scheduled_at = models.DateTimeField(null=True)
    spread_minutes = models.IntegerField(default=0)
    confirm_days = models.IntegerField(default=2)
    is_for_groups = models.BooleanField(default=False)

    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64, blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")
    problem = models.CharField(max_length=200, blank=True, default="")

    audience_count = models.IntegerField(default=0)
    planned_count = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=64, blank=True, default="")
    stopped_at = models.DateTimeField(null=True)
    remind_asked_at = models.DateTimeField(null=True)
    reminded_until = models.DateTimeField(null=True)
    recall_asked_at = models.DateTimeField(null=True)
    recalled_until = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, db_index=True)


class AudiencePart(models.Model):
    """Up to 50,000 of the customers, or groups, frozen at approval. ids: int64, packed."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    size = models.IntegerField()
    ids = models.BinaryField()
    is_planned = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["broadcast", "number"], name="audience_part_once"),
        )
