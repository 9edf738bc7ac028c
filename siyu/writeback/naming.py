"""Names that were changed here become names at the platforms; archived tags are deleted there.

The platform's list is read before anything is written: so a change whose fate is unknown is
looked up and never repeated blindly, and a name given there meanwhile stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from siyu.core.accounts import connector
from siyu.core.leases import claim
from siyu.kernel.errors import PlatformRefused, SiyuError
from siyu.pool import tag_names
from siyu.pool.tag_catalogue import ListedTag, compare_catalogue, keep_catalogue
from siyu.pool.tag_names import NameChange
from siyu.ports.capabilities import RemoteTag
from siyu.ports.tag_editing import TagEditor
from siyu.writeback.models import NameWish, RelationTag, SyncedGroup
from siyu.writeback.pushing import settle_failures
from siyu.writeback.rules import NameStep, decide_name

AT_ONCE = 20
TAG, GROUP = "tag", "group"
WAITING, REFUSED, YIELDED = "waiting", "refused", "yielded"


@dataclass(frozen=True)
class Place:
    """An account's tags as just listed, and who changes them."""

    account: str
    editor: TagEditor
    listed: Sequence[RemoteTag]
    now: datetime


def hear_name(change: NameChange, now: datetime) -> None:
    """See `pool.tag_names.on_name`: queued on every account that keeps the group equal."""
    kind, target = (TAG, change.tag_id) if change.tag_id else (GROUP, change.group_id)
    on = SyncedGroup.objects.filter(group_id=change.group_id, is_on=True)
    for account in on.values_list("account", flat=True):
        row, _ = NameWish.objects.get_or_create(
            account=account,
            kind=kind,
            target_id=target,
            defaults={"group_id": change.group_id, "before": change.before},
        )
        if row.state not in (WAITING, REFUSED):
            row.before, row.tried = change.before, ""
        row.group_id, row.name = change.group_id, change.name
        row.state, row.reason, row.tries, row.due_at, row.done_at = WAITING, "", 0, now, None
        row.save()
        if not change.name:
            RelationTag.objects.filter(account=account, tag_id=change.tag_id).delete()


def push_names(now: datetime) -> bool:
    """Write some waiting names; True when there was any."""
    due = NameWish.objects.filter(state=WAITING, due_at__lte=now)
    rows = claim(due.order_by("due_at", "pk"), AT_ONCE)
    by_account: dict[str, list[NameWish]] = defaultdict(list)
    for row in rows:
        by_account[row.account].append(row)
    for account, wishes in by_account.items():
        _push_account(account, wishes, now)
    return bool(rows)


def requeue_names(account: str, group_id: int, now: datetime) -> int:
    """Try again what was refused."""
    refused = NameWish.objects.filter(account=account, group_id=group_id, state=REFUSED)
    return refused.update(state=WAITING, due_at=now, tries=0, reason="")


def _push_account(account: str, wishes: Sequence[NameWish], now: datetime) -> None:
    try:
        found = connector(account)
        if found.tags is None or found.tag_editor is None:
            NameWish.objects.filter(pk__in=[row.pk for row in wishes]).delete()
            return
        place = Place(account, found.tag_editor, found.tags.list_tags(), now)
    except SiyuError as error:
        settle_failures([(row, error) for row in wishes if _is_current(row)], now)
        return
    for row in wishes:
        try:
            _push(row, place)
        except SiyuError as error:
            settle_failures([(row, error)] if _is_current(row) else [], now)
            _wishes(row).update(lease="", lease_until=0)


def _push(row: NameWish, place: Place) -> None:
    if len(row.name) > place.editor.max_name:
        limit = place.editor.max_name
        raise PlatformRefused("writeback.name", f"名称超过 {limit} 个字, 平台写不下")
    if row.kind == GROUP:
        _push_group(row, place)
    elif row.name:
        _push_tag(row, place)
    elif tag_names.is_archived(row.target_id):
        _delete_tag(row, place)
    else:
        _finish(row, place)


def _push_tag(row: NameWish, place: Place) -> None:
    theirs = {one.remote_id: one.name for one in place.listed}
    names = tag_names.remote_names(place.account, Q(pk=row.target_id))
    held = [one for one in names if one.remote_id in theirs]
    chosen = next((one for one in held if one.name == row.before), held[0] if held else None)
    if chosen is None:
        _finish(row, place)
        return
    listed = theirs[chosen.remote_id]
    step = decide_name(listed=listed, known=chosen.name, wanted=row.name, tried=row.tried)
    if step is NameStep.YIELD:
        _yield(row, place, listed)
        return
    if step is NameStep.WRITE:
        _note_try(row)
        place.editor.rename_tag(chosen.remote_id, row.name)
    with transaction.atomic():
        tag_names.note_remote_names(place.account, [chosen.remote_id], name=row.name)
        _finish(row, place)


def _push_group(row: NameWish, place: Place) -> None:
    """The group there is the one that holds most of the group's tags."""
    names = tag_names.remote_names(place.account, Q(group_id=row.target_id))
    known = {one.remote_id: one.group for one in names}
    held = Counter((one.group_id, one.group_name) for one in place.listed if one.remote_id in known)
    if not held:
        _finish(row, place)
        return
    (group_id, listed), _ = held.most_common(1)[0]
    inside = [one.remote_id for one in place.listed if one.group_id == group_id]
    before = next(known[one] for one in inside if one in known)
    step = decide_name(listed=listed, known=before, wanted=row.name, tried=row.tried)
    if step is NameStep.YIELD:
        _yield(row, place, listed)
        return
    if step is NameStep.WRITE:
        _note_try(row)
        place.editor.rename_group(group_id, row.name)
    with transaction.atomic():
        tag_names.note_remote_names(place.account, inside, group=row.name)
        _finish(row, place)


def _delete_tag(row: NameWish, place: Place) -> None:
    theirs = {one.remote_id: one.name for one in place.listed}
    held = tag_names.remote_names(place.account, Q(pk=row.target_id))
    there = [one for one in held if one.remote_id in theirs]
    renamed = next((one for one in there if theirs[one.remote_id] != one.name), None)
    if renamed is not None:
        tag_names.forget_remote_tags(place.account, [one.remote_id for one in there])
        _yield(row, place, theirs[renamed.remote_id])
        return
    if there:
        place.editor.delete_tags([one.remote_id for one in there])
    with transaction.atomic():
        tag_names.forget_remote_tags(place.account, [one.remote_id for one in held])
        _finish(row, place)


def _yield(row: NameWish, place: Place, listed: str) -> None:
    """The name given there stands, and is followed here at once."""
    every = [ListedTag(one.remote_id, one.group_name, one.name) for one in place.listed if one.name]
    with transaction.atomic():
        keep_catalogue(place.account, compare_catalogue(place.account, every), place.now)
        _finish(row, place, state=YIELDED, reason=f"平台上已另改名为“{listed}”, 以平台为准")


def _note_try(row: NameWish) -> None:
    """Kept before the call: should its answer be lost, the name is known to be ours."""
    row.tried = row.name
    _wishes(row).update(tried=row.name)


def _finish(row: NameWish, place: Place, *, state: str = "", reason: str = "") -> None:
    """Done, unless another name is wished by now."""
    _wishes(row).filter(name=row.name).update(state=state, reason=reason[:200], done_at=place.now)
    _wishes(row).update(lease="", lease_until=0)


def _wishes(row: NameWish) -> QuerySet[NameWish]:
    return NameWish.objects.filter(pk=row.pk, lease=row.lease)


def _is_current(row: NameWish) -> bool:
    return _wishes(row).filter(name=row.name, state=WAITING).exists()
