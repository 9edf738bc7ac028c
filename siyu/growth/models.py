"""Live codes, and the additions they brought."""

from __future__ import annotations

from django.db import models


class LiveCode(models.Model):
    """A code customers scan. `state` comes back with every addition and finds the code again.

    channel: where the code hangs (`store_poster`), the first source of whom it brings.
    remote_id, url: the platform's name of it and what the picture holds.
    """

    account = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    channel = models.CharField(max_length=64)
    state = models.CharField(max_length=30, unique=True)
    remote_id = models.CharField(max_length=128)
    url = models.CharField(max_length=512)
    staff = models.JSONField(default=list)
    tag_ids = models.JSONField(default=list)
    welcome_text = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class CodeAdd(models.Model):
    """One customer added one member of staff through one code; lost_at: no longer friends."""

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE, db_index=False)
    staff = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["identity_id", "code", "staff"], name="codeadd_once"),
        )
        indexes = (models.Index(fields=["code", "added_at"], name="codeadd_day"),)
