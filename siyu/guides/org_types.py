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


GUIDE, STORE_MANAGER, REGIONAL_MANAGER = "guide", "store_manager", "regional_manager"


@dataclass(frozen=True, kw_only=True)
class RegionView:
    """A region; stores, staff: with all below it."""

    code: str
    name: str
    parent: str
    stores: int
    staff: int


@dataclass(frozen=True, kw_only=True)
class StoreView:
    """A store as the list shows it; staff: who works there, as (account, userid, role)."""

    code: str
    name: str
    region: str
    city: str
    address: str
    phone: str
    hours: str
    lat: float | None
    lng: float | None
    is_online: bool
    is_active: bool
    staff: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What somebody (or a place) did in a period.

    customers: friends now. owned: customers who belong to him. added, lost, messages: in the
    period. chats, replied_percent, first_reply_minutes, negative: the platform's own figures.
    orders, revenue_fen: placed in the period by customers who belong to him, refunds taken off.
    buyers: customers among these orders. conversion: buyers / owned, 0 when he owns nobody.
    """

    customers: int = 0
    owned: int = 0
    added: int = 0
    lost: int = 0
    messages: int = 0
    chats: int = 0
    replied_percent: float | None = None
    first_reply_minutes: float | None = None
    negative: int = 0
    orders: int = 0
    buyers: int = 0
    revenue_fen: int = 0

    @property
    def conversion(self) -> float:
        return self.buyers / self.owned if self.owned else 0.0


@dataclass(frozen=True, kw_only=True)
class GuideFigures:
    """One member of staff and his figures; stores: codes and names of where he works."""

    account: str
    staff: str
    name: str
    is_active: bool
    stores: tuple[tuple[str, str], ...]
    role: str
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class PlaceFigures:
    """A store or a region added up."""

    code: str
    name: str
    staff: int
    figures: Figures
