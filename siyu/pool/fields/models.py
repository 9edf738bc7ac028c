"""Tables of custom fields."""

from __future__ import annotations

from django.db import models


class CustomField(models.Model):
    """A typed field the brand defined. kind and rule: see `fields/types.py`.

    adopt_after: plain traits of this key up to this row id have become observations; null when
    all have. redo_after: customers up to this id have their value by the rule of now; null when
    all have.
    """

    key = models.CharField(max_length=64, unique=True)
    zh = models.CharField(max_length=64)
    en = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    choices = models.JSONField(default=list)
    description = models.CharField(max_length=200, blank=True)
    rule = models.CharField(max_length=12)
    sources = models.JSONField(default=list)
    is_personal = models.BooleanField(default=False)
    is_listed = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    adopt_after = models.BigIntegerField(null=True)
    redo_after = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()


class Observation(models.Model):
    """One word about a custom field through one identity; `value` is canonical JSON.

    digest: of time, source, mode, value and, for steps, the message; the same word counts once.
    reason: why the value was refused; such a row counts for nothing.
    """

    customer_id = models.BigIntegerField()
    identity_id = models.BigIntegerField()
    field_id = models.BigIntegerField()
    mode = models.CharField(max_length=12)
    value = models.TextField()
    source = models.CharField(max_length=160)
    at = models.DateTimeField()
    reason = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "field_id", "digest"], name="observation_once"
            ),
        )
        indexes = (
            models.Index(fields=["customer_id", "field_id"], name="observation_customer"),
            models.Index(
                fields=["field_id"], condition=~models.Q(reason=""), name="observation_refused"
            ),
        )


class FieldValue(models.Model):
    """The value of now of a custom field, computed from observations; lists have a row each.

    text: always; number: of numbers and booleans; time: of dates (midnight in Shanghai) and times.
    """

    customer_id = models.BigIntegerField()
    field_id = models.BigIntegerField()
    position = models.SmallIntegerField(default=0)
    text = models.CharField(max_length=512)
    number = models.FloatField(null=True)
    time = models.DateTimeField(null=True)
    source = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["customer_id", "field_id", "position"], name="field_value_once"
            ),
        )
        indexes = (models.Index(fields=["field_id", "text"], name="field_value_text"),)
