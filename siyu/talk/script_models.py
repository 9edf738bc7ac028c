"""Scripts 话术: what guides say, ready to send."""

from __future__ import annotations

from django.db import models


class ScriptGroup(models.Model):
    """owner: the user name whose own group it is, "" for the company's."""

    name = models.CharField(max_length=32)
    owner = models.CharField(max_length=64, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="scriptgroup_once"),)


class Script(models.Model):
    """attachments: the neutral shapes of `ports.capabilities.Content`. sent: times it was sent."""

    group = models.ForeignKey(ScriptGroup, on_delete=models.CASCADE)
    title = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    sent = models.IntegerField(default=0)
    updated_at = models.DateTimeField()


class ScriptSend(models.Model):
    """A script went to a customer; by: who sent it."""

    script = models.ForeignKey(Script, null=True, on_delete=models.SET_NULL)
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
