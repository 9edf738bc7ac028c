"""Tags by whose word: what rooms above need to keep platforms' tags and ours together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.pool.models import PlatformTag, Tag
from siyu.pool.rows import among, execute, fetch, listed, stamper
from siyu.pool.tag_states import PLATFORM

StaffWord = tuple[str, str, int]
"""Account, staff, identity: whose tags on whom."""


@dataclass(frozen=True)
class TagList:
    """The whole list of one member of staff's tags on a person, as a platform told it at `at`
    (ms)."""

    customer_id: int
    tag_ids: frozenset[int]
    at: int


Ear = Callable[[Mapping[StaffWord, TagList], datetime], Mapping[StaffWord, frozenset[int]]]
"""Hears lists before they are kept; gives the tags that are only an echo of our own words."""
_ears: list[Ear] = []


@dataclass(frozen=True)
class FriendRelation:
    """A living relation of a customer with a member of staff, or (staff "") with our account.

    remote_id: his id there.
    """

    customer_id: int
    identity_id: int
    account: str
    staff: str
    remote_id: str


def set_ear(ear: Ear) -> None:
    """Name who hears platforms' lists of tags."""
    _ears[:] = [ear]


def hear_lists(lists: Mapping[StaffWord, TagList], now: datetime) -> dict[StaffWord, list[int]]:
    """The tags of each list that are the platform's own word, sorted."""
    echoes = _ears[0](lists, now) if _ears else {}
    return {
        word: sorted(told.tag_ids - echoes.get(word, frozenset())) for word, told in lists.items()
    }


def friend_relations(customer_ids: Iterable[int]) -> list[FriendRelation]:
    """Living relations with members of staff and with accounts."""
    return [
        FriendRelation(*row)
        for row in fetch(
            "SELECT r.customer_id, r.identity_id, r.account, r.staff, i.value"  # noqa: S608
            " FROM pool_relation r JOIN pool_identity i ON i.id = r.identity_id"
            f" WHERE r.is_friend AND {among('r.customer_id')}",
            listed(customer_ids),
        )
    ]


def own_words(customer_ids: Iterable[int], tag_ids: Iterable[int]) -> set[tuple[int, int]]:
    """(customer, tag) that Siyu itself says, now."""
    rows = fetch(
        "SELECT DISTINCT customer_id, tag_id FROM pool_customertag"  # noqa: S608
        f" WHERE is_active AND origin <> %s AND {among('customer_id')} AND {among('tag_id')}",
        PLATFORM,
        listed(customer_ids),
        listed(tag_ids),
    )
    return {(customer, tag) for customer, tag in rows}


def platform_words(
    identity_ids: Iterable[int], tag_ids: Iterable[int]
) -> set[tuple[str, int, int]]:
    """(`account/staff`, identity, tag) that members of staff say."""
    rows = fetch(
        "SELECT source, identity_id, tag_id FROM pool_customertag"  # noqa: S608
        f" WHERE origin = %s AND {among('identity_id')} AND {among('tag_id')}",
        PLATFORM,
        listed(identity_ids),
        listed(tag_ids),
    )
    return {(source, identity, tag) for source, identity, tag in rows}


def drop_own_words(pairs: Iterable[tuple[int, int]], until: Mapping[tuple[int, int], int]) -> int:
    """Delete Siyu's words on (customer, tag) that are not younger than `until` (ms)."""
    stamp = stamper()
    return sum(
        execute(
            "DELETE FROM pool_customertag WHERE customer_id = %s AND tag_id = %s"
            " AND origin <> %s AND COALESCE(last_at, at) <= %s",
            customer,
            tag,
            PLATFORM,
            stamp(until[customer, tag]),
        )
        for customer, tag in pairs
    )


def tags_of_groups(group_ids: Iterable[int]) -> dict[int, tuple[int, str, str]]:
    """Tags in use of these groups: id → (group, group's name, tag's name)."""
    rows = Tag.objects.filter(group_id__in=list(group_ids), is_archived=False)
    return {
        pk: (group, group_name, name)
        for pk, group, group_name, name in rows.values_list("pk", "group_id", "group__name", "name")
    }


def platform_tag_ids(account: str, tag_ids: Iterable[int]) -> dict[int, str]:
    """The platform's ids of our tags on an account; of several the first."""
    rows = PlatformTag.objects.filter(account=account, tag_id__in=list(tag_ids)).order_by("-pk")
    return dict(rows.values_list("tag_id", "remote_id"))


def learn_platform_tags(account: str, remote: Mapping[str, int]) -> None:
    """These ids of a platform stand for these tags of ours."""
    PlatformTag.objects.bulk_create(
        [PlatformTag(account=account, remote_id=key, tag_id=tag) for key, tag in remote.items()],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["tag"],
    )


def carriers_after(tag_ids: Sequence[int], after: int, limit: int) -> list[int]:
    """The next customers by id who carry one of these tags by anybody's word."""
    rows = fetch(
        "SELECT DISTINCT customer_id FROM pool_customertag"  # noqa: S608
        f" WHERE {among('tag_id')} AND customer_id > %s ORDER BY customer_id LIMIT %s",
        listed(tag_ids),
        after,
        limit,
    )
    return [row[0] for row in rows]
