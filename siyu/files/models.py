"""Runs of imports and exports: what was read, how it was understood, how far it came."""

from __future__ import annotations

from django.db import models


class ImportRun(models.Model):
    """One import. position: rows of the file that are done, moved with what they wrote.

    pending: what the batch after `position` already wrote to the state store while its events
    are on their way to the history. spans: row ids made, by table, for taking the import back.
    refused_bytes: how much of the file of refused rows is certain.
    """

    kind = models.CharField(max_length=16)
    origin = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    file_name = models.CharField(max_length=255)
    path = models.TextField()
    file_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    size = models.BigIntegerField(default=0)
    received = models.BigIntegerField(default=0)
    source = models.CharField(max_length=96, blank=True, default="")
    mapping = models.JSONField(default=dict)
    how = models.JSONField(default=dict)
    survey = models.JSONField(default=dict)
    state = models.CharField(max_length=16, db_index=True)
    is_dry = models.BooleanField(default=False)
    position = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    spans = models.JSONField(default=list)
    pending = models.JSONField(default=dict)
    refused_bytes = models.BigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    worked_ms = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)


class ExportRun(models.Model):
    """One export of everything into a folder of the home. manifest: see docs/import.md."""

    actor = models.CharField(max_length=64)
    is_personal = models.BooleanField()
    has_csv = models.BooleanField(default=False)
    state = models.CharField(max_length=16)
    folder = models.TextField()
    manifest = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
