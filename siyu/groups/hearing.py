"""Events about groups: what changed is read again; who left is known at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.groups.models import Group, Stay
from siyu.kernel.clock import from_ms
from siyu.ports import facts
from siyu.ports.groups import DISMISSED, UNKNOWN

SETTLING = timedelta(seconds=2)
"""Details may lag the event by a couple of seconds."""
DEL_MEMBER, DISMISS = "del_member", "dismiss"
_FRIENDS = (facts.FRIEND_ADDED, facts.FRIEND_SYNCED)
_Place = tuple[str, str]


def hear_groups(batch: Batch) -> None:
    """Put changed groups on the work list, note departures and dismissals."""
    told = [seen for seen in batch.named(facts.GROUP_CHANGED) if seen.fact.account]
    if not told:
        return
    places = {_place(seen) for seen in told}
    queue(places, batch.now + SETTLING)
    groups = find_groups(places)
    _note_departures(told, groups)
    for seen in told:
        if seen.fact.properties.get("change") == DISMISS:
            dismiss([groups[_place(seen)]], from_ms(seen.fact.at))


def link_friends(batch: Batch) -> None:
    """Members who were outsiders and are customers now."""
    people: dict[str, Seen] = {}
    for seen in batch.named(*_FRIENDS):
        if seen.customer_id is not None and seen.identity_id is not None:
            people[seen.fact.identities[0].value] = seen
    if not people:
        return
    rows = Stay.objects.filter(
        remote_id__in=people, customer_id__isnull=True, is_staff=False
    ).select_related("group")
    linked = []
    for row in rows:
        seen = people[row.remote_id]
        if row.group.account == seen.fact.account:
            row.customer_id, row.identity_id = seen.customer_id, seen.identity_id
            linked.append(row)
    write_rows(linked, ("customer_id", "identity_id"))


def queue(places: Iterable[_Place], due_at: datetime) -> None:
    """Have these groups (account, remote id) read at `due_at`."""
    Group.objects.bulk_create(
        [
            Group(account=account, remote_id=remote_id, due_at=due_at)
            for account, remote_id in sorted(places)
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["due_at"],
    )


def find_groups(places: Iterable[_Place]) -> dict[_Place, Group]:
    """The rows of these groups."""
    wanted = set(places)
    rows = Group.objects.filter(
        account__in={account for account, _ in wanted},
        remote_id__in={remote_id for _, remote_id in wanted},
    )
    return {(row.account, row.remote_id): row for row in rows}


def dismiss(groups: Sequence[Group], at: datetime) -> None:
    """These groups are no more: everybody left them."""
    living = [group for group in groups if group.dismissed_at is None]
    for group in living:
        group.dismissed_at, group.due_at = at, None
        group.member_count = group.customer_count = 0
    fields = ("dismissed_at", "due_at", "member_count", "customer_count")
    write_rows(living, fields)
    Stay.objects.filter(group__in=living, left_at__isnull=True).update(
        left_at=at, leave_kind=DISMISSED
    )


def _place(seen: Seen) -> _Place:
    return seen.fact.account, str(seen.fact.properties.get("remote_id", ""))[:64]


def _note_departures(told: Sequence[Seen], groups: dict[_Place, Group]) -> None:
    """Close the stays of those whom an event says to have left after they came."""
    left: dict[tuple[int, str], Seen] = {}
    for seen in told:
        if seen.fact.properties.get("detail") == DEL_MEMBER:
            for member in seen.fact.private.get("members", ()):
                left[groups[_place(seen)].pk, str(member)] = seen
    if not left:
        return
    rows = Stay.objects.filter(
        group__in={group_id for group_id, _ in left},
        remote_id__in={member for _, member in left},
        left_at__isnull=True,
    )
    closed = []
    for row in rows:
        seen_ = left.get((row.group_id, row.remote_id))
        if seen_ is not None and from_ms(seen_.fact.at) >= row.joined_at:
            row.left_at = from_ms(seen_.fact.at)
            row.leave_kind = str(seen_.fact.properties.get("leave_kind") or UNKNOWN)
            closed.append(row)
    write_rows(closed, ("left_at", "leave_kind"))
    _keep_passers_by(left, {group.pk: group for group in groups.values()})


def _keep_passers_by(left: Mapping[tuple[int, str], Seen], groups: Mapping[int, Group]) -> None:
    """Who came and left between two readings: not there at the last, gone before the next."""
    members = {member for _, member in left}
    known = set(
        Stay.objects.filter(group__in=groups, remote_id__in=members).values_list(
            "group_id", "remote_id"
        )
    )
    staff = set(
        Stay.objects.filter(remote_id__in=members, is_staff=True).values_list(
            "remote_id", flat=True
        )
    )
    insert_rows(
        [
            _passer_by(groups[group_id], member, seen)
            for (group_id, member), seen in left.items()
            if (group_id, member) not in known
            and member not in staff
            and groups[group_id].read_at is not None
        ],
        ignore_conflicts=True,
    )


def _passer_by(group: Group, member: str, seen: Seen) -> Stay:
    at = from_ms(seen.fact.at)
    return Stay(
        group=group,
        remote_id=member[:64],
        joined_at=at,
        join_kind=UNKNOWN,
        left_at=at,
        leave_kind=str(seen.fact.properties.get("leave_kind") or UNKNOWN),
    )
