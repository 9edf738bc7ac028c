"""Codes that make people follow, links into apps, orders to fetch."""

from __future__ import annotations

from django.db import models


class FollowCode(models.Model):
    """A code whose followers carry `scene`. channel: where it hangs, their first source.

    expires_at: null = permanent. scans: of people who followed already.
    """

    account = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    channel = models.CharField(max_length=64)
    scene = models.CharField(max_length=32, unique=True)
    remote_id = models.CharField(max_length=255)
    url = models.CharField(max_length=512)
    expires_at = models.DateTimeField(null=True)
    tag_ids = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    scans = models.IntegerField(default=0)
    created_at = models.DateTimeField()


class CodeFollow(models.Model):
    """One follower came through one code; left_at: follows no more."""

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    code = models.ForeignKey(FollowCode, on_delete=models.CASCADE, db_index=False)
    followed_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["identity_id", "code"], name="codefollow_once"),
        )
        indexes = (models.Index(fields=["code", "followed_at"], name="codefollow_day"),)


class AppLink(models.Model):
    """A link that opens a page of an app. kind: see `siyu.ports.app_links.LinkKind`."""

    account = models.CharField(max_length=128)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    page = models.CharField(max_length=512)
    query = models.CharField(max_length=1024, blank=True)
    url = models.CharField(max_length=512)
    expires_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()


class OrderFetch(models.Model):
    """An order of a platform's store that changed and must be read again."""

    account = models.CharField(max_length=128)
    order_id = models.CharField(max_length=64)
    due_at = models.DateTimeField(db_index=True)
    tries = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "order_id"], name="orderfetch_once"),
        )
