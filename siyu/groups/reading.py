"""Reads groups that are due from their platform and keeps the differences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.accounts import connector
from siyu.core.leases import claim
from siyu.core.writing import insert_rows, write_rows
from siyu.groups.hearing import dismiss
from siyu.groups.models import Group, Stay
from siyu.groups.rules import Difference, compare
from siyu.kernel.errors import (
    NotFound,
    PlatformError,
    Reauth,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)
from siyu.kernel.identity import Identity
from siyu.pool.belongings import tell_changed
from siyu.pool.lookups import Person, find_customers
from siyu.pool.queries import erased_among
from siyu.ports.groups import UNKNOWN, GroupSource, RemoteGroup, RemoteMember

CHUNK = 20
BACK_OFF_SECONDS = (2, 10, 60, 300, 1800)
REAUTH_PAUSE = timedelta(minutes=5)
_SHOWN = (
    "name",
    "owner",
    "notice",
    "admins",
    "created_at",
    "version",
    "member_count",
    "customer_count",
    "dismissed_at",
    "read_at",
    "tries",
    "error",
)


def read_due(now: datetime) -> bool:
    """Read some due groups; True when there were any."""
    rows = claim(Group.objects.filter(due_at__lte=now).order_by("due_at", "pk"), CHUNK)
    blocked: set[str] = set()
    for row in rows:
        if row.account not in blocked:
            try:
                _read(row, now)
            except PlatformError as error:
                if _put_off(row, error, now):
                    blocked.add(row.account)
    Group.objects.filter(
        pk__in=[row.pk for row in rows], lease__in={row.lease for row in rows}
    ).update(lease="", lease_until=0)
    return bool(rows)


def count_due(now: datetime) -> int:
    """Groups that are to be read at `now`."""
    return Group.objects.filter(due_at__lte=now).count()


def keep(row: Group, shown: RemoteGroup, asked_at: datetime) -> None:
    """Write a group down as the platform showed it at `asked_at`. In a transaction."""
    outside = [member for member in shown.members if not member.is_staff]
    row.name, row.owner, row.notice = shown.name[:200], shown.owner[:64], shown.notice
    row.admins, row.created_at = list(shown.admins), shown.created_at
    row.version = shown.version[:64]
    row.member_count, row.customer_count = len(shown.members), len(outside)
    row.dismissed_at, row.read_at, row.tries, row.error = None, asked_at, 0, ""
    write_rows([row], _SHOWN)
    stays = list(Stay.objects.filter(group=row))
    _keep_members(row, compare(stays, shown.members, asked_at), asked_at)


def _read(row: Group, now: datetime) -> None:
    source = _source(row.account)
    shown = source.fetch_group(row.remote_id) if source else None
    with transaction.atomic():
        if shown is not None:
            keep(row, shown, now)
        elif source is not None:
            dismiss([row], now)
        Group.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=None)
        Group.objects.filter(pk=row.pk, dismissed_at__isnull=False, due_at__lte=now).update(
            due_at=None
        )


def _source(account: str) -> GroupSource | None:
    try:
        return connector(account).groups
    except NotFound:
        return None


def _keep_members(row: Group, found: Difference[Stay], now: datetime) -> None:
    known = _people(member for member in [*found.new, *(one for _, one in found.same)])
    erased = erased_among(identity for member in found.new for identity in member.identities)
    insert_rows(
        [
            _stay(row, member, known.get(member.remote_id))
            for member in found.new
            if not erased & set(member.identities)
        ],
        ignore_conflicts=True,
    )
    write_rows(
        [stay for stay, member in found.same if _catch_up(stay, member, known)],
        ("name", "identities", "customer_id", "identity_id", "state", "invitor", "join_kind"),
    )
    newer = {member.remote_id: member.joined_at for member in found.new}
    for stay in found.gone:
        stay.left_at, stay.leave_kind = newer.get(stay.remote_id, now), UNKNOWN
    for stay in found.back:
        stay.left_at, stay.leave_kind, stay.is_leave_told = None, "", False
    write_rows([*found.gone, *found.back], ("left_at", "leave_kind", "is_leave_told"))
    back = {stay.customer_id for stay in found.back if stay.customer_id is not None}
    if back:
        tell_changed(back, now)


def _people(members: Iterable[RemoteMember]) -> dict[str, Person]:
    """The pool's customers among members, by remote id; the best identity that is known counts."""
    wanted = {member.remote_id: member.identities for member in members if member.identities}
    known = find_customers(identity for many in wanted.values() for identity in many)
    found = {}
    for remote_id, identities in wanted.items():
        person = next((known[one] for one in identities if one in known), None)
        if person is not None:
            found[remote_id] = person
    return found


def _stay(row: Group, member: RemoteMember, person: Person | None) -> Stay:
    return Stay(
        group=row,
        remote_id=member.remote_id[:64],
        is_staff=member.is_staff,
        customer_id=person[0] if person else None,
        identity_id=person[1] if person else None,
        identities=_plain(member.identities),
        name=member.name[:128],
        joined_at=member.joined_at,
        join_kind=member.join_kind,
        state=member.state[:64],
        invitor=member.invitor[:64],
    )


def _catch_up(stay: Stay, member: RemoteMember, known: dict[str, Person]) -> bool:
    """Bring an open stay up to date; True when it changed."""
    person = known.get(member.remote_id) if stay.customer_id is None else None
    before = (stay.name, stay.identities, stay.customer_id, stay.state, stay.invitor)
    stay.name, stay.identities = member.name[:128], _plain(member.identities)
    stay.state, stay.invitor = member.state[:64], member.invitor[:64]
    stay.join_kind = member.join_kind
    if person:
        stay.customer_id, stay.identity_id = person
    return before != (stay.name, stay.identities, stay.customer_id, stay.state, stay.invitor)


def _plain(identities: Sequence[Identity]) -> list[list[str]]:
    return [[one.namespace, one.scope, one.value] for one in identities]


def _put_off(row: Group, error: PlatformError, now: datetime) -> bool:
    """Decide what becomes of a failed read; True when the whole account must wait."""
    row.error, row.tries = error.reason[:200], row.tries + 1
    if isinstance(error, WaitUntil | Reauth):
        until = error.until if isinstance(error, WaitUntil) else now + REAUTH_PAUSE
        waiting = Group.objects.filter(account=row.account, due_at__lt=until)
        waiting.update(due_at=until, error=row.error)
        return True
    is_passing = isinstance(error, RetryLater | UnknownOutcome)
    if is_passing and row.tries <= len(BACK_OFF_SECONDS):
        row.due_at = now + timedelta(seconds=BACK_OFF_SECONDS[row.tries - 1])
    else:
        row.due_at = None
    row.save(update_fields=["error", "tries", "due_at"])
    return False
