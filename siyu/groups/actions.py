"""Writes of groups: what facts bring, labels, welcomes, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.groups import counting, reading, telling
from siyu.groups.hearing import hear_groups, link_friends
from siyu.groups.models import Group, Label, Stay, Welcome
from siyu.groups.queries import visible_group, welcome_view
from siyu.groups.types import WelcomeView
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.ids import new_id
from siyu.ports.groups import GroupWelcome, GroupWelcomer
from siyu.reach import actions as reach
from siyu.reach import queries as ledger
from siyu.reach.types import BEST, MARKETING, TouchPlan

MAX_LABELS, MAX_LABEL = 20, 30
MAX_NAME, MAX_TEXT, MAX_REMIND = 64, 1000, 1000
REMIND_LIFE = timedelta(days=2)
REMIND_REST = timedelta(days=30)
REMINDER = "group_duplicates"
_KINDS = {"link": {"title", "url"}, "image": {"url"}}


def hear(batch: Batch) -> None:
    """Stage: group events, and outsiders who became customers."""
    hear_groups(batch)
    link_friends(batch)


def read_groups() -> bool:
    """Duty: read groups that are due; tell who joined and left."""
    did = reading.read_due(runtime().clock.now())
    return telling.tell() or did


def count_groups() -> bool:
    """Duty: fetch the platform's own counts of yesterday."""
    return counting.count_owners(runtime().clock.now())


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: nothing is left of the stays that hung on these identities."""
    Stay.objects.filter(identity_id__in=list(identity_ids)).delete()


def refresh_group(actor: Actor, group_id: int, *, now: datetime) -> None:
    """Have a group read from the platform now."""
    require(actor, "group:write")
    group = visible_group(actor, group_id)
    with transaction.atomic():
        Group.objects.filter(pk=group.pk).update(due_at=now, tries=0, error="")
        record_audit(actor, "refresh_group", f"group:{group.pk}", now=now)


def read_groups_again(account: str, remote_ids: Iterable[str], *, now: datetime) -> None:
    """Have groups read that another slice has changed at the platform."""
    Group.objects.filter(account=account, remote_id__in=list(remote_ids)).update(
        due_at=now, tries=0, error=""
    )


def label_groups(
    actor: Actor,
    group_ids: Sequence[int],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    now: datetime,
) -> None:
    """Put labels on groups and take others off."""
    require(actor, "group:write")
    names = [name.strip() for name in add]
    if any(not 1 <= len(name) <= MAX_LABEL for name in names) or len(names) > MAX_LABELS:
        raise Refused(
            "group.label", f"标签须为 1 到 {MAX_LABEL} 个字, 一次最多 {MAX_LABELS} 个", field="add"
        )
    found = list(Group.objects.filter(pk__in=group_ids).values_list("pk", flat=True))
    with transaction.atomic():
        Label.objects.bulk_create(
            [Label(group_id=pk, name=name) for pk in found for name in dict.fromkeys(names)],
            ignore_conflicts=True,
        )
        Label.objects.filter(group__in=found, name__in=list(remove)).delete()
        detail = {"groups": len(found), "add": names, "remove": list(remove)}
        record_audit(actor, "label_groups", "groups", now=now, detail=detail)


def save_welcome(
    actor: Actor,
    *,
    welcome_id: int | None = None,
    account: str,
    name: str,
    text: str,
    attachment: Mapping[str, str] | None = None,
    owners: Sequence[str] = (),
    now: datetime,
) -> WelcomeView:
    """Make or change welcome words, at the platform first. owners: who are to use them.

    Which group uses which words is chosen by its owner in the platform's client: no API does it.
    """
    require(actor, "group:write")
    _check_welcome(name, text, attachment)
    row = _find_welcome(welcome_id) if welcome_id else Welcome(account=account, created_at=now)
    wanted = GroupWelcome(text=text, attachment=attachment)
    welcomer = _welcomer(row.account)
    if welcome_id:
        welcomer.update_welcome(row.remote_id, wanted)
    else:
        row.remote_id = welcomer.create_welcome(wanted)
    row.name, row.text, row.owners = name.strip(), text, list(owners)
    row.attachment = dict(attachment) if attachment else None
    with transaction.atomic():
        row.save()
        record_audit(actor, "save_group_welcome", f"group_welcome:{row.pk}", now=now)
    return welcome_view(row)


def delete_welcome(actor: Actor, welcome_id: int, *, now: datetime) -> None:
    """Take the words away at the platform and here."""
    require(actor, "group:write")
    row = _find_welcome(welcome_id)
    _welcomer(row.account).delete_welcome(row.remote_id)
    with transaction.atomic():
        row.delete()
        record_audit(actor, "delete_group_welcome", f"group_welcome:{welcome_id}", now=now)


def remind_duplicates(
    actor: Actor, text: str, *, account: str = "", limit: int = MAX_REMIND, now: datetime
) -> int:
    """Ask customers who are in several groups to keep one; returns how many messages are planned.

    At most 1000 at once, and nobody whom a reminder reached within 30 days, or is on its way to.
    Outsiders cannot be written to.
    """
    require(actor, "group:write")
    reach.check_template(text, field="text")
    if not text.strip():
        raise Refused("group.text", "请填写提醒内容", field="text")
    told = ledger.told_since(REMINDER, now - REMIND_REST)
    rested = (
        (one.customer_id, one.groups)
        for one in counting.stream_duplicates(actor, account=account)
        if one.customer_id is not None and one.customer_id not in told
    )
    people = dict(islice(rested, min(limit, MAX_REMIND)))
    day = now.date().isoformat()
    plans = [
        TouchPlan(
            campaign=REMINDER,
            version=0,
            step="remind",
            entry_key=f"{day}:{customer_id}",
            customer_id=customer_id,
            identity_id=None,
            channel=BEST,
            template=text,
            purpose=MARKETING,
            due_at=now,
            expires_at=now + REMIND_LIFE,
            context={"values": {"groups": "、".join(name for _, name, _ in groups)[:200]}},
        )
        for customer_id, groups in people.items()
    ]
    with transaction.atomic():
        planned = reach.plan_touches(plans, now=now) if plans else []
        detail = {"planned": len(planned), "id": new_id()}
        record_audit(actor, "remind_duplicates", "groups", now=now, detail=detail)
    return len(planned)


def _check_welcome(name: str, text: str, attachment: Mapping[str, str] | None) -> None:
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Refused("group.welcome_name", f"名称须为 1 到 {MAX_NAME} 个字", field="name")
    if not text.strip() and not attachment:
        raise Refused("group.welcome_text", "文字与附件至少填一个", field="text")
    if len(text) > MAX_TEXT:
        raise Refused("group.welcome_text", f"欢迎语最多 {MAX_TEXT} 字", field="text")
    needed = _KINDS.get((attachment or {}).get("kind", ""), set())
    if attachment and (not needed or any(not attachment.get(one) for one in needed)):
        raise Refused(
            "group.attachment", "附件须为链接 (标题、网址) 或图片 (网址)", field="attachment"
        )


def _find_welcome(welcome_id: int) -> Welcome:
    row = Welcome.objects.filter(pk=welcome_id).first()
    if row is None:
        raise NotFound("group.welcome_unknown", "没有这条入群欢迎语")
    return row


def _welcomer(account: str) -> GroupWelcomer:
    welcomer = connector(account).group_welcomes
    if welcomer is None:
        raise Refused("group.platform", "这个平台没有入群欢迎语", field="account")
    return welcomer
