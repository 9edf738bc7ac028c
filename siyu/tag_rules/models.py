"""Tables of tag rules."""

from __future__ import annotations

from django.db import models


class TagRule(models.Model):
    """action: add, remove or both. pause_reason: `hand`, `loop` or `gone`, "" while it runs.

    sync_after: present members and carriers up to this customer id agree with the rule; null
    when all do. sync_total, sync_done: customers to look at, and looked at.
    """

    name = models.CharField(max_length=64)
    segment_id = models.BigIntegerField(db_index=True)
    tag_id = models.BigIntegerField()
    action = models.CharField(max_length=8)
    pause_reason = models.CharField(max_length=8, blank=True, default="")
    is_archived = models.BooleanField(default=False)
    sync_after = models.BigIntegerField(null=True)
    sync_total = models.IntegerField(default=0)
    sync_done = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
