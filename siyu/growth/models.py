"""Live codes, the additions they brought, and the staff who are away from them."""

from __future__ import annotations

from django.db import models

from siyu.growth.store_models import StoreCode, StoreCodeEntry
from siyu.growth.welcome_models import PendingWelcome, WelcomeRule

__all__ = [
    "Away",
    "Chore",
    "CodeAdd",
    "CodeGroup",
    "LinkDay",
    "LinkQuota",
    "LiveCode",
    "PageDay",
    "PendingWelcome",
    "StoreCode",
    "StoreCodeEntry",
    "WelcomeRule",
]


class CodeGroup(models.Model):
    name = models.CharField(max_length=64, unique=True)


class LiveCode(models.Model):
    """A code customers scan. `state` comes back with every addition and finds the code again.

    kind: `code`, or `link` for a link that opens the conversation. channel: where the code hangs
    (`store_poster`), the first source of whom it brings. remote_id, url, picture_url: the
    platform's name of it, what the picture holds, and the platform's own picture.

    plan: who receives when (types.Plan). staff, departments: of the plan, for lists. told: what
    the platform last heard. recheck_at: when the plan may say something else next; error: why
    the platform could not be told. said: its welcome (types.Says). page: its public page at
    /p/c/<slug>, shown while `is_open` and the code is active; the slug stays when it is shut.
    listed_at: the last pull that met it at the platform; gone_at: since when the platform has it
    no more.
    """

    account = models.CharField(max_length=128)
    kind = models.CharField(max_length=8, default="code")
    name = models.CharField(max_length=64)
    channel = models.CharField(max_length=64)
    group = models.ForeignKey(CodeGroup, null=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=30, unique=True)
    remote_id = models.CharField(max_length=128)
    url = models.CharField(max_length=512)
    picture_url = models.CharField(max_length=512, blank=True, default="")
    staff = models.JSONField(default=list)
    departments = models.JSONField(default=list)
    plan = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    recheck_at = models.DateTimeField(null=True, db_index=True)
    error = models.CharField(max_length=200, blank=True, default="")
    tag_ids = models.JSONField(default=list)
    remark = models.CharField(max_length=64, blank=True, default="")
    description = models.CharField(max_length=200, blank=True, default="")
    welcome_text = models.TextField(blank=True)
    said = models.JSONField(default=dict)
    blocked_names = models.JSONField(default=list)
    slug = models.CharField(max_length=24, null=True, unique=True)
    page = models.JSONField(default=dict)
    is_open = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)


class ForeignCode(models.Model):
    """A code of an account that was not made here. listed_at: the last pull that met it; read_at:
    when it was last read.
    """

    account = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=128)
    name = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=64, blank=True)
    staff = models.JSONField(default=list)
    departments = models.JSONField(default=list)
    picture_url = models.CharField(max_length=512, blank=True)
    is_accepted = models.BooleanField(default=True)
    listed_at = models.DateTimeField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "remote_id"], name="foreigncode_once"),
        )


class CodeAdd(models.Model):
    """One customer added one member of staff through one code; who comes again after a loss is
    added once more.

    lost_at: no longer friends. spoke_at: first heard to speak to us. detail: what followed the
    state in a link's channel parameter. Lists and figures are counted in the index alone.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE, db_index=False)
    staff = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True)
    spoke_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity_id", "code", "staff"],
                condition=models.Q(lost_at__isnull=True),
                name="codeadd_open",
            ),
        )
        indexes = (
            models.Index(
                fields=["code", "added_at", "lost_at", "spoke_at", "staff"], name="codeadd_counts"
            ),
        )


class Away(models.Model):
    """A member of staff who takes no new customers now, by own wish or a manager's."""

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    since = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "staff"], name="away_once"),)


class Chore(models.Model):
    """Remark and tags of a new friend that the platform has not been told yet.

    is_remarked: somebody has written a remark already; only the tags are told.
    """

    account = models.CharField(max_length=128)
    staff = models.CharField(max_length=64)
    remote_id = models.CharField(max_length=128)
    identity_id = models.BigIntegerField(db_index=True)
    customer_id = models.BigIntegerField()
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE)
    added_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    tries = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    is_remarked = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "staff", "remote_id"], name="chore_once"),
        )


class PageDay(models.Model):
    """How often a public page was opened on one day in Shanghai. page: its slug."""

    page = models.CharField(max_length=24)
    day = models.DateField()
    views = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["page", "day"], name="pageday_once"),)


class LinkDay(models.Model):
    """What the platform counted of a link on one day."""

    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE)
    day = models.DateField()
    clicks = models.IntegerField(default=0)
    added = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["code", "day"], name="linkday_once"),)


class LinkQuota(models.Model):
    """How many customers an account's links may still bring. notice: the platform's last word."""

    account = models.CharField(max_length=128, primary_key=True)
    total = models.IntegerField(default=0)
    balance = models.IntegerField(default=0)
    expiring = models.JSONField(default=dict)
    read_at = models.DateTimeField()
    notice = models.CharField(max_length=32, blank=True, default="")
    notice_at = models.DateTimeField(null=True)
