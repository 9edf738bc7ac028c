"""What the organisation hands out."""

from __future__ import annotations

from dataclasses import dataclass

StaffId = tuple[str, str]
"""(account, remote id of the member of staff)"""


@dataclass(frozen=True, kw_only=True)
class StorePoint:
    """An open store on the map; staff: who serves customers there, as (account, userid)."""

    id: int
    code: str
    name: str
    city: str
    address: str
    phone: str
    hours: str
    lat: float | None
    lng: float | None
    staff: tuple[StaffId, ...]
