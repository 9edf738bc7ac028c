"""The ledger of rewards: every movement twice, so that the books add up to 0."""

from __future__ import annotations

from datetime import datetime

from siyu.payments.models import LedgerRow, Reward

BALANCE, TRANSIT, CUSTOMERS = "balance", "transit", "customers"
HANDED, PAID, RETURNED = "handed", "paid", "returned"


def book_handed(reward: Reward, now: datetime) -> None:
    """Money left the balance and is on its way."""
    _book(reward, HANDED, BALANCE, TRANSIT, now)


def book_paid(reward: Reward, now: datetime) -> None:
    """It arrived."""
    _book(reward, PAID, TRANSIT, CUSTOMERS, now)


def book_return(reward: Reward, now: datetime) -> None:
    """It came back, if it ever left."""
    if reward.sends:
        _book(reward, RETURNED, TRANSIT, BALANCE, now)


def _book(reward: Reward, kind: str, source: str, target: str, now: datetime) -> None:
    """Both rows of an entry of this send; booking it again changes nothing."""
    entry = f"{kind}:{reward.sends}"
    sides = ((source, -reward.amount_fen), (target, reward.amount_fen))
    LedgerRow.objects.bulk_create(
        [
            LedgerRow(reward=reward, entry=entry, book=book, amount_fen=amount, at=now)
            for book, amount in sides
        ],
        ignore_conflicts=True,
    )
