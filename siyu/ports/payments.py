"""What a platform that moves money may offer: payments, guide cards after payment, rewards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from siyu.kernel.identity import Identity
from siyu.ports.facts import Fact


@dataclass(frozen=True)
class BillLine:
    """One line of a day's bill: a payment (`refund_no` "") or a refund, as the fact it amounts to.

    amount_fen: what was paid or given back.
    """

    order_no: str
    refund_no: str
    amount_fen: int
    fact: Fact


@dataclass(frozen=True)
class Bill:
    """A whole day by the platform's own books; its hash was compared with the announced one."""

    day: date
    lines: Sequence[BillLine]
    paid_fen: int
    refunded_fen: int


class PaymentState(StrEnum):
    """Where an order stands at the platform."""

    OPEN = "open"
    PAID = "paid"
    REFUNDED = "refunded"
    CLOSED = "closed"


@dataclass(frozen=True)
class RemotePayment:
    """An order as the platform knows it; `fact` when it is paid."""

    order_no: str
    state: PaymentState
    amount_fen: int
    fact: Fact | None = None


class PaymentSource(Protocol):
    """Asks for what callbacks may have failed to say. Raises the PlatformError family."""

    def find_payment(self, order_no: str) -> RemotePayment | None:
        """One order, None when the platform has none of this number."""
        ...

    def fetch_bill(self, day: date) -> Bill | None:
        """A past day's bill; None when nothing was paid, RetryLater while it is being made."""
        ...


@dataclass(frozen=True)
class CardGuide:
    """A member of staff as the platform's card shows him. qr_code: the URL its code leads to."""

    store_id: str
    userid: str
    name: str
    mobile: str
    qr_code: str
    avatar: str = ""
    corp_id: str = ""


@dataclass(frozen=True)
class RemoteGuide:
    """A registered guide; name and mobile come back masked or not at all."""

    guide_id: str
    store_id: str
    userid: str


class GuideCards(Protocol):
    """The guide's card a customer sees after paying (支付即服务)."""

    def register_guide(self, guide: CardGuide) -> str:
        """The platform's id of the guide."""
        ...

    def update_guide(self, guide_id: str, guide: CardGuide) -> None: ...

    def list_guides(self, store_id: str) -> list[RemoteGuide]:
        """All guides of one store, page by page."""
        ...

    def assign_guide(self, guide_id: str, order_no: str) -> None:
        """Show this guide to whoever pays the order; only before it is paid."""
        ...


class PayoutState(StrEnum):
    """What became of money on its way to a customer. The last three are final."""

    WAITING = "waiting"
    """The customer must confirm in WeChat first."""
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Payout:
    """Money for one customer. bill_no: ours, letters and digits, at most 32; never used twice.

    recipient: the customer's id in the account's app. remark: the customer reads it, ≤ 32 chars.
    activity, reason: what for, as the platform wants it reported.
    """

    bill_no: str
    recipient: str
    amount_fen: int
    remark: str
    activity: str
    reason: str


@dataclass(frozen=True)
class PayoutResult:
    """A payout as the platform knows it. package: what the customer's client needs to confirm."""

    bill_no: str
    remote_id: str
    state: PayoutState
    amount_fen: int
    recipient: str
    reason: str = ""
    package: str = ""
    at: datetime | None = None


class RewardPayer(Protocol):
    """Pays customers out of the brand's balance."""

    def find_recipient(self, identities: Sequence[Identity]) -> Identity | None:
        """The first of a person's identities that money can be sent to. Pure."""
        ...

    def pay(self, payout: Payout) -> PayoutResult:
        """Hand a payout over. UnknownOutcome: ask `find_payout`, never pay under another number."""
        ...

    def find_payout(self, bill_no: str) -> PayoutResult | None:
        """What became of it; None when the platform has never heard of the number."""
        ...

    def cancel_payout(self, bill_no: str) -> None:
        """Take back what the customer has not confirmed."""
        ...
