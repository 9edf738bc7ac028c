"""Reads of writeback."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Count, Q

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.kernel.phones import mask_phone
from siyu.pool.queries import relations_of, require_visible
from siyu.pool.tag_words import tags_of_groups
from siyu.pool.types import Relation
from siyu.writeback.models import NameWish, Queued, RelationTag, Remark, SyncedGroup
from siyu.writeback.types import GroupState, NameState, RemarkView

REASONS = 5
NAMES = 5
QUEUES: tuple[type[Queued], ...] = (RelationTag, Remark, NameWish)


def list_tag_accounts(actor: Actor) -> list[str]:
    """Accounts whose platforms have tags."""
    require(actor, "customer:read")
    return [key for key in active_accounts() if connector(key).tags is not None]


def list_group_states(actor: Actor) -> list[GroupState]:
    """Each tag group that is or was switched on, by account."""
    require(actor, "customer:read")
    rows = list(SyncedGroup.objects.order_by("account", "group_id"))
    tags = tags_of_groups({row.group_id for row in rows})
    counts: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    reasons: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for one in (
        RelationTag.objects.filter(tag_id__in=list(tags))
        .values("account", "tag_id", "state", "reason")
        .annotate(count=Count("pk"), written=Count("pk", filter=Q(by_us=True)))
    ):
        place = (one["account"], tags[one["tag_id"]][0])
        counts[place]["written"] += one["written"]
        if one["state"]:
            counts[place][one["state"]] += one["count"]
            reasons[place][one["reason"]] += one["count"] if one["reason"] else 0
    names = _names()
    return [
        GroupState(
            account=row.account,
            group_id=row.group_id,
            is_on=row.is_on,
            is_walking=row.is_on and row.walked is not None,
            written=counts[row.account, row.group_id]["written"],
            waiting=counts[row.account, row.group_id]["waiting"],
            refused=counts[row.account, row.group_id]["refused"],
            reasons=[
                (reason, count)
                for reason, count in reasons[row.account, row.group_id].most_common(REASONS)
                if reason
            ],
            names=names[row.account, row.group_id][:NAMES],
        )
        for row in rows
    ]


def _names() -> defaultdict[tuple[str, int], list[NameState]]:
    """Changed names by account and group, the latest first."""
    found: defaultdict[tuple[str, int], list[NameState]] = defaultdict(list)
    for row in NameWish.objects.order_by("-due_at", "-pk"):
        view = NameState(row.kind, row.before, row.name, row.state, row.reason)
        found[row.account, row.group_id].append(view)
    return found


def has_written_names(account: str, *, since: datetime) -> bool:
    """Whether names of an account were written at or after this time."""
    return NameWish.objects.filter(account=account, done_at__gte=since).exists()


def list_remarks(actor: Actor, customer_id: int) -> list[RemarkView]:
    """What each friend among our staff calls a customer; phones are masked."""
    require(actor, "customer:read")
    require_visible(actor, customer_id)
    rows = {
        (row.account, row.staff, row.identity_id): row
        for row in Remark.objects.filter(customer_id=customer_id)
    }
    friends = [one for one in relations_of([customer_id]).get(customer_id, []) if one.is_friend]
    return [
        _view(one, rows.get((one.account, one.staff, one.identity_id)))
        for one in friends
        if one.staff and connector(one.account).remarks is not None
    ]


def count_refused(account: str) -> int:
    """Tags, remarks and names that the platform of an account refused."""
    refused = Q(account=account, state="refused")
    return sum(model._default_manager.filter(refused).count() for model in QUEUES)


def count_waiting(now: datetime) -> int:
    """Tags, remarks and names that are due to be written."""
    due = Q(state="waiting", due_at__lte=now)
    return sum(model._default_manager.filter(due).count() for model in QUEUES)


def _view(relation: Relation, row: Remark | None) -> RemarkView:
    account, staff, identity_id = relation.account, relation.staff, relation.identity_id
    if row is None:
        return RemarkView(account, staff, identity_id, True, "", "", "", [], "", "", None)
    shown = {
        "remark": row.remark,
        "description": row.description,
        "company": row.company,
        "mobiles": row.mobiles,
        **(row.wanted or {}),
    }
    return RemarkView(
        account=account,
        staff=staff,
        identity_id=identity_id,
        can_write=True,
        remark=shown["remark"],
        description=shown["description"],
        company=shown["company"],
        mobiles=[mask_phone(one) for one in shown["mobiles"]],
        state=row.state,
        reason=row.reason,
        done_at=row.done_at,
    )
