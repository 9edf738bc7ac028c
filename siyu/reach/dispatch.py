"""Hands reserved touches to the platforms, at most once each.

Order of events for a batch: intent committed (touches `handed`, an attempt row) → platform
called → outcome committed. A death between the first and the last leaves `handed`; reconcile
asks the platform and never repeats blindly. Leases are kept by the machine's own clock, because
the runtime's clock may be made to jump.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import connection, transaction

from siyu.core.combining import Combining
from siyu.core.failpoints import failpoint
from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformRefused, Reauth, RetryLater, SiyuError, WaitUntil
from siyu.kernel.ids import new_id
from siyu.ports.capabilities import Content, Outgoing, Receipt
from siyu.reach import outcomes
from siyu.reach.catalog import Catalog
from siyu.reach.intent import Intent, write_intents
from siyu.reach.lanes import Batch, Lanes
from siyu.reach.ledger import give_back
from siyu.reach.models import Attempt, Touch
from siyu.reach.policy import get_policy
from siyu.reach.reserve import Reserved, Turn, has_due, reserve
from siyu.reach.types import TouchState

log = structlog.get_logger("siyu.reach")

TURN_LIMIT = 500
QUEUE_LIMIT = 2_000
AT_ONCE = 4
"""Calls one thread makes between two commits: the most it can leave in doubt when it dies."""
LINGER = 0.004
"""Seconds a thread waits for other threads' intents or results, to commit them together."""
REAUTH_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Timing:
    """Seconds of the machine's clock. lease: how long a silent worker keeps its touches.

    stale: a batch that waited longer between intent and call is not called any more.
    settle: how long after an unknown outcome the platform is asked for the first time.
    """

    lease: float = 20.0
    stale: float = 8.0
    settle: float = 10.0
    real: Callable[[], float] = time.time


class Dispatcher:
    """One per process. threads = 0 sends inside `dispatch()` (tests)."""

    def __init__(
        self, catalog: Catalog, clock: Clock, *, threads: int = 8, timing: Timing | None = None
    ) -> None:
        self.catalog = catalog
        self.clock = clock
        self.timing = timing or Timing()
        self.lanes = Lanes(clock)
        self._held: dict[str, set[int]] = {}
        self._in_flight: set[int] = set()
        self._lock = threading.Lock()
        self._renewed = 0.0
        linger = LINGER if threads else 0.0
        self._intents = Combining(self._write_intents, linger=linger)
        self._receipts = Combining(self._write_receipts, linger=linger)
        self._threads = [
            threading.Thread(target=self._work, name=f"reach-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def dispatch(self) -> bool:
        """One turn: decide due touches and queue those that may go. True when there was work."""
        self._renew_leases()
        room = QUEUE_LIMIT - self._count_held()
        if room <= 0 or not has_due(self.clock.now()):
            return False
        lease = new_id()
        turn = Turn(
            catalog=self.catalog,
            policy=get_policy(),
            now=self.clock.now(),
            lease=lease,
            lease_until=self.timing.real() + self.timing.lease,
            blocked_until=self.lanes.blocked_until,
        )
        reserved, looked_at = reserve(turn, min(room, TURN_LIMIT))
        with self._lock:
            self._held[lease] = {one.touch.pk for one in reserved}
        for batch in make_batches(reserved, lease):
            self.lanes.put(batch)
        if not self._threads:
            self._drain()
        return looked_at > 0

    def holds_attempt(self, attempt_id: int) -> bool:
        """Whether this process is calling for the attempt right now."""
        with self._lock:
            return attempt_id in self._in_flight

    def is_idle(self) -> bool:
        """Nothing reserved and nothing under way in this process."""
        return self._count_held() == 0

    def close(self, timeout: float = 15.0) -> None:
        """Finish the calls under way; what still waits in lanes is left to its lease."""
        self.lanes.close()
        for thread in self._threads:
            thread.join(timeout)

    def _work(self) -> None:
        try:
            while batches := self.lanes.take(most=AT_ONCE):
                self._send_guarded(batches)
        finally:
            connection.close()

    def _drain(self) -> None:
        while batches := self.lanes.take(timeout=0, most=AT_ONCE):
            self._send_guarded(batches)

    def _send_guarded(self, batches: Sequence[Batch]) -> None:
        account = batches[0].account
        is_healthy = True
        try:
            is_healthy = self._send(batches)
        except Exception:
            log.exception("reach.send_failed", account=account)
            connection.close_if_unusable_or_obsolete()
        finally:
            self.lanes.done(account, is_healthy=is_healthy)
            for batch in batches:
                self._let_go(batch)
        if self.lanes.blocked_until(account) is not None:
            self._withdraw(account)

    def _send(self, batches: Sequence[Batch]) -> bool:
        """Intents, calls, outcomes. False when the platform looks sick."""
        failpoint("reach.before_intent")
        intents = [intent for intent in self._intents.run(batches) if intent is not None]
        ids = {attempt.pk for attempt, _ in intents}
        with self._lock:
            self._in_flight |= ids
        try:
            failpoint("reach.after_intent")
            return self._call_all(intents)
        finally:
            with self._lock:
                self._in_flight -= ids

    def _call_all(self, intents: Sequence[Intent]) -> bool:
        """Call one after the other; after a failure the rest of the group is not called."""
        received: list[tuple[Attempt, Receipt]] = []
        is_healthy = True
        for attempt, touches in intents:
            if not is_healthy or self.lanes.blocked_until(attempt.account) is not None:
                outcomes.not_sent(attempt, self.clock.now(), code="channel_busy")
                continue
            receipt, is_healthy = self._call(attempt, touches)
            if receipt is not None:
                received.append((attempt, receipt))
        failpoint("reach.before_result")
        if received:
            self._receipts.run(received)
        failpoint("reach.after_result")
        return is_healthy

    def _write_intents(self, batches: Sequence[Batch]) -> list[Intent | None]:
        lease_until = self.timing.real() + self.timing.lease
        return write_intents(batches, self.clock.now(), lease_until=lease_until)

    def _write_receipts(self, received: Sequence[tuple[Attempt, Receipt]]) -> list[None]:
        outcomes.accepted(received, self.clock.now())
        return [None] * len(received)

    def _call(self, attempt: Attempt, touches: Sequence[Touch]) -> tuple[Receipt | None, bool]:
        """The receipt, or None when there is none and the reason is written; and the health."""
        message = message_of(attempt, touches)
        now = self.clock.now()
        if self.timing.real() > attempt.lease_until - self.timing.lease + self.timing.stale:
            outcomes.not_sent(attempt, now, code="stale")
            return None, True
        try:
            sender = self.catalog.sender(attempt.account, attempt.channel)
        except SiyuError as error:
            outcomes.not_sent(attempt, now, code=error.code, until=now + REAUTH_PAUSE)
            return None, True
        try:
            return sender.send(message), True
        except Exception as error:  # noqa: BLE001 - whatever happens, the ledger must say so
            return None, self._record_error(attempt, error)

    def _record_error(self, attempt: Attempt, error: Exception) -> bool:
        now = self.clock.now()
        code = error.code if isinstance(error, SiyuError) else type(error).__name__
        log.warning("reach.refused", account=attempt.account, channel=attempt.channel, code=code)
        if isinstance(error, RetryLater):
            outcomes.not_sent(attempt, now, code=code)
            return False
        if isinstance(error, WaitUntil):
            self.lanes.block(attempt.account, error.until)
            outcomes.not_sent(attempt, now, code=code, until=error.until)
            return True
        if isinstance(error, Reauth):
            self.lanes.block(attempt.account, now + REAUTH_PAUSE)
            outcomes.not_sent(attempt, now, code=code, until=now + REAUTH_PAUSE)
            outcomes.flag_account(attempt.account, code, error.reason, now)
            return True
        if isinstance(error, PlatformRefused) or not self._may_have_left(error):
            outcomes.refused(attempt, code, now)
            return True
        outcomes.unknown(attempt, code, now, settle_at=self.timing.real() + self.timing.settle)
        return False

    def _may_have_left(self, error: Exception) -> bool:
        """Our own refusals come before the wire; anything unforeseen may come after it."""
        return not (isinstance(error, SiyuError) and error.status in {403, 404, 409, 422})

    def _withdraw(self, account: str) -> None:
        """Put what waits for a blocked account back into the ledger."""
        for batch in self.lanes.withdraw(account):
            with transaction.atomic():
                found = Touch.objects.filter(
                    pk__in=batch.touch_ids, state=TouchState.RESERVED, lease=batch.lease
                )
                give_back(found)
                found.update(state=TouchState.PLANNED, lease="", reserved_at=None)
            self._let_go(batch)

    def _renew_leases(self) -> None:
        """Show that this worker lives, a few times per lease."""
        now = self.timing.real()
        if now - self._renewed < self.timing.lease / 4:
            return
        self._renewed = now
        with self._lock:
            leases, attempts = [key for key, held in self._held.items() if held], [*self._in_flight]
        until = now + self.timing.lease
        if leases:
            Touch.objects.filter(lease__in=leases, state=TouchState.RESERVED).update(
                lease_until=until
            )
        if attempts:
            Attempt.objects.filter(pk__in=attempts, outcome="").update(lease_until=until)

    def _count_held(self) -> int:
        with self._lock:
            return sum(len(held) for held in self._held.values())

    def _let_go(self, batch: Batch) -> None:
        with self._lock:
            held = self._held.get(batch.lease, set())
            held.difference_update(batch.touch_ids)
            if not held:
                self._held.pop(batch.lease, None)


def make_batches(reserved: Sequence[Reserved], lease: str) -> list[Batch]:
    """Group what one call can carry: same account, channel, sender and text, up to its limit."""
    groups: dict[tuple[str, ...], list[Reserved]] = {}
    for one in reserved:
        touch, channel = one.touch, one.channel
        unique = str(touch.pk) if channel.batch == 1 else ""
        key = (channel.account, channel.channel, channel.sender, touch.campaign, touch.text, unique)
        groups.setdefault(key, []).append(one)
    batches = []
    for (account, channel_name, sender, campaign, *_), group in groups.items():
        size = group[0].channel.batch
        for start in range(0, len(group), size):
            some = group[start : start + size]
            batches.append(
                Batch(
                    account=account,
                    channel=channel_name,
                    sender=sender,
                    campaign=campaign,
                    touch_ids=tuple(sorted(one.touch.pk for one in some)),
                    lease=lease,
                    is_urgent=some[0].touch.priority == 0,
                )
            )
    return batches


def message_of(attempt: Attempt, touches: Sequence[Touch]) -> Outgoing:
    """The message of an attempt, the same each time it is asked for."""
    return Outgoing(
        recipients=tuple(touch.address for touch in touches),
        content=Content(attempt.text),
        idempotency_key=attempt.key,
        sender=attempt.sender,
        context={str(key): str(value) for key, value in attempt.context.items()},
    )
