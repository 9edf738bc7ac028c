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
from siyu.reach.circuits import note_circuit
from siyu.reach.intent import Intent, write_intents
from siyu.reach.lanes import Batch, LaneKey, Lanes
from siyu.reach.ledger import give_back
from siyu.reach.models import Attempt, Touch
from siyu.reach.policy import get_policy
from siyu.reach.reserve import Reserved, Turn, has_due, reserve
from siyu.reach.types import TouchState
from siyu.reach.waves import claim_waves, free_wave, has_waves, reserve_wave

log = structlog.get_logger("siyu.reach")

TURN_LIMIT = 500
WAVES_AT_ONCE = 8
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
        self, catalog: Catalog, clock: Clock, *, threads: int = 12, timing: Timing | None = None
    ) -> None:
        self.catalog = catalog
        self.clock = clock
        self.timing = timing or Timing()
        self.lanes = Lanes(clock)
        self._held: dict[str, set[int]] = {}
        self._in_flight: set[int] = set()
        self._lock = threading.Lock()
        self._codes: dict[LaneKey, str] = {}
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
        if room <= 0:
            return False
        looked_at = self._take_due(room) if has_due(self.clock.now()) else 0
        looked_at += self._take_waves() if has_waves(self.clock.now()) else 0
        if not self._threads:
            self._drain()
        return looked_at > 0

    def _take_due(self, room: int) -> int:
        turn = self._turn()
        reserved, looked_at = reserve(turn, min(room, TURN_LIMIT))
        self._queue(reserved, turn.lease)
        return looked_at

    def _take_waves(self) -> int:
        """Some waves, each as one reservation, so that one sender's messages make one call."""
        real, looked_at = self.timing.real(), 0
        waves = claim_waves(
            self.clock.now(),
            real,
            lease=self.timing.lease,
            blocked=self.lanes.blocked(),
            most=WAVES_AT_ONCE,
        )
        for wave in waves:
            turn = self._turn()
            reserved, seen = reserve_wave(turn, wave)
            self._queue(reserved, turn.lease)
            free_wave(wave, self.clock.now(), has_more=seen > 0)
            looked_at += seen
            if looked_at >= TURN_LIMIT:
                break
        return looked_at

    def _turn(self) -> Turn:
        return Turn(
            catalog=self.catalog,
            policy=get_policy(),
            now=self.clock.now(),
            lease=new_id(),
            lease_until=self.timing.real() + self.timing.lease,
            busy_until=self.lanes.busy_until,
        )

    def _queue(self, reserved: Sequence[Reserved], lease: str) -> None:
        if reserved:
            with self._lock:
                self._held[lease] = {one.touch.pk for one in reserved}
        for batch in make_batches(reserved, lease):
            self.lanes.put(batch)

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
        lane = batches[0].lane
        is_healthy = True
        try:
            is_healthy = self._send(batches)
        except Exception:
            log.exception("reach.send_failed", account=lane[0])
            connection.close_if_unusable_or_obsolete()
        finally:
            has_turned = self.lanes.done(lane, is_healthy=is_healthy)
            for batch in batches:
                self._let_go(batch)
        if has_turned:
            self._note_circuit(lane)
        if self.lanes.blocked_until(*lane) is not None:
            self._withdraw(lane)

    def _note_circuit(self, lane: LaneKey) -> None:
        until = self.lanes.blocked_until(*lane) if self.lanes.is_sick(lane) else None
        now = self.clock.now()
        note_circuit(lane, until, self._codes.get(lane, ""), now)
        log.warning("reach.circuit", account=lane[0], channel=lane[1], is_open=until is not None)

    def _send(self, batches: Sequence[Batch]) -> bool:
        """Intents, calls, outcomes. False when the platform looks sick."""
        failpoint("reach.before_intent")
        intents = [intent for intent in self._intents.run(batches) if intent is not None]
        ids = {intent.attempt.pk for intent in intents}
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
        for intent in intents:
            attempt, now = intent.attempt, self.clock.now()
            if not is_healthy or self.lanes.blocked_until(attempt.account, attempt.channel):
                outcomes.not_sent(attempt, now, code="channel_busy")
                continue
            if intent.not_after is not None and now >= intent.not_after:
                outcomes.not_sent(attempt, now, code="too_late")
                continue
            receipt, is_healthy = self._call(attempt, intent.touches)
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
        lane = (attempt.account, attempt.channel)
        code = error.code if isinstance(error, SiyuError) else type(error).__name__
        self._codes[lane] = code
        log.warning("reach.refused", account=attempt.account, channel=attempt.channel, code=code)
        if isinstance(error, RetryLater):
            outcomes.not_sent(attempt, now, code=code)
            return False
        if isinstance(error, WaitUntil):
            self.lanes.block(lane, error.until)
            outcomes.not_sent(attempt, now, code=code, until=error.until)
            return True
        if isinstance(error, Reauth):
            self.lanes.block(lane, now + REAUTH_PAUSE)
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

    def _withdraw(self, lane: LaneKey) -> None:
        """Put what waits for a blocked channel back into the ledger."""
        for batch in self.lanes.withdraw(lane):
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
        said = f"{touch.wording_id}:{touch.text}"
        key = (channel.account, channel.channel, channel.sender, touch.campaign, said, unique)
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
        content=Content(attempt.text, tuple(attempt.attachments)),
        idempotency_key=attempt.key,
        sender=attempt.sender,
        context={str(key): str(value) for key, value in attempt.context.items()},
    )
