"""A platform account's list of tags, kept beside ours: new, renamed, gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from siyu.pool import tag_states
from siyu.pool.models import CustomerTag, PlatformTag, Tag, TagGroup
from siyu.pool.tag_states import PLATFORM
from siyu.pool.tags import DEFAULT_GROUP, find_or_make_tag

MAX_NAME = 64


@dataclass(frozen=True)
class ListedTag:
    """A tag as a platform lists it."""

    remote_id: str
    group: str
    name: str


@dataclass(frozen=True)
class Renamed:
    """A tag of ours that a platform calls otherwise than it did."""

    listed: ListedTag
    tag_id: int
    before: ListedTag


@dataclass
class Differences:
    """How a platform's list differs from what we know of it."""

    new: list[ListedTag] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return len(self.new) + len(self.renamed)


def compare_catalogue(account: str, listed: Sequence[ListedTag]) -> Differences:
    """What is new, has another name than it had there, or is no longer there."""
    known = {
        remote: (tag, ListedTag(remote, held_group or group, held or name))
        for remote, tag, held_group, held, group, name in PlatformTag.objects.filter(
            account=account
        ).values_list(
            "remote_id", "tag_id", "remote_group", "remote_name", "tag__group__name", "tag__name"
        )
    }
    found = Differences(gone=sorted(known.keys() - {one.remote_id for one in listed}))
    for one in (_clean(one) for one in listed):
        before = known.get(one.remote_id)
        if before is None:
            found.new.append(one)
        elif before[1] != one:
            found.renamed.append(Renamed(one, *before))
    return found


def keep_catalogue(account: str, found: Differences, now: datetime) -> None:
    """Follow a platform's list; inside a transaction.

    A renamed tag takes our tag's name along, unless another account knows ours, too, or the name
    is taken: then it stands for the tag of its new name. A renamed group takes ours along in the
    same way. A tag that is gone is taken off those who had it by that platform's word.
    """
    for one in found.new:
        tag_id, _ = find_or_make_tag(one.group, one.name, now)
        PlatformTag.objects.update_or_create(
            account=account, remote_id=one.remote_id, defaults={"tag_id": tag_id}
        )
    _rename_groups(account, found.renamed)
    for renamed in found.renamed:
        _rename(account, renamed, now)
    gone = PlatformTag.objects.filter(account=account, remote_id__in=found.gone)
    tags = set(gone.values_list("tag_id", flat=True))
    gone.delete()
    _take_off(account, tags, now)


def _rename_groups(account: str, renamed: Sequence[Renamed]) -> None:
    """Groups whose every tag on this account went to one new name, and that no other knows."""
    targets: dict[int, set[str]] = {}
    moved = {
        one.tag_id: one.listed.group for one in renamed if one.listed.group != one.before.group
    }
    rows = PlatformTag.objects.filter(
        tag__group_id__in=Tag.objects.filter(pk__in=moved).values("group_id")
    ).values_list("account", "tag__group_id", "tag__group__name", "tag_id")
    for owner, group_id, name, tag_id in rows:
        to = moved.get(tag_id, name) if owner == account else name
        targets.setdefault(group_id, set()).add(to)
    taken = set(TagGroup.objects.values_list("name", flat=True))
    for group_id, names in sorted(targets.items()):
        if len(names) == 1 and not names & taken:
            TagGroup.objects.filter(pk=group_id).update(name=min(names))
            taken |= names


def _rename(account: str, renamed: Renamed, now: datetime) -> None:
    """Only what the platform changed is followed: name, group or both."""
    one, before = renamed.listed, renamed.before
    tag = Tag.objects.select_related("group").get(pk=renamed.tag_id)
    group_name = one.group if one.group != before.group else tag.group.name
    name = one.name if one.name != before.name else tag.name
    group, _ = TagGroup.objects.get_or_create(name=group_name)
    is_shared = PlatformTag.objects.filter(tag=tag).exclude(account=account).exists()
    is_taken = Tag.objects.filter(group=group, name=name).exclude(pk=tag.pk).exists()
    mine = PlatformTag.objects.filter(account=account, remote_id=one.remote_id)
    mine.update(remote_group=one.group, remote_name=one.name)
    if is_shared or is_taken:
        other, _ = find_or_make_tag(group_name, name, now)
        mine.update(tag_id=other)
        return
    Tag.objects.filter(pk=tag.pk).update(name=name, group=group)


def _take_off(account: str, tag_ids: set[int], now: datetime) -> None:
    rows = CustomerTag.objects.filter(
        tag_id__in=tag_ids, origin=PLATFORM, source__startswith=f"{account}/"
    )
    customers = set(rows.values_list("customer_id", flat=True))
    if customers:
        rows.delete()
        tag_states.settle(customers, now)


def _clean(one: ListedTag) -> ListedTag:
    group = one.group.strip()[:MAX_NAME] or DEFAULT_GROUP
    return ListedTag(one.remote_id[:96], group, one.name.strip()[:MAX_NAME])
