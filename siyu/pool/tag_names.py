"""Names of tags that were changed here, and what platforms still call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from siyu.pool.models import PlatformTag, Tag


@dataclass(frozen=True)
class NameChange:
    """A tag, or (tag_id 0) a group, that was called `before` is called `name`; "" = archived."""

    group_id: int
    tag_id: int
    before: str
    name: str


@dataclass(frozen=True)
class RemoteName:
    """A tag of ours on a platform account, and what it was called there when last heard of."""

    remote_id: str
    group: str
    name: str


OnName = Callable[[NameChange, datetime], None]
_listeners: list[OnName] = []


def on_name(listener: OnName) -> None:
    """Name who is told of changed names, inside the transaction of the change."""
    _listeners[:] = [listener]


def tell_name(change: NameChange, now: datetime) -> None:
    """A name was changed by Siyu, not by a platform."""
    for listener in _listeners:
        listener(change, now)


def keep_remote_names(tags: Q) -> None:
    """Before these tags are called otherwise: platforms call them as we did until now."""
    held = Tag.objects.filter(pk=OuterRef("tag_id"))
    PlatformTag.objects.filter(tag_id__in=Tag.objects.filter(tags), remote_name="").update(
        remote_group=Subquery(held.values("group__name")[:1]),
        remote_name=Subquery(held.values("name")[:1]),
    )


def remote_names(account: str, tags: Q) -> list[RemoteName]:
    """These tags on an account, oldest first."""
    rows = PlatformTag.objects.filter(account=account, tag_id__in=Tag.objects.filter(tags))
    return [
        RemoteName(remote, held_group or group, held or name)
        for remote, held_group, held, group, name in rows.order_by("pk").values_list(
            "remote_id", "remote_group", "remote_name", "tag__group__name", "tag__name"
        )
    ]


def note_remote_names(
    account: str, remote_ids: Iterable[str], *, group: str | None = None, name: str | None = None
) -> None:
    """These tags are called so on an account now."""
    values = {"remote_group": group, "remote_name": name}
    PlatformTag.objects.filter(account=account, remote_id__in=list(remote_ids)).update(
        **{key: value for key, value in values.items() if value is not None}
    )


def forget_remote_tags(account: str, remote_ids: Iterable[str]) -> None:
    """These ids of a platform stand for no tag of ours any more."""
    PlatformTag.objects.filter(account=account, remote_id__in=list(remote_ids)).delete()


def is_archived(tag_id: int) -> bool:
    """Whether the tag is out of use; True when it never was."""
    return not Tag.objects.filter(pk=tag_id, is_archived=False).exists()
