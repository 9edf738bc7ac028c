"""Writes of writeback, and what others tell it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound, Refused
from siyu.pool.queries import require_visible
from siyu.pool.tag_words import friend_relations, tags_of_groups
from siyu.pool.types import Move
from siyu.ports.remarks import RemarkWriter
from siyu.writeback import switches
from siyu.writeback.comparing import requeue_refused
from siyu.writeback.hearing import hear, hear_tag_lists, mark_changed
from siyu.writeback.models import NameWish, RelationTag, Remark, SyncedGroup
from siyu.writeback.naming import hear_name, requeue_names
from siyu.writeback.types import RemarkDraft

__all__ = ["hear", "hear_name", "hear_tag_lists", "mark_changed"]


def switch_group(actor: Actor, account: str, group_id: int, *, is_on: bool, now: datetime) -> None:
    """Begin or stop keeping a tag group equal on an account.

    Switched on, everybody who carries one of its tags is compared; switched off, the platform
    keeps what it has.
    """
    require(actor, "tag:write")
    if connector(account).tags is None:
        raise Refused("writeback.platform", "这个平台没有可以同步的标签", field="account")
    with transaction.atomic():
        SyncedGroup.objects.update_or_create(
            account=account,
            group_id=group_id,
            defaults={"is_on": is_on, "walked": 0 if is_on else None, "since": now},
        )
        if not is_on:
            tags = list(tags_of_groups([group_id]))
            RelationTag.objects.filter(account=account, tag_id__in=tags).delete()
            NameWish.objects.filter(account=account, group_id=group_id).delete()
        detail = {"group": group_id, "is_on": is_on}
        record_audit(actor, "switch_tag_sync", account, now=now, detail=detail)
    switches.forget()


def retry_group(actor: Actor, account: str, group_id: int, *, now: datetime) -> int:
    """Try again what a platform refused; how many tags and names."""
    require(actor, "tag:write")
    with transaction.atomic():
        count = requeue_refused(account, list(tags_of_groups([group_id])), now)
        count += requeue_names(account, group_id, now)
        detail = {"group": group_id, "count": count}
        record_audit(actor, "retry_tag_sync", account, now=now, detail=detail)
    return count


def write_remark(
    actor: Actor,
    customer_id: int,
    account: str,
    staff: str,
    draft: RemarkDraft,
    *,
    now: datetime,
) -> None:
    """Queue what a member of staff shall call a customer; written within seconds."""
    require(actor, "customer:write")
    require_visible(actor, customer_id)
    wanted = _checked(draft, _writer(account))
    with transaction.atomic():
        relation = next(
            (
                one
                for one in friend_relations([customer_id])
                if (one.account, one.staff) == (account, staff)
                and draft.identity_id in {None, one.identity_id}
            ),
            None,
        )
        if relation is None:
            raise NotFound("writeback.relation", "他们现在不是好友, 不能写备注")
        row, _ = Remark.objects.get_or_create(
            account=account,
            staff=staff,
            identity_id=relation.identity_id,
            defaults={"customer_id": customer_id, "remote_id": relation.remote_id},
        )
        row.remote_id = relation.remote_id
        row.wanted = {**(row.wanted or {}), **wanted}
        row.state, row.reason, row.tries, row.due_at = "waiting", "", 0, now
        row.save()
        detail = {"staff": staff, "fields": sorted(wanted)}
        record_audit(actor, "write_remark", f"customer:{customer_id}", now=now, detail=detail)


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: nothing of these people is kept or written any more."""
    ids = list(identity_ids)
    RelationTag.objects.filter(identity_id__in=ids).delete()
    Remark.objects.filter(identity_id__in=ids).delete()


def on_customers_moved(moves: Sequence[Move], now: datetime) -> None:
    """Who was merged or split is compared again."""
    mark_changed({move.to_customer for move in moves}, now)


def _writer(account: str) -> RemarkWriter:
    writer = connector(account).remarks
    if writer is None:
        raise Refused("writeback.platform", "这个平台不能写备注", field="account")
    return writer


def _checked(draft: RemarkDraft, writer: RemarkWriter) -> dict[str, Any]:
    """The fields that are given; Refused when one is too long for the platform."""
    limits = {
        "remark": writer.max_remark,
        "description": writer.max_description,
        "company": writer.max_company,
        "mobiles": writer.max_mobiles,
    }
    wanted = {name: getattr(draft, name) for name in limits if getattr(draft, name) is not None}
    for name, value in wanted.items():
        if len(value) > limits[name]:
            raise Refused("writeback.length", f"最多 {limits[name]} 个", field=name)
    if not wanted:
        raise Refused("writeback.nothing", "没有要修改的内容", field="remark")
    return wanted
