"""What growth asks of rooms beside it; `site` connects them, since neighbours may not import
each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from siyu.growth.types import Colleague, StorePlace

Staff = Callable[[str], Mapping[str, Colleague]]
"""Account → its members of staff by remote id."""
Departments = Callable[[str], Mapping[str, str]]
Stores = Callable[[], Sequence[StorePlace]]

_staff: Staff = lambda _account: {}  # noqa: E731 - until site says otherwise
_departments: Departments = lambda _account: {}  # noqa: E731
_stores: Stores = lambda: ()  # noqa: E731


def set_neighbours(
    *,
    staff: Staff | None = None,
    departments: Departments | None = None,
    stores: Stores | None = None,
) -> None:
    """Where staff, departments and stores come from; None = as before."""
    global _staff, _departments, _stores
    _staff, _departments = staff or _staff, departments or _departments
    _stores = stores or _stores


def staff_of(account: str) -> Mapping[str, Colleague]:
    """An account's members of staff; {} while unknown."""
    return _staff(account)


def departments_of(account: str) -> Mapping[str, str]:
    """An account's departments, remote id → name."""
    return _departments(account)


def list_stores() -> Sequence[StorePlace]:
    """Every open store."""
    return _stores()
