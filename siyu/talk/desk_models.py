"""Service desks and who answers there."""

from __future__ import annotations

from django.db import models


class Desk(models.Model):
    """A desk of an account. cursor: everything before it is in the inbox. token: of the last
    announcement. due_at: when to pull next. servicers: [{"staff", "is_receiving"}, …]. is_ours:
    the platform lets us answer there.
    """

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=64)
    name = models.CharField(max_length=64, blank=True)
    avatar = models.CharField(max_length=512, blank=True)
    servicers = models.JSONField(default=list)
    welcome_text = models.TextField(blank=True)
    is_gone = models.BooleanField(default=False)
    is_ours = models.BooleanField(default=True)
    cursor = models.CharField(max_length=512, blank=True)
    token = models.CharField(max_length=256, blank=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    pulled_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "remote_id"], name="desk_once"),)


class DeskSession(models.Model):
    """Who answers in a conversation now. state: see `siyu.ports.desk.DeskState`. asked_at: when
    the platform was last asked who does, null = ask as soon as staff have held it for long.
    """

    account = models.CharField(max_length=128)
    thread = models.CharField(max_length=160)
    identity_id = models.BigIntegerField(db_index=True)
    customer_id = models.BigIntegerField(db_index=True)
    remote_id = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    staff = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField()
    is_profiled = models.BooleanField(default=False)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "thread"], name="desksession_once"),
        )
        indexes = (
            models.Index(
                fields=["changed_at"],
                condition=models.Q(state__in=("queued", "human")),
                name="desksession_held",
            ),
        )
