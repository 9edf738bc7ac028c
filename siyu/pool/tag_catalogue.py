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


@dataclass
class Differences:
    """How a platform's list differs from what we know of it."""

    new: list[ListedTag] = field(default_factory=list)
    renamed: list[tuple[ListedTag, int]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return len(self.new) + len(self.renamed)


def compare_catalogue(account: str, listed: Sequence[ListedTag]) -> Differences:
    """What is new, has another name, or is no longer there."""
    known = {
        remote: (tag, group, name)
        for remote, tag, group, name in PlatformTag.objects.filter(account=account).values_list(
            "remote_id", "tag_id", "tag__group__name", "tag__name"
        )
    }
    found = Differences(gone=sorted(known.keys() - {one.remote_id for one in listed}))
    for one in (_clean(one) for one in listed):
        before = known.get(one.remote_id)
        if before is None:
            found.new.append(one)
        elif before[1:] != (one.group, one.name):
            found.renamed.append((one, before[0]))
    return found


def keep_catalogue(account: str, found: Differences, now: datetime) -> None:
    """Follow a platform's list; inside a transaction.

    A renamed tag takes our tag's name along, unless another account knows ours, too, or the name
    is taken: then it stands for the tag of its new name. A tag that is gone is taken off those
    who had it by that platform's word.
    """
    for one in found.new:
        tag_id, _ = find_or_make_tag(one.group, one.name, now)
        PlatformTag.objects.update_or_create(
            account=account, remote_id=one.remote_id, defaults={"tag_id": tag_id}
        )
    for one, tag_id in found.renamed:
        _rename(account, one, tag_id, now)
    gone = PlatformTag.objects.filter(account=account, remote_id__in=found.gone)
    tags = set(gone.values_list("tag_id", flat=True))
    gone.delete()
    _take_off(account, tags, now)


def _rename(account: str, one: ListedTag, tag_id: int, now: datetime) -> None:
    group, _ = TagGroup.objects.get_or_create(name=one.group)
    is_shared = PlatformTag.objects.filter(tag_id=tag_id).exclude(account=account).exists()
    is_taken = Tag.objects.filter(group=group, name=one.name).exclude(pk=tag_id).exists()
    if is_shared or is_taken:
        other, _ = find_or_make_tag(one.group, one.name, now)
        PlatformTag.objects.filter(account=account, remote_id=one.remote_id).update(tag_id=other)
        return
    Tag.objects.filter(pk=tag_id).update(name=one.name, group=group)


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
