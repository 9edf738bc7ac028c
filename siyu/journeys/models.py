"""Journeys, their published versions, the people in them and their paths."""

from __future__ import annotations

from django.db import models


class Journey(models.Model):
    """state: draft, live or paused. version: the published one new people get; 0 = none yet."""

    name = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default="draft")
    version = models.IntegerField(default=0)
    draft = models.JSONField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)


class Version(models.Model):
    """A published definition. Never changed: people stay on the version they entered."""

    journey_id = models.BigIntegerField(db_index=True)
    version = models.IntegerField()
    definition = models.JSONField()
    digest = models.CharField(max_length=32)
    published_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["journey_id", "version"], name="version_once"),
        )


class Entry(models.Model):
    """One person's way through a journey.

    awaits: "" = may go on at once, `wait` = a timer, `split` = an answer of the segments.
    triggered_at: when what let the person in happened; older facts reach no goal.
    exit_reason: completed, goal, exit:<event>, merged, erased or the exit node's own.
    """

    journey_id = models.BigIntegerField()
    version = models.IntegerField()
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    entry_key = models.CharField(max_length=192)
    state = models.CharField(max_length=16, default="active")
    node = models.CharField(max_length=32)
    awaits = models.CharField(max_length=8, blank=True)
    due_at = models.DateTimeField()
    triggered_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    exited_at = models.DateTimeField(null=True)
    exit_reason = models.CharField(max_length=64, blank=True)
    context = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["journey_id", "entry_key"], name="entry_once"),
        )
        indexes = (
            models.Index(fields=["state", "awaits", "due_at"], name="entry_due"),
            models.Index(fields=["journey_id", "customer_id"], name="entry_person"),
            models.Index(fields=["journey_id", "state", "node"], name="entry_node"),
        )


class Step(models.Model):
    """One node on one person's path. outcome: what happened there."""

    entry_id = models.BigIntegerField(db_index=True)
    journey_id = models.BigIntegerField()
    version = models.IntegerField()
    node = models.CharField(max_length=32)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = (models.Index(fields=["journey_id", "node"], name="step_node"),)
