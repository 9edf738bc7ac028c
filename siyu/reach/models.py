"""The ledger of touches and what it needs: attempts, windows, quota use, wordings."""

from __future__ import annotations

from django.db import models


class Wording(models.Model):
    """What is said to many, kept once. `digest` covers all of it.

    attachments: in the platform-neutral shape of `Content`.
    """

    digest = models.CharField(max_length=32, unique=True)
    template = models.TextField()
    is_literal = models.BooleanField(default=False)
    attachments = models.JSONField(default=list)


class Touch(models.Model):
    """One planned message to one person; never two for the same plan.

    planned_for: the customer of the plan; fixed, so that a merge cannot break the unique key.
    customer_id moves with the identity; 0: addressed to a group. priority: 0 urgent, 1 plain,
    2 part of a wave. lease: the token of the run that holds the reservation;
    lease_until: seconds since the epoch of the machine's own clock. text: as rendered.
    """

    campaign = models.CharField(max_length=64)
    version = models.IntegerField()
    step = models.CharField(max_length=64)
    entry_key = models.CharField(max_length=192)
    planned_for = models.BigIntegerField()
    channel_kind = models.CharField(max_length=48)

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(null=True, db_index=True)
    purpose = models.CharField(max_length=16)
    wording_id = models.BigIntegerField()
    context = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=1)

    state = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=48, blank=True)
    account = models.CharField(max_length=128, blank=True)
    sender = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)

    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reserved_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.FloatField(default=0)
    tries = models.SmallIntegerField(default=0)
    attempt_id = models.BigIntegerField(null=True, db_index=True)
    window_id = models.BigIntegerField(null=True)
    permit_id = models.BigIntegerField(null=True)
    quota_ids = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "version", "step", "entry_key", "planned_for", "channel_kind"],
                name="touch_once",
            ),
        )
        indexes = (
            models.Index(fields=["state", "priority", "next_at"], name="touch_due"),
            models.Index(fields=["customer_id", "reserved_at"], name="touch_cap"),
            models.Index(fields=["campaign", "step", "address"], name="touch_address"),
            models.Index(
                fields=["campaign", "sender", "next_at"],
                condition=models.Q(
                    priority=2, state__in=["planned", "deferred", "reserved", "handed"]
                ),
                name="touch_wave",
            ),
        )


class Attempt(models.Model):
    """One call to a platform for one or more touches, written before the call is made.

    key: the same for the same touches, so that a platform that knows such keys drops repeats.
    outcome: "" while under way, then `accepted`, `not_sent`, `refused` or `unknown`.
    settle_at: when an unknown outcome is looked into next (machine clock), null when settled.
    confirmed_at: when the member of staff sent it. reminded_at, cancelled_at: of the task.
    """

    key = models.CharField(max_length=32)
    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    sender = models.CharField(max_length=64, blank=True)
    context = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lease_until = models.FloatField()
    outcome = models.CharField(max_length=16, blank=True)
    code = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    remote_id = models.CharField(max_length=128, blank=True)
    next_poll_at = models.DateTimeField(null=True, db_index=True)
    settle_at = models.FloatField(null=True, db_index=True)
    settle_tries = models.SmallIntegerField(default=0)
    campaign = models.CharField(max_length=64, blank=True, default="")
    size = models.IntegerField(default=0)
    attachments = models.JSONField(default=list)
    confirmed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.SmallIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["campaign", "sender"], name="attempt_campaign"),
            models.Index(fields=["outcome", "lease_until"], name="attempt_open"),
            models.Index(fields=["account", "remote_id"], name="attempt_remote"),
        )


class Window(models.Model):
    """A time in which a customer may be answered on a channel.

    remaining: messages left, null without a limit. context: what the channel needs from the
    last inbound fact. One row for each identity, channel and account.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    channel = models.CharField(max_length=48)
    account = models.CharField(max_length=128)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    remaining = models.IntegerField(null=True)
    context = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "channel", "account"], name="window_once"
            ),
        )


class QuotaUse(models.Model):
    """How much of a platform's quota is spent. subject: an identity's id, or "" = the account.

    period: `2026-11`, `2026-W47` or `2026-11-22` in Shanghai. elsewhere: of `used`, sent by other tools.
    """

    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    subject = models.CharField(max_length=32, blank=True)
    period = models.CharField(max_length=16)
    used = models.IntegerField(default=0)
    elsewhere = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "channel", "subject", "period"], name="quota_once"
            ),
        )


class AccountFlag(models.Model):
    """An account whose credentials or rights a person must repair before it can send."""

    account = models.CharField(max_length=128, primary_key=True)
    code = models.CharField(max_length=64)
    detail = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()


class Wave(models.Model):
    """Touches of one campaign that one sender hands over together: a batch of the work list.

    bucket of buckets: only touches whose customer falls into it; for channels without senders.
    next_at: when it is looked at again, null when nothing is left. lease_until: machine clock.
    """

    campaign = models.CharField(max_length=64)
    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    sender = models.CharField(max_length=64, blank=True)
    bucket = models.IntegerField(default=0)
    buckets = models.IntegerField(default=1)
    size = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True, db_index=True)
    lease_until = models.FloatField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "account", "channel", "sender", "bucket"], name="wave_once"
            ),
        )


class Circuit(models.Model):
    """A channel of an account that is left alone because it failed again and again."""

    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    since = models.DateTimeField()
    until = models.DateTimeField()
    code = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "channel"], name="circuit_once"),)


class ForeignTask(models.Model):
    """A mass message that another tool or a person made on the platform.

    counted: senders whose results are in the quota ledger. next_at: null when all are.
    """

    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    remote_id = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    counted = models.JSONField(default=list)
    next_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "remote_id"], name="foreign_once"),
        )


class EarlyFailure(models.Model):
    """A failure that was heard before we knew which message it is about."""

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=128)
    reason = models.CharField(max_length=64)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "remote_id"], name="early_failure_once"),
        )


class Permit(models.Model):
    """How often a person lets us send one template: each permission is good for one message.

    left = permissions neither spent nor taken back. heard_at: of the last change we were told.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    account = models.CharField(max_length=128)
    channel = models.CharField(max_length=48)
    template = models.CharField(max_length=64)
    left = models.IntegerField(default=0)
    granted = models.IntegerField(default=0)
    spent = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "account", "channel", "template"], name="permit_once"
            ),
        )
