"""Take-over 继承: customers and groups of one member of staff go to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class MoveState(StrEnum):
    """What became of one customer."""

    WAITING = "waiting"
    """Asked for; the customer may still refuse."""
    DONE = "done"
    REFUSED = "refused"
    """By the customer."""
    FULL = "full"
    """The new member of staff may have no more customers."""
    UNKNOWN = "unknown"
    """The platform knows of no such move."""


@dataclass(frozen=True)
class Refusal:
    """Why the platform will not move something. code: ours, stable; reason: for people."""

    remote_id: str
    code: str
    reason: str


@dataclass(frozen=True)
class MoveResult:
    """The state of one customer's move. at: when it was done."""

    remote_id: str
    state: MoveState
    at: datetime | None = None


@dataclass(frozen=True)
class Orphan:
    """A customer whose member of staff has left and who belongs to nobody now."""

    staff: str
    remote_id: str
    left_at: datetime


@dataclass(frozen=True)
class MoveRules:
    """What the platform allows; dated in the manifest.

    batch, group_batch: at most so many in one call. days_between, times: a customer (or group) of
    somebody still at work may be moved so often in so many days. settle_hours: how long a
    customer may refuse. groups_a_day: a new owner may take over.
    """

    batch: int
    group_batch: int
    days_between: int
    times: int
    settle_hours: int
    groups_a_day: int


class CustomerMover(Protocol):
    """Raises the PlatformError family; what is refused one by one comes back as refusals."""

    rules: MoveRules

    def move_customers(
        self, giver: str, taker: str, customers: Sequence[str], *, has_left: bool, message: str
    ) -> list[Refusal]:
        """Ask for a move of up to `rules.batch` customers; those not named are accepted.

        has_left: the giver has left the company. message: what the customer reads, "" for the
        platform's own words; only for somebody who is still at work.
        """
        ...

    def list_results(
        self, giver: str, taker: str, cursor: str, *, has_left: bool
    ) -> tuple[list[MoveResult], str]:
        """One page of the states of all moves between the two, and the next cursor."""
        ...

    def list_orphans(self, cursor: str) -> tuple[list[Orphan], str]:
        """One page of customers whose staff have left, and the next cursor."""
        ...

    def move_groups(self, taker: str, groups: Sequence[str], *, has_left: bool) -> list[Refusal]:
        """Give up to `rules.group_batch` groups a new owner; those not named are moved."""
        ...
