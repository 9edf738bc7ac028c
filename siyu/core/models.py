"""Tables of the floor: people who work here, accounts, keys, audit, and the intake's progress."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager["User"]):
    pass


class User(AbstractBaseUser):
    """A person who works with Siyu. `session_epoch` grows when all sessions must end.

    staff_id, staff_account: who he is among the staff, "" for nobody and any account.
    scope: "" for what the role has by itself.
    """

    username = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=16)
    is_active = models.BooleanField(default=True)
    staff_id = models.CharField(max_length=64, blank=True)
    staff_account = models.CharField(max_length=128, blank=True, default="")
    scope = models.CharField(max_length=16, blank=True, default="")
    created_at = models.DateTimeField()

    objects = UserManager()
    USERNAME_FIELD = "username"


class LoginFailure(models.Model):
    """Wrong passwords, counted to slow guessing. `key` hashes user name and network."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField()
    last_at = models.DateTimeField()


class AuditEntry(models.Model):
    """One write by one actor; each row's hash covers the row before it."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64)
    verb = models.CharField(max_length=64, db_index=True)
    target = models.CharField(max_length=128)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)


class PlatformAccount(models.Model):
    """One of our accounts on a platform. `secrets` is encrypted, bound to `key`."""

    key = models.CharField(max_length=128, unique=True)
    platform = models.CharField(max_length=32)
    remote_id = models.CharField(max_length=96)
    name = models.CharField(max_length=64)
    base_url = models.CharField(max_length=255)
    fields = models.JSONField(default=dict)
    secrets = models.BinaryField(default=b"")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    last_callback_at = models.DateTimeField(null=True)
    last_sync_at = models.DateTimeField(null=True)
    sync_cursor = models.JSONField(default=dict)


class PlatformToken(models.Model):
    """An access token, encrypted, shared by all processes."""

    account = models.CharField(max_length=128)
    name = models.CharField(max_length=32)
    value = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "name"], name="token_once"),)


class WriteKey(models.Model):
    """A key with which events are sent. Only its hash is kept; `hint` shows its end."""

    name = models.CharField(max_length=64, unique=True)
    platform = models.CharField(max_length=32, default="web")
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class KeptAnswer(models.Model):
    """The answer to a writing request that named a key. status: 0 = under way, or never known.

    asked: digest of the request. body: at most 256 KB; it may name people, and goes within a day.
    """

    user = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    asked = models.BinaryField()
    status = models.SmallIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once"),)


class Heartbeat(models.Model):
    """The last sign of life of one duty of the worker, and its last error."""

    duty = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    did_work_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField(null=True)


class Setting(models.Model):
    """A run-time setting changed in the console."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()


class IntakeState(models.Model):
    """How far the inbox is worked off. One row (id 1), moved in the transaction of each batch.

    position: id of the last finished chunk (SQLite). Totals count facts and refused items.
    """

    position = models.BigIntegerField(default=0)
    accepted_total = models.BigIntegerField(default=0)
    rejected_total = models.BigIntegerField(default=0)
    last_event_at = models.DateTimeField(null=True)


class RejectedItem(models.Model):
    """Something that was sent to us and refused: why, and its first 64 KB as they came."""

    at = models.DateTimeField()
    source = models.CharField(max_length=128)
    code = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    field = models.CharField(max_length=128, blank=True)
    raw = models.BinaryField(default=b"")


class InboxChunk(models.Model):
    """One accepted request, not worked off yet (PostgreSQL; SQLite keeps `inbox.db`)."""

    kind = models.CharField(max_length=16)
    source = models.CharField(max_length=128)
    received_at = models.BigIntegerField()
    count = models.IntegerField()
    payload = models.BinaryField()


class InboxKey(models.Model):
    """A message id already seen and the hash of its body (PostgreSQL)."""

    key = models.BinaryField(primary_key=True)
    body = models.BinaryField()
    day = models.IntegerField()
