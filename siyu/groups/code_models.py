"""Codes that lead into groups, pages that find them by keyword, invitations."""

from __future__ import annotations

from django.db import models


class GroupCode(models.Model):
    """A code into groups. groups: our numbers of the candidates, in order; the platform gets the
    first few that have room. shown: the platform's ids of those it leads to now.

    is_growing: the platform makes the next group, `base_name` + number. capacity: members at
    which a group counts as full; 0 = the platform's ceiling. next_number: of the next group.
    """

    account = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    state = models.CharField(max_length=30, unique=True)
    slug = models.CharField(max_length=24, unique=True)
    remote_id = models.CharField(max_length=128)
    url = models.CharField(max_length=512, blank=True)
    groups = models.JSONField(default=list)
    shown = models.JSONField(default=list)
    is_growing = models.BooleanField(default=False)
    base_name = models.CharField(max_length=40, blank=True)
    next_number = models.IntegerField(default=1)
    capacity = models.IntegerField(default=0)
    title = models.CharField(max_length=64, blank=True)
    text = models.CharField(max_length=300, blank=True)
    views = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()


class KeywordPage(models.Model):
    """A page at /g/k/<slug> where customers find a group by a word.

    entries: [{"keywords": […], "code_id": n, "title": "…"}], in order.
    """

    name = models.CharField(max_length=64)
    slug = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=64)
    text = models.CharField(max_length=300, blank=True)
    entries = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class KeywordDay(models.Model):
    """How often a page was asked on one day. code_id 0: asked and nothing found."""

    page = models.ForeignKey(KeywordPage, on_delete=models.CASCADE)
    code_id = models.BigIntegerField()
    day = models.DateField()
    asked = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["page", "code_id", "day"], name="keywordday_once"),
        )


class Invitation(models.Model):
    """An audience invited into the groups of a code. way: `message` or `todo` (staff do it)."""

    name = models.CharField(max_length=64)
    code = models.ForeignKey(GroupCode, on_delete=models.PROTECT)
    way = models.CharField(max_length=16)
    segment_id = models.BigIntegerField(null=True)
    tag_id = models.BigIntegerField(null=True)
    text = models.TextField()
    total = models.IntegerField(default=0)
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()


class Invitee(models.Model):
    """One customer invited. staff: whose to-do it is; done_at: when that was ticked off."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, db_index=False)
    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    touch_id = models.BigIntegerField(null=True)
    staff = models.CharField(max_length=64, blank=True, db_index=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["invitation", "identity_id"], name="invitee_once"),
        )
