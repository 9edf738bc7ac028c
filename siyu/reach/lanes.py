"""Queues between the ledger and the platforms: a lane per account and channel, fair, with a breaker.

Urgent batches first, then lanes in turn, and within a lane campaigns in turn. A lane that fails
again and again is left alone for a while, without slowing the others; then one call tries whether
it is well, and only when that succeeds the lane is open again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from siyu.kernel.clock import Clock

TRIP_AFTER = 5
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(seconds=40)
"""A healed channel is tried again within a minute, whatever it did before."""
FULL = 500
"""Touches that may wait in one lane; a slow platform must not fill the queue of all."""
_FULL_PAUSE = timedelta(seconds=2)
_LOOK_AGAIN = 0.5
"""Seconds after which idle threads see whether a blocked lane is free again."""

LaneKey = tuple[str, str]
"""account, channel"""


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

    @property
    def lane(self) -> LaneKey:
        return (self.account, self.channel)


@dataclass
class _Lane:
    urgent: deque[Batch] = field(default_factory=deque)
    campaigns: OrderedDict[str, deque[Batch]] = field(default_factory=OrderedDict)
    in_flight: int = 0
    failures: int = 0
    waiting: int = 0
    blocked_until: datetime | None = None

    @property
    def is_sick(self) -> bool:
        """It failed often, and has not succeeded since."""
        return self.failures >= TRIP_AFTER

    def put(self, batch: Batch) -> None:
        self.waiting += len(batch.touch_ids)
        if batch.is_urgent:
            self.urgent.append(batch)
        else:
            self.campaigns.setdefault(batch.campaign, deque()).append(batch)

    def pop(self) -> Batch | None:
        batch = self._next()
        if batch is not None:
            self.waiting -= len(batch.touch_ids)
        return batch

    def _next(self) -> Batch | None:
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
        self.waiting = 0
        return left


class Lanes:
    """Thread-safe. slots: calls under way per lane at most."""

    def __init__(self, clock: Clock, *, slots: int = 4) -> None:
        self._clock = clock
        self._slots = slots
        self._lanes: OrderedDict[LaneKey, _Lane] = OrderedDict()
        self._ready = threading.Condition()
        self._is_closed = False

    def put(self, batch: Batch) -> None:
        with self._ready:
            self._lanes.setdefault(batch.lane, _Lane()).put(batch)
            self._ready.notify()

    def take(self, timeout: float | None = None, *, most: int = 1) -> list[Batch]:
        """The next batches of one lane, waiting for one; [] when closed or none came in time.

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

    def done(self, key: LaneKey, *, is_healthy: bool) -> bool:
        """A call ended; True when the lane fell sick or is well again by it."""
        with self._ready:
            lane = self._lanes[key]
            was_sick = lane.is_sick
            lane.in_flight -= 1
            lane.failures = 0 if is_healthy else lane.failures + 1
            over = lane.failures - TRIP_AFTER
            if over >= 0:
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(over, 8))
                lane.blocked_until = self._clock.now() + pause
            self._ready.notify_all()
            return lane.is_sick or was_sick

    def block(self, key: LaneKey, until: datetime) -> None:
        """Leave a lane alone until a time the platform named itself."""
        with self._ready:
            self._lanes.setdefault(key, _Lane()).blocked_until = until

    def blocked_until(self, account: str, channel: str) -> datetime | None:
        """None when the channel may be called now."""
        with self._ready:
            lane = self._lanes.get((account, channel))
            if lane is None or lane.blocked_until is None:
                return None
            return lane.blocked_until if lane.blocked_until > self._clock.now() else None

    def busy_until(self, account: str, channel: str) -> datetime | None:
        """As `blocked_until`, and a moment from now when enough waits for the channel."""
        blocked = self.blocked_until(account, channel)
        with self._ready:
            lane = self._lanes.get((account, channel))
            is_full = lane is not None and (lane.waiting >= FULL or (lane.is_sick and lane.waiting))
        return self._clock.now() + _FULL_PAUSE if blocked is None and is_full else blocked

    def blocked(self) -> list[LaneKey]:
        """The channels that must not be called now."""
        now = self._clock.now()
        with self._ready:
            return [
                key
                for key, lane in self._lanes.items()
                if lane.blocked_until is not None and lane.blocked_until > now
            ]

    def is_sick(self, key: LaneKey) -> bool:
        with self._ready:
            return key in self._lanes and self._lanes[key].is_sick

    def withdraw(self, key: LaneKey) -> list[Batch]:
        """Take back what waits in a blocked lane."""
        with self._ready:
            lane = self._lanes.get(key)
            return lane.clear() if lane else []

    def close(self) -> None:
        """Let every waiting `take` return None."""
        with self._ready:
            self._is_closed = True
            self._ready.notify_all()

    def _pop(self, most: int) -> list[Batch]:
        now = self._clock.now()
        free = [
            (key, lane)
            for key, lane in self._lanes.items()
            if lane.in_flight < (1 if lane.failures else self._slots)
            and not (lane.blocked_until and lane.blocked_until > now)
        ]
        free.sort(key=lambda pair: not pair[1].urgent)
        for key, lane in free:
            batches = list(islice(iter(lane.pop, None), 1 if lane.failures else most))
            if batches:
                lane.in_flight += 1
                self._lanes.move_to_end(key)
                return batches
        return []
