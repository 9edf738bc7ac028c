"""Members of staff as rooms beside this one need them, for work without an actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from siyu.guides.models import Department, Staff
from siyu.pool.absence import note_absent
from siyu.ports.directory import Employment

_IN_DIRECTORY = tuple(one.value for one in Employment if one is not Employment.LEFT)


@dataclass(frozen=True)
class StaffCard:
    """Name ("" while unknown), whether he is still there, and his departments' remote ids: his
    own, then those above them, the nearest first."""

    name: str
    is_active: bool
    departments: tuple[str, ...]


def list_staff_cards(account: str) -> dict[str, StaffCard]:
    """Everybody of an account by remote id.

    The directory is read before the list of those who may have customers: until that has come,
    whoever works there counts as being there.
    """
    rows = list(Staff.objects.filter(account=account))
    is_told = any(row.is_active for row in rows)
    parents = dict(Department.objects.filter(account=account).values_list("remote_id", "parent_id"))
    return {
        row.staff: StaffCard(
            row.name,
            row.is_active or (not is_told and row.employment == Employment.ACTIVE),
            _with_those_above([str(one) for one in row.departments], parents),
        )
        for row in rows
    }


def _with_those_above(own: Sequence[str], parents: Mapping[str, str]) -> tuple[str, ...]:
    """Level by level up to the top; each once, also where the tree is broken."""
    found = dict.fromkeys(sorted(own))
    level = list(found)
    while level:
        above = sorted({parents.get(one, "") for one in level} - {""})
        level = [one for one in above if one not in found]
        found |= dict.fromkeys(level)
    return tuple(found)


def list_leavers(account: str) -> set[str]:
    """Remote ids of those who left, or may have customers no more.

    Whom only the directory named so far did not leave: the list of those who may have customers
    is read after it.
    """
    gone = Staff.objects.filter(account=account, is_active=False).exclude(
        first_seen_at=F("seen_at"), employment__in=_IN_DIRECTORY
    )
    return set(gone.values_list("staff", flat=True))


def tell_leavers(account: str, now: datetime) -> None:
    """Let the pool know who left, so that it counts nobody as reachable through them."""
    note_absent(account, list_leavers(account), now)


def list_department_names(account: str) -> dict[str, str]:
    """Department names of an account by remote id."""
    rows = Department.objects.filter(account=account)
    return dict(rows.values_list("remote_id", "name"))
