"""What growth asks of rooms beside it; `site` connects them, since neighbours may not import
each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from siyu.growth.types import Colleague, StorePlace

Staff = Callable[[str], Mapping[str, Colleague]]
"""Account → its members of staff by remote id."""
Departments = Callable[[str], Mapping[str, str]]
Stores = Callable[[], Sequence[StorePlace]]


@dataclass
class _Neighbours:
    staff: Staff
    departments: Departments
    stores: Stores


_neighbours = _Neighbours(lambda _account: {}, lambda _account: {}, lambda: ())
"""Nobody, until site says otherwise."""


def set_neighbours(
    *,
    staff: Staff | None = None,
    departments: Departments | None = None,
    stores: Stores | None = None,
) -> None:
    """Where staff, departments and stores come from; None = as before."""
    _neighbours.staff = staff or _neighbours.staff
    _neighbours.departments = departments or _neighbours.departments
    _neighbours.stores = stores or _neighbours.stores


def staff_of(account: str) -> Mapping[str, Colleague]:
    """An account's members of staff; {} while unknown."""
    return _neighbours.staff(account)


def departments_of(account: str) -> Mapping[str, str]:
    """An account's departments, remote id → name."""
    return _neighbours.departments(account)


def list_stores() -> Sequence[StorePlace]:
    """Every open store."""
    return _neighbours.stores()
