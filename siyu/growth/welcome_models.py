"""What is said to new friends besides the words of their code."""

from __future__ import annotations

from django.db import models


class WelcomeRule(models.Model):
    """Words of a company, a department or a member of staff; target: "" or the remote id."""

    account = models.CharField(max_length=128)
    scope = models.CharField(max_length=16)
    target = models.CharField(max_length=64, blank=True)
    said = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "scope", "target"], name="welcome_once"),
        )


class PendingWelcome(models.Model):
    """A welcome that waits a few seconds for the customer's name. plan: all that is known."""

    welcome_code = models.CharField(max_length=192, unique=True)
    identity_id = models.BigIntegerField(db_index=True)
    customer_id = models.BigIntegerField()
    plan = models.JSONField(default=dict)
    due_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
