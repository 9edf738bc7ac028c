"""What a simulation is told, and what it saw."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec

from siyu.kernel.clock import SHANGHAI, Clock
from siyu.kernel.errors import Refused

STORE = "store_poster"
PARCEL = "parcel_card"
DOUYIN = "douyin"
CHANNELS = "channels"
HOURS = (10, 15, 20)


class SettableClock(Clock, Protocol):
    """A clock that can be jumped."""

    def set(self, at: datetime) -> None: ...


class CodeSource(msgspec.Struct, frozen=True):
    """A live code that hangs somewhere. channel: `store_poster`, `parcel_card`, `douyin` or
    `channels`; state: what the platform knows the code by."""

    channel: str
    state: str


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A brand's two weeks.

    start: the first moment; the simulation runs `days` days in a few steps a day, at shop hours
    in Shanghai. codes: at least one. has_douyin: some people come from Douyin. told:
    what the brand's parts say to the parts of the same name.
    """

    sandbox_url: str
    siyu_url: str
    write_key: str
    codes: tuple[CodeSource, ...]
    start: datetime
    days: int = 14
    customers: int = 2000
    seed: int = 20261111
    has_douyin: bool = True
    told: dict[str, dict[str, Any]] = {}

    def __post_init__(self) -> None:
        if not self.codes or self.customers < 1 or self.days < 1:
            raise Refused("simulation.config", "模拟需要至少一个活码、一位客户和一天")

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)

    def steps(self) -> Iterator[datetime]:
        """The moments the clock is set to: 10, 15 and 20 o'clock of each day, then the end."""
        midnight = self.start.astimezone(SHANGHAI).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        for day in range(self.days + 1):
            for hour in HOURS:
                at = midnight + timedelta(days=day, hours=hour)
                if self.start < at < self.end:
                    yield at.astimezone(UTC)
        yield self.end.astimezone(UTC)


class Witness(msgspec.Struct, kw_only=True):
    """What really happened, by the outside world's own books.

    people: humans who did anything. friends: of them, ever added in WeCom. orders, refunds,
    revenue_fen (before refunds): placed in the shop. events: posted to Siyu by the shop;
    events_refused: of them, not accepted. messages: really received by customers; duplicates:
    of them, received twice. callbacks_given_up: never acknowledged by Siyu. departures: friendships
    in WeCom that the `customer` or the `staff` ended.
    """

    people: int = 0
    friends: int = 0
    orders: int = 0
    refunds: int = 0
    revenue_fen: int = 0
    referrals: int = 0
    events: int = 0
    events_refused: int = 0
    messages: int = 0
    duplicates: int = 0
    callbacks: int = 0
    callbacks_given_up: int = 0
    departures: dict[str, int] = {}
    steps: int = 0
    platforms: dict[str, dict[str, int]] = {}
    parts: dict[str, dict[str, int]] = {}
