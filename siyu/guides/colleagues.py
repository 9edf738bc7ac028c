"""Members of staff as rooms beside this one need them, for work without an actor."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.guides.models import Department, Staff


@dataclass(frozen=True)
class StaffCard:
    """Name ("" while unknown), whether he is still there, and his departments' remote ids."""

    name: str
    is_active: bool
    departments: tuple[str, ...]


def list_staff_cards(account: str) -> dict[str, StaffCard]:
    """Everybody of an account by remote id."""
    rows = Staff.objects.filter(account=account)
    return {
        row.staff: StaffCard(row.name, row.is_active, tuple(str(one) for one in row.departments))
        for row in rows
    }


def list_department_names(account: str) -> dict[str, str]:
    """Department names of an account by remote id."""
    rows = Department.objects.filter(account=account)
    return dict(rows.values_list("remote_id", "name"))
