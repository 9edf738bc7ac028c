"""Tags as people and journeys put them on and take them off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from siyu.core.access import SYSTEM, Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, NotFound
from siyu.pool import belongings, tags
from siyu.pool.models import CustomerTag, Tag
from siyu.pool.queries import current_customer_ids, visible_customer_ids
from siyu.pool.tag_names import NameChange, tell_name
from siyu.pool.tag_states import PLATFORM
from siyu.pool.tags import Hanging

TagUsers = Callable[[int], list[str]]
_users: list[TagUsers] = []


def set_tag_users(users: TagUsers) -> None:
    """Tell who uses a tag: names of segments and rules. A used tag is not archived or merged."""
    _users[:] = [users]


def require_unused(tag_id: int) -> None:
    """Conflict with the names of what uses the tag."""
    users = _users[0](tag_id) if _users else []
    if users:
        raise Conflict("tag.used", f"{'、'.join(users[:5])} 正在使用这个标签", field="tag_id")


def ensure_tag(actor: Actor, group: str, name: str, *, now: datetime) -> int:
    """The id of a tag, made when there is none of that name in the group."""
    require(actor, "customer:write")
    with transaction.atomic():
        row_id, is_new = tags.find_or_make_tag(group, name, now)
        if is_new and actor is not SYSTEM:
            detail = {"group": group.strip(), "name": name.strip()}
            record_audit(actor, "create_tag", f"tag:{id}", now=now, detail=detail)
    return row_id


def archive_tag(actor: Actor, tag_id: int, *, now: datetime) -> None:
    """Take a tag off everybody and out of the lists."""
    require(actor, "tag:write")
    with transaction.atomic():
        tags.require_tags([tag_id])
        require_unused(tag_id)
        carriers = CustomerTag.objects.filter(tag_id=tag_id)
        customers = set(carriers.values_list("customer_id", flat=True))
        carriers.delete()
        Tag.objects.filter(pk=tag_id).update(is_archived=True)
        tag = Tag.objects.get(pk=tag_id)
        tell_name(NameChange(tag.group_id, tag_id, tag.name, ""), now)
        belongings.tell_changed(customers, now)
        record_audit(actor, "archive_tag", f"tag:{tag_id}", now=now)


def add_tags(
    actor: Actor,
    customer_ids: Iterable[int],
    tag_ids: Iterable[int],
    *,
    origin: str,
    now: datetime,
) -> int:
    """Put tags on customers; origin: `manual`, `rule`, `journey`…; how many customers."""
    require(actor, "customer:write")
    tag_list = list(tag_ids)
    with transaction.atomic():
        tags.require_tags(tag_list)
        customers = _visible(actor, customer_ids)
        hangings = [(tag_id, customers, origin) for tag_id in tag_list]
        count = tags.attach(hangings, source=actor.name, now=now)
        _conclude(actor, "customer.tag", customers, tag_list, now=now)
    return count


def hang_tags(hangings: Sequence[Hanging], *, now: datetime, source: str = SYSTEM.name) -> None:
    """`add_tags` by the system for many tags with customers and origins of their own."""
    with transaction.atomic():
        tags.require_tags(tag_id for tag_id, _, _ in hangings)
        current = current_customer_ids({who for _, some, _ in hangings for who in some})
        living = visible_customer_ids(SYSTEM, current.values())
        tags.attach(
            [
                (tag_id, {current[who] for who in some} & living, origin)
                for tag_id, some, origin in hangings
            ],
            source=source,
            now=now,
        )
        belongings.tell_changed(living, now)


def ensure_tags(names: Iterable[tuple[str, str]], *, now: datetime) -> dict[tuple[str, str], int]:
    """`ensure_tag` by the system for many (group, name)."""
    wanted = set(names)
    with transaction.atomic():
        found = tags.find_tags(wanted)
        for group, name in sorted(wanted - found.keys()):
            found[group, name], _ = tags.find_or_make_tag(group, name, now)
    return found


def remove_tags(
    actor: Actor, customer_ids: Iterable[int], tag_ids: Iterable[int], *, now: datetime
) -> int:
    """Take tags off customers, whoever put them there; how many were taken off."""
    require(actor, "customer:write")
    tag_list = list(tag_ids)
    with transaction.atomic():
        customers = _visible(actor, customer_ids)
        count = tags.detach(customers, tag_list, now=now)
        _conclude(actor, "customer.untag", customers, tag_list, now=now)
    return count


def take_tags(
    customer_ids: Iterable[int],
    tag_id: int,
    *,
    origins: Iterable[str],
    now: datetime,
    source: str = "",
) -> int:
    """Take off, by the system, what these origins put on; a tag by hand or a platform stays.

    Old customer ids mean nobody: what was theirs is the survivor's by right of its own.
    source: only what this one put on, "" for any. How many customers.
    """
    kept = set(origins) - {tags.MANUAL, PLATFORM}
    with transaction.atomic():
        gone = tags.detach_own(customer_ids, tag_id, source=source, origins=kept, now=now)
        if gone:
            belongings.tell_changed(gone, now)
    return len(gone)


def _visible(actor: Actor, customer_ids: Iterable[int]) -> set[int]:
    """Today's ids of these customers; NotFound unless the actor may see every one."""
    wanted = set(current_customer_ids(customer_ids).values())
    if wanted - visible_customer_ids(actor, wanted):
        raise NotFound("customer.missing", "没有这位客户")
    return wanted


def _conclude(
    actor: Actor, verb: str, customers: set[int], tag_ids: list[int], *, now: datetime
) -> None:
    belongings.tell_changed(customers, now)
    if actor is SYSTEM:
        return
    target = f"customer:{min(customers)}" if len(customers) == 1 else "customers"
    detail = {"tags": tag_ids, "customers": sorted(customers)[:100], "count": len(customers)}
    record_audit(actor, verb, target, now=now, detail=detail)
