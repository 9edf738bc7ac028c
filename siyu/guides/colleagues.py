"""Members of staff as rooms beside this one need them, for work without an actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from siyu.guides.models import Department, Staff
from siyu.pool.absence import note_absent
from siyu.ports.directory import Employment

_IN_DIRECTORY = tuple(one.value for one in Employment if one is not Employment.LEFT)


@dataclass(frozen=True)
class StaffCard:
    """Name ("" while unknown), whether he is still there, and his departments' remote ids."""

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
    return {
        row.staff: StaffCard(
            row.name,
            row.is_active or (not is_told and row.employment == Employment.ACTIVE),
            tuple(str(one) for one in row.departments),
        )
        for row in rows
    }


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
