"""Orders that live on a platform: told by events, fetched in full, shipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from siyu.ports.facts import Fact


class OrderSource(Protocol):
    def fetch_order(self, order_id: str) -> list[Fact]:
        """What the order is now: `ORDER_COMPLETED` once it is paid, `ORDER_REFUNDED` for what
        went back; [] when it is not paid, or unknown."""
        ...

    def list_orders(self, start: datetime, end: datetime, cursor: str) -> tuple[list[str], str]:
        """Ids of orders changed between two times, and the next cursor ("" at the end)."""
        ...


@dataclass(frozen=True)
class Parcel:
    """One parcel. express and number are empty unless it goes by a carrier."""

    item: str
    express: str = ""
    number: str = ""
    receiver_contact: str = ""


@dataclass(frozen=True)
class Shipment:
    """What is shipped of one payment. kind: `express`, `city`, `virtual` or `pick_up`."""

    transaction_id: str
    payer: str
    kind: str
    parcels: tuple[Parcel, ...]
    is_complete: bool = True


class Shipping(Protocol):
    def upload_shipment(self, shipment: Shipment, at: datetime) -> None:
        """Tell the platform that a paid order was shipped; it releases the money then."""
        ...
