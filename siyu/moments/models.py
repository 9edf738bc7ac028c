"""Tables of moments."""

from __future__ import annotations

from django.db import models


class Moment(models.Model):
    """content: `{text, attachments}` as people write them. tag_ids: ours; customers need one.

    asked_at: when the platform was asked to make it, before its answer. remote_id: at the
    platform. expected: customers who may see it; reached: to whom it was delivered.
    """

    name = models.CharField(max_length=64)
    state = models.CharField(max_length=12, db_index=True)
    account = models.CharField(max_length=128)
    content = models.JSONField(default=dict)
    staff = models.JSONField(default=list)
    tag_ids = models.JSONField(default=list)
    scheduled_at = models.DateTimeField(null=True)
    watch_days = models.IntegerField(default=7)

    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64, blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")
    problem = models.CharField(max_length=200, blank=True, default="")

    asked_at = models.DateTimeField(null=True)
    job_id = models.CharField(max_length=128, blank=True, default="")
    remote_id = models.CharField(max_length=128, blank=True, default="")
    posting_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    invalid_staff = models.JSONField(default=list)
    estimate = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True, db_index=True)


class Poster(models.Model):
    """One member of staff who is to post. next_at: when to look again, null = never."""

    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="posters")
    staff = models.CharField(max_length=64)
    is_posted = models.BooleanField(default=False)
    posted_at = models.DateTimeField(null=True)
    planned = models.IntegerField(default=0)
    reached = models.IntegerField(default=0)
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["moment", "staff"], name="poster_once"),)
        indexes = (models.Index(fields=["moment", "next_at"], name="poster_due"),)


class Reaction(models.Model):
    """A like or comment that was already told to the pool; its message id says which."""

    poster = models.ForeignKey(Poster, on_delete=models.CASCADE)
    message_id = models.CharField(max_length=96)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["poster", "message_id"], name="reaction_once"),
        )
