"""Members of staff as rooms beside this one need them, for work without an actor."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.guides.models import Department, Staff
from siyu.ports.directory import Employment


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


def list_department_names(account: str) -> dict[str, str]:
    """Department names of an account by remote id."""
    rows = Department.objects.filter(account=account)
    return dict(rows.values_list("remote_id", "name"))
