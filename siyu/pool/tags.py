"""Tags: groups, names, and who carries them by whose word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from siyu.core.pipeline import Seen
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import tag_states
from siyu.pool.models import CustomerTag, PlatformTag, Relation, Tag, TagGroup
from siyu.pool.rows import (
    among,
    execute,
    fetch,
    insert_rows,
    listed,
    ms_of,
    stamp,
    stamper,
    update_rows,
)
from siyu.pool.tag_states import PLATFORM
from siyu.pool.tag_words import StaffWord, TagList, hear_lists

MANUAL = "manual"
DEFAULT_GROUP = "默认"
Hanging = tuple[int, Iterable[int], str]
"""A tag, the customers who get it, and the origin."""
_COLUMNS = ("customer_id", "identity_id", "tag_id", "origin", "source", "at")
_RENEW = (
    "(identity_id, tag_id, origin, source) DO UPDATE SET"
    " at = CASE WHEN excluded.at < pool_customertag.at THEN excluded.at"
    " ELSE pool_customertag.at END,"
    " last_at = CASE WHEN excluded.last_at > COALESCE(pool_customertag.last_at,"
    " pool_customertag.at) THEN excluded.last_at"
    " ELSE COALESCE(pool_customertag.last_at, pool_customertag.at) END"
)
_KEEP_LAST = "(identity_id, tag_id, origin, source) DO UPDATE SET at = excluded.at"


def find_or_make_tag(group: str, name: str, now: datetime) -> tuple[int, bool]:
    """The tag's id, and whether it was made. Refused when a name is empty or too long."""
    group, name = group.strip() or DEFAULT_GROUP, name.strip()
    if not name or len(name) > 64 or len(group) > 64 or "\x00" in group + name:
        raise Refused("tag.name", "标签和分组名称须为 1 至 64 个字", field="name")
    holder, _ = TagGroup.objects.get_or_create(name=group)
    tag, is_new = Tag.objects.get_or_create(group=holder, name=name, defaults={"created_at": now})
    if tag.merged_into is not None:
        return follow_merges(tag.pk), False
    if tag.is_archived:
        Tag.objects.filter(pk=tag.pk).update(is_archived=False)
    return tag.pk, is_new


def follow_merges(tag_id: int) -> int:
    """The tag that stands for this one since tags were merged."""
    rows = Tag.objects.exclude(merged_into=None).values_list("pk", "merged_into")
    merged = {tag: into for tag, into in rows if into is not None}
    while tag_id in merged:
        tag_id = merged[tag_id]
    return tag_id


def require_tags(tag_ids: Iterable[int]) -> None:
    """NotFound unless all of these exist and are not archived."""
    wanted = set(tag_ids)
    found = set(Tag.objects.filter(pk__in=wanted, is_archived=False).values_list("pk", flat=True))
    if wanted - found:
        raise NotFound("tag.missing", "标签不存在", field="tag_id")


def attach(hangings: Iterable[Hanging], *, source: str, now: datetime) -> int:
    """Hang tags on the oldest identity of each customer; how many customers there are."""
    wanted = [(tag, set(customers), origin) for tag, customers, origin in hangings]
    people = primary_identities({who for _, customers, _ in wanted for who in customers})
    at = stamp(now)
    rows = [
        (customer, people[customer], tag, origin, source[:200], at, at)
        for tag, customers, origin in wanted
        for customer in customers
        if customer in people
    ]
    insert_rows(CustomerTag, (*_COLUMNS, "last_at"), rows, on_conflict=_RENEW)
    tag_states.settle(people, now)
    return len(people)


def find_tags(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of the tags in use among these (group, name), by what was asked."""
    asked = {pair: (pair[0].strip() or DEFAULT_GROUP, pair[1].strip()) for pair in names}
    rows = Tag.objects.filter(
        group__name__in={group for group, _ in asked.values()},
        name__in={name for _, name in asked.values()},
        is_archived=False,
    )
    found = {(group, name): pk for pk, group, name in rows.values_list("pk", "group__name", "name")}
    return {pair: found[clean] for pair, clean in asked.items() if clean in found}


def detach(customer_ids: Iterable[int], tag_ids: Iterable[int], *, now: datetime) -> int:
    """Take tags off, whoever put them there; how many rows went.

    What such a tag had taken the place of in an exclusive group does not come back, unless a
    platform says it.
    """
    people, tags = listed(customer_ids), listed(tag_ids)
    execute(
        "DELETE FROM pool_customertag WHERE NOT is_active AND origin <> %s AND EXISTS ("  # noqa: S608
        "SELECT 1 FROM pool_customertag o JOIN pool_tag t ON t.id = o.tag_id"
        " JOIN pool_taggroup g ON g.id = t.group_id JOIN pool_tag mine"
        " ON mine.id = pool_customertag.tag_id AND mine.group_id = g.id"
        " WHERE g.is_exclusive AND o.is_active AND o.customer_id = pool_customertag.customer_id"
        f" AND {among('o.tag_id')}) AND {among('customer_id')}",
        PLATFORM,
        tags,
        people,
    )
    sql = f"DELETE FROM pool_customertag WHERE {among('customer_id')} AND {among('tag_id')}"  # noqa: S608
    count = execute(sql, people, tags)
    tag_states.settle(customer_ids, now)
    return count


def detach_own(
    customer_ids: Iterable[int], tag_id: int, *, source: str, origins: Iterable[str], now: datetime
) -> set[int]:
    """Take off what these origins (and this source, unless "") put on; from whom."""
    where = f"tag_id = %s AND {among('origin')} AND {among('customer_id')}"
    wanted: list[Any] = [tag_id, listed(origins), listed(customer_ids)]
    if source:
        where, wanted = f"{where} AND source = %s", [*wanted, source]
    gone = {
        row[0]
        for row in fetch(f"SELECT customer_id FROM pool_customertag WHERE {where}", *wanted)  # noqa: S608
    }
    if gone:
        execute(f"DELETE FROM pool_customertag WHERE {where}", *wanted)  # noqa: S608
        tag_states.settle(gone, now)
    return gone


def primary_identities(customer_ids: Iterable[int]) -> dict[int, int]:
    """The oldest identity of each living customer: what is said of the person hangs on it."""
    rows = fetch(
        "SELECT customer_id, MIN(id) FROM pool_identity"  # noqa: S608
        f" WHERE {among('customer_id')} GROUP BY customer_id",
        listed(customer_ids),
    )
    return {row[0]: row[1] for row in rows}


def record_platform_tags(people: Iterable[Seen], now: datetime) -> None:
    """`private["tags"]` is the whole list of one staff's tags on a person; the latest counts."""
    latest: dict[StaffWord, Seen] = {}
    for seen in people:
        fact = seen.fact
        if seen.identity_id is None or not isinstance(fact.private.get("tags"), list):
            continue
        key = (fact.account, fact.staff, seen.identity_id)
        if key not in latest or fact.at >= latest[key].fact.at:
            latest[key] = seen
    claimed = _claim(latest) if latest else {}
    if not claimed:
        return
    ids = _platform_tag_ids(claimed, now)
    lists = {
        key: TagList(
            seen.customer_id or 0,
            frozenset(ids[key[0], remote] for remote in _told(seen)),
            seen.fact.at,
        )
        for key, seen in claimed.items()
    }
    _replace(hear_lists(lists, now), claimed, now)


def _claim(latest: Mapping[StaffWord, Seen]) -> dict[StaffWord, Seen]:
    """Note the times of these lists; those that are not older than the known ones."""
    stamp = stamper()
    insert_rows(
        Relation,
        ("account", "platform", "staff", "customer_id", "identity_id", "is_friend", "state"),
        [
            (account, seen.fact.platform, staff, seen.customer_id, identity, False, "")
            for (account, staff, identity), seen in latest.items()
        ],
        on_conflict="DO NOTHING",
    )
    claimed: dict[StaffWord, Seen] = {}
    times: list[tuple[Any, ...]] = []
    for row_id, account, staff, identity, at in fetch(
        "SELECT id, account, staff, identity_id, tags_at FROM pool_relation"  # noqa: S608
        f" WHERE {among('identity_id')}",
        listed({identity for _, _, identity in latest}),
    ):
        seen = latest.get((account, staff, identity))
        if seen is not None and (at is None or ms_of(at) <= seen.fact.at):
            claimed[account, staff, identity] = seen
            times.append((stamp(seen.fact.at), row_id))
    update_rows(Relation, ("tags_at",), "id", times)
    return claimed


def _told(seen: Seen) -> dict[str, dict[str, Any]]:
    """The tags a fact lists, by the platform's id."""
    return {
        str(tag["remote_id"])[:96]: tag
        for tag in seen.fact.private["tags"]
        if isinstance(tag, dict) and tag.get("remote_id") and tag.get("name")
    }


def _platform_tag_ids(
    claimed: Mapping[StaffWord, Seen], now: datetime
) -> dict[tuple[str, str], int]:
    """Our tag of each tag of a platform, by account and the platform's id; new ones are made."""
    told = {
        (account, remote): tag
        for (account, _, _), seen in claimed.items()
        for remote, tag in _told(seen).items()
    }
    if not told:
        return {}
    known = {
        (account, remote): tag_id
        for account, remote, tag_id in PlatformTag.objects.filter(
            account__in={account for account, _ in told},
            remote_id__in={remote for _, remote in told},
        ).values_list("account", "remote_id", "tag_id")
    }
    for account, remote in sorted(told.keys() - known.keys()):
        tag = told[account, remote]
        group = str(tag.get("group") or DEFAULT_GROUP)[:64]
        tag_id, _ = find_or_make_tag(group, str(tag["name"])[:64], now)
        PlatformTag.objects.create(account=account, remote_id=remote, tag_id=tag_id)
        known[account, remote] = tag_id
    return known


def _replace(
    wanted: Mapping[StaffWord, list[int]], claimed: Mapping[StaffWord, Seen], now: datetime
) -> None:
    """Each list takes the place of what the same staff said of the same person before."""
    stamp = stamper()
    keep = {
        (identity, f"{account}/{staff}"[:200], tag)
        for (account, staff, identity), tag_ids in wanted.items()
        for tag in tag_ids
    }
    sources = {(identity, f"{account}/{staff}"[:200]) for account, staff, identity in wanted}
    gone = [
        row_id
        for row_id, identity, source, tag in fetch(
            "SELECT id, identity_id, source, tag_id FROM pool_customertag"  # noqa: S608
            f" WHERE origin = %s AND {among('identity_id')}",
            PLATFORM,
            listed({identity for _, _, identity in wanted}),
        )
        if (identity, source) in sources and (identity, source, tag) not in keep
    ]
    if gone:
        execute(f"DELETE FROM pool_customertag WHERE {among('id')}", listed(gone))  # noqa: S608
    rows = [
        (seen.customer_id, identity, tag, PLATFORM, f"{account}/{staff}"[:200], stamp(seen.fact.at))
        for (account, staff, identity), seen in claimed.items()
        for tag in wanted[account, staff, identity]
    ]
    insert_rows(CustomerTag, _COLUMNS, rows, on_conflict=_KEEP_LAST)
    touched = {seen.customer_id for seen in claimed.values() if seen.customer_id is not None}
    tag_states.settle(touched, now)
