"""Tags: groups, names, and who carries them by whose word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from siyu.core.pipeline import Seen
from siyu.kernel.errors import NotFound, Refused
from siyu.pool.models import CustomerTag, PlatformTag, Relation, Tag, TagGroup
from siyu.pool.rows import among, execute, fetch, insert_rows, is_postgres, listed, stamp, stamper

PLATFORM = "platform"
MANUAL = "manual"
DEFAULT_GROUP = "默认"
_COLUMNS = ("customer_id", "identity_id", "tag_id", "origin", "source", "at")
_KEEP_FIRST = "(identity_id, tag_id, origin, source) DO NOTHING"
_KEEP_LAST = "(identity_id, tag_id, origin, source) DO UPDATE SET at = excluded.at"


def find_or_make_tag(group: str, name: str, now: datetime) -> tuple[int, bool]:
    """The tag's id, and whether it was made. Refused when a name is empty or too long."""
    group, name = group.strip() or DEFAULT_GROUP, name.strip()
    if not name or len(name) > 64 or len(group) > 64 or "\x00" in group + name:
        raise Refused("tag.name", "标签和分组名称须为 1 至 64 个字", field="name")
    holder, _ = TagGroup.objects.get_or_create(name=group)
    tag, is_new = Tag.objects.get_or_create(group=holder, name=name, defaults={"created_at": now})
    if tag.is_archived:
        Tag.objects.filter(pk=tag.pk).update(is_archived=False)
    return tag.pk, is_new


def require_tags(tag_ids: Iterable[int]) -> None:
    """NotFound unless all of these exist and are not archived."""
    wanted = set(tag_ids)
    found = set(Tag.objects.filter(pk__in=wanted, is_archived=False).values_list("pk", flat=True))
    if wanted - found:
        raise NotFound("tag.missing", "标签不存在", field="tag_id")


def attach(
    customer_ids: Iterable[int], tag_ids: Iterable[int], *, origin: str, source: str, now: datetime
) -> int:
    """Hang tags on the oldest identity of each customer; how many customers there are."""
    tags = list(tag_ids)
    people = primary_identities(customer_ids)
    at = stamp(now)
    rows = [
        (customer, identity, tag, origin, source[:200], at)
        for customer, identity in people.items()
        for tag in tags
    ]
    insert_rows(CustomerTag, _COLUMNS, rows, on_conflict=_KEEP_FIRST)
    return len(people)


def detach(customer_ids: Iterable[int], tag_ids: Iterable[int]) -> int:
    """Take tags off, whoever put them there; how many rows went."""
    sql = f"DELETE FROM pool_customertag WHERE {among('customer_id')} AND {among('tag_id')}"  # noqa: S608
    return execute(sql, listed(customer_ids), listed(tag_ids))


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
    latest: dict[tuple[str, str, int], Seen] = {}
    for seen in people:
        fact = seen.fact
        if seen.identity_id is None or not isinstance(fact.private.get("tags"), list):
            continue
        key = (fact.account, fact.staff, seen.identity_id)
        if key not in latest or fact.at >= latest[key].fact.at:
            latest[key] = seen
    for (account, staff, identity), seen in latest.items():
        if _claim(account, staff, identity, seen):
            ids = _platform_tag_ids(account, seen.fact.private["tags"], now)
            _replace(f"{account}/{staff}"[:200], seen, ids)


def _claim(account: str, staff: str, identity: int, seen: Seen) -> bool:
    """Note the time of this list unless a later one is known."""
    at = stamper()(seen.fact.at)
    insert_rows(
        Relation,
        ("account", "platform", "staff", "customer_id", "identity_id", "is_friend", "state"),
        [(account, seen.fact.platform, staff, seen.customer_id, identity, False, "")],
        on_conflict="DO NOTHING",
    )
    changed = execute(
        "UPDATE pool_relation SET tags_at = %s WHERE account = %s AND staff = %s"
        " AND identity_id = %s AND (tags_at IS NULL OR tags_at <= %s)",
        at,
        account,
        staff,
        identity,
        at,
    )
    return changed > 0


def _platform_tag_ids(account: str, told: list[Any], now: datetime) -> list[int]:
    remote = {
        str(tag["remote_id"])[:96]: tag
        for tag in told
        if isinstance(tag, dict) and tag.get("remote_id") and tag.get("name")
    }
    known = dict(
        PlatformTag.objects.filter(account=account, remote_id__in=remote).values_list(
            "remote_id", "tag_id"
        )
    )
    for remote_id in remote.keys() - known.keys():
        tag = remote[remote_id]
        group = str(tag.get("group") or DEFAULT_GROUP)[:64]
        known[remote_id], _ = find_or_make_tag(group, str(tag["name"])[:64], now)
        PlatformTag.objects.create(account=account, remote_id=remote_id, tag_id=known[remote_id])
    return sorted(set(known.values()))


def _replace(source: str, seen: Seen, tag_ids: list[int]) -> None:
    at = stamper()(seen.fact.at)
    none = "<> ALL(%s)" if is_postgres() else "NOT IN (SELECT value FROM json_each(%s))"
    execute(
        "DELETE FROM pool_customertag WHERE identity_id = %s AND origin = %s AND source = %s"  # noqa: S608
        f" AND tag_id {none}",
        seen.identity_id,
        PLATFORM,
        source,
        listed(tag_ids),
    )
    rows = [(seen.customer_id, seen.identity_id, tag, PLATFORM, source, at) for tag in tag_ids]
    insert_rows(CustomerTag, _COLUMNS, rows, on_conflict=_KEEP_LAST)
