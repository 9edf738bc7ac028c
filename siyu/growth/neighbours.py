"""What growth asks of rooms beside it; `site` connects them, since neighbours may not import
each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from siyu.growth.types import Colleague, StorePlace

Staff = Callable[[str], Mapping[str, Colleague]]
"""Account → its members of staff by remote id."""
Departments = Callable[[str], Mapping[str, str]]
Stores = Callable[[], Sequence[StorePlace]]
GroupPages = Callable[[int], str]
"""The path of a group code's public page, "" when it has none."""

_staff: Staff = lambda _account: {}  # noqa: E731 - until site says otherwise
_departments: Departments = lambda _account: {}  # noqa: E731
_stores: Stores = lambda: ()  # noqa: E731
_group_pages: GroupPages = lambda _code: ""  # noqa: E731


def set_neighbours(
    *,
    staff: Staff | None = None,
    departments: Departments | None = None,
    stores: Stores | None = None,
    pages: GroupPages | None = None,
) -> None:
    """Where staff, departments, stores and group codes' pages come from; None = as before."""
    global _staff, _departments, _stores, _group_pages
    _staff, _departments = staff or _staff, departments or _departments
    _stores, _group_pages = stores or _stores, pages or _group_pages


def staff_of(account: str) -> Mapping[str, Colleague]:
    """An account's members of staff; {} while unknown."""
    return _staff(account)


def departments_of(account: str) -> Mapping[str, str]:
    """An account's departments, remote id → name."""
    return _departments(account)


def list_stores() -> Sequence[StorePlace]:
    """Every open store."""
    return _stores()


def group_page(code_id: int) -> str:
    """Where a group code is shown to customers."""
    return _group_pages(code_id)
