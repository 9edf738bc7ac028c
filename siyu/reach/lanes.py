"""Queues between the ledger and the platforms: one lane per account, fair, with a breaker.

Urgent batches first, then accounts in turn, and within an account campaigns in turn. An account
that fails again and again is left alone for a while, without slowing the others.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from siyu.kernel.clock import Clock

TRIP_AFTER = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
_LOOK_AGAIN = 0.5
"""Seconds after which idle threads see whether a blocked account is free again."""


@dataclass(frozen=True)
class Batch:
    """Touches with one text from one sender, one call's worth. lease: their reservation."""

    account: str
    channel: str
    sender: str
    campaign: str
    touch_ids: tuple[int, ...]
    lease: str
    is_urgent: bool = False


@dataclass
class _Lane:
    urgent: deque[Batch] = field(default_factory=deque)
    campaigns: OrderedDict[str, deque[Batch]] = field(default_factory=OrderedDict)
    in_flight: int = 0
    failures: int = 0
    blocked_until: datetime | None = None

    def put(self, batch: Batch) -> None:
        if batch.is_urgent:
            self.urgent.append(batch)
        else:
            self.campaigns.setdefault(batch.campaign, deque()).append(batch)

    def pop(self) -> Batch | None:
        if self.urgent:
            return self.urgent.popleft()
        if not self.campaigns:
            return None
        campaign, queue = self.campaigns.popitem(last=False)
        batch = queue.popleft()
        if queue:
            self.campaigns[campaign] = queue
        return batch

    def clear(self) -> list[Batch]:
        left = [*self.urgent, *(batch for queue in self.campaigns.values() for batch in queue)]
        self.urgent.clear()
        self.campaigns.clear()
        return left


class Lanes:
    """Thread-safe. slots: calls under way per account at most."""

    def __init__(self, clock: Clock, *, slots: int = 4) -> None:
        self._clock = clock
        self._slots = slots
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()
        self._ready = threading.Condition()
        self._is_closed = False

    def put(self, batch: Batch) -> None:
        with self._ready:
            self._lanes.setdefault(batch.account, _Lane()).put(batch)
            self._ready.notify()

    def take(self, timeout: float | None = None, *, most: int = 1) -> list[Batch]:
        """The next batches of one account, waiting for one; [] when closed or none came in time.

        They take one slot together until `done`.
        """
        with self._ready:
            while not self._is_closed:
                batches = self._pop(most)
                if batches:
                    return batches
                came = self._ready.wait(_LOOK_AGAIN if timeout is None else timeout)
                if not came and timeout is not None:
                    return []
            return []

    def done(self, account: str, *, is_healthy: bool) -> None:
        """A call ended; five failures in a row block the account for a while."""
        with self._ready:
            lane = self._lanes[account]
            lane.in_flight -= 1
            if is_healthy:
                lane.failures = 0
            else:
                lane.failures += 1
                over = lane.failures - TRIP_AFTER
                if over >= 0:
                    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(over, 8))
                    lane.blocked_until = self._clock.now() + pause
            self._ready.notify_all()

    def block(self, account: str, until: datetime) -> None:
        """Leave an account alone until a time it named itself."""
        with self._ready:
            self._lanes.setdefault(account, _Lane()).blocked_until = until

    def blocked_until(self, account: str) -> datetime | None:
        """None when the account may be called now."""
        with self._ready:
            lane = self._lanes.get(account)
            if lane is None or lane.blocked_until is None:
                return None
            return lane.blocked_until if lane.blocked_until > self._clock.now() else None

    def withdraw(self, account: str) -> list[Batch]:
        """Take back what waits in a blocked account's lane."""
        with self._ready:
            lane = self._lanes.get(account)
            return lane.clear() if lane else []

    def close(self) -> None:
        """Let every waiting `take` return None."""
        with self._ready:
            self._is_closed = True
            self._ready.notify_all()

    def _pop(self, most: int) -> list[Batch]:
        now = self._clock.now()
        free = [
            (account, lane)
            for account, lane in self._lanes.items()
            if lane.in_flight < self._slots
            and not (lane.blocked_until and lane.blocked_until > now)
        ]
        free.sort(key=lambda pair: not pair[1].urgent)
        for account, lane in free:
            batches = list(islice(iter(lane.pop, None), most))
            if batches:
                lane.in_flight += 1
                self._lanes.move_to_end(account)
                return batches
        return []
