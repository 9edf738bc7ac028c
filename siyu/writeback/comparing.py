"""What relations shall have of the tags that are kept equal: compared, then queued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from siyu.pool.tag_words import (
    FriendRelation,
    carriers_after,
    friend_relations,
    own_words,
    platform_words,
)
from siyu.writeback.models import ChangedCustomer, RelationTag, SyncedGroup
from siyu.writeback.rules import decide
from siyu.writeback.switches import Switches, switches
from siyu.writeback.types import Mirror

AT_ONCE = 500
WAITING = "waiting"
_Place = tuple[str, str, int, int]


def compare_changed(now: datetime) -> bool:
    """Compare some customers who changed; True when there may be more."""
    with transaction.atomic():
        rows = ChangedCustomer.objects.order_by("customer_id")
        ids = list(rows.values_list("customer_id", flat=True)[:AT_ONCE])
        if ids:
            ChangedCustomer.objects.filter(customer_id__in=ids).delete()
            compare(ids, now)
    return len(ids) == AT_ONCE


def walk_groups(now: datetime) -> bool:
    """Go through the carriers of a group that was just switched on; True when there is more."""
    row = SyncedGroup.objects.filter(is_on=True, walked__isnull=False).order_by("pk").first()
    if row is None:
        return False
    with transaction.atomic():
        tags = [
            tag
            for tag, (group, _, _) in switches().accounts.get(row.account, {}).items()
            if group == row.group_id
        ]
        ids = carriers_after(tags, row.walked or 0, AT_ONCE) if tags else []
        compare(ids, now)
        row.walked = ids[-1] if len(ids) == AT_ONCE else None
        row.save(update_fields=["walked"])
    return True


def compare(customer_ids: Sequence[int], now: datetime) -> int:
    """Queue what differs between these customers' tags and their platforms'; how many wishes."""
    on = switches()
    relations = [one for one in friend_relations(customer_ids) if on.accounts.get(one.account)]
    if not relations:
        return 0
    ours = own_words({one.customer_id for one in relations}, on.tag_ids)
    identities = {one.identity_id for one in relations}
    theirs = platform_words(identities, on.tag_ids)
    mirrors = {
        (row.account, row.staff, row.identity_id, row.tag_id): row
        for row in RelationTag.objects.filter(identity_id__in=identities)
    }
    changed = [
        wish
        for one in relations
        for wish in _wishes(one, on, ours=ours, theirs=theirs, mirrors=mirrors)
    ]
    _queue(changed, now)
    return len(changed)


def _wishes(
    one: FriendRelation,
    on: Switches,
    *,
    ours: set[tuple[int, int]],
    theirs: set[tuple[str, int, int]],
    mirrors: dict[_Place, RelationTag],
) -> list[RelationTag]:
    """Rows of a relation whose wish is another than before."""
    source = f"{one.account}/{one.staff}"[:200]
    found = []
    for tag in on.accounts[one.account]:
        place = (one.account, one.staff, one.identity_id, tag)
        row = mirrors.get(place)
        is_ours, is_theirs = (
            (one.customer_id, tag) in ours,
            (source, one.identity_id, tag) in theirs,
        )
        if row is None and not is_ours and not is_theirs:
            continue
        mirror = Mirror(row.is_remote, row.by_us) if row is not None else None
        shall = decide(is_ours=is_ours, is_theirs=is_theirs, mirror=mirror)
        if row is None:
            row = _new_row(one, tag, is_remote=is_theirs)
        elif row.wanted == shall and row.remote_id:
            continue
        row.wanted, row.remote_id = shall, one.remote_id
        found.append(row)
    return found


def _new_row(one: FriendRelation, tag: int, *, is_remote: bool) -> RelationTag:
    return RelationTag(
        account=one.account,
        staff=one.staff,
        identity_id=one.identity_id,
        tag_id=tag,
        is_remote=is_remote,
    )


def _queue(rows: Sequence[RelationTag], now: datetime) -> None:
    for row in rows:
        row.state = "" if row.wanted is None else WAITING
        row.due_at = None if row.wanted is None else now
        row.reason, row.tries = "", 0
    RelationTag.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "staff", "identity_id", "tag_id"],
        update_fields=["wanted", "remote_id", "state", "reason", "tries", "due_at"],
    ) if rows else None


def requeue_refused(account: str, group_tags: Sequence[int], now: datetime) -> int:
    """Try again what was refused."""
    return RelationTag.objects.filter(
        account=account, tag_id__in=group_tags, state="refused", wanted__isnull=False
    ).update(state=WAITING, due_at=now, tries=0, reason="", wanted=F("wanted"))
