"""Works the inbox off: chunks become facts, facts go through the stages, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import structlog
from django.db import transaction
from django.db.models import F

from siyu.core import accounts
from siyu.core.duties import wake
from siyu.core.inbox import CALLBACK, FACTS, MAX_RAW, CallbackMessage, Chunk, Rejection
from siyu.core.intake.passing import is_passing
from siyu.core.intake.place import open_inbox
from siyu.core.models import IntakeState, PlatformAccount, RejectedItem
from siyu.core.pipeline import Stage, run_stages
from siyu.core.runtime import runtime
from siyu.kernel.clock import from_ms
from siyu.ports.facts import Fact

BATCH_FACTS = 5_000
HOPELESS = 10

log = structlog.get_logger()
_decode_facts = msgspec.msgpack.Decoder(list[Fact]).decode
_decode_rejections = msgspec.msgpack.Decoder(list[Rejection]).decode
_decode_callbacks = msgspec.msgpack.Decoder(list[CallbackMessage]).decode
_stages: tuple[Stage, ...] = ()
_wakes: tuple[str, ...] = ()


@dataclass
class Load:
    """What a set of chunks turned into."""

    facts: list[Fact] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    called_at: dict[str, int] = field(default_factory=dict)


def configure(stages: Sequence[Stage], wakes: Sequence[str] = ()) -> None:
    """Set the stages that every batch goes through; called once by `site`.

    wakes: duties that need not sleep on when a batch has been committed.
    """
    global _stages, _wakes
    _stages, _wakes = tuple(stages), tuple(wakes)


def drain() -> bool:
    """Work off about 5,000 facts; False when nothing waited.

    Everything made of them and the inbox's progress commit together. A fact that a stage
    cannot digest is found by halving, kept as refused, and the rest goes on.
    """
    store = open_inbox().store
    if not store.has_pending():
        return False
    now = runtime().clock.now()
    with transaction.atomic():
        IntakeState.objects.get_or_create(pk=1)
        chunks = store.take(BATCH_FACTS)
        if not chunks:
            return False
        load = unload(chunks)
        if load.facts:
            _process(load.facts, load.rejections, now)
        _keep_rejections(load.rejections)
        for account, at in load.called_at.items():
            PlatformAccount.objects.filter(key=account).update(last_callback_at=from_ms(at))
        store.done(chunks)
        _count(load)
    wake(*_wakes)
    return True


def unload(chunks: Sequence[Chunk]) -> Load:
    """The facts and refused items of chunks, in order."""
    load = Load()
    for chunk in chunks:
        if chunk.kind == FACTS:
            load.facts.extend(_decode_facts(chunk.payload))
        elif chunk.kind == CALLBACK:
            _read_callbacks(chunk, load)
        else:
            load.rejections.extend(_decode_rejections(chunk.payload))
    return load


def _read_callbacks(chunk: Chunk, load: Load) -> None:
    load.called_at[chunk.source] = chunk.received_at
    for message in _decode_callbacks(chunk.payload):
        try:
            webhook = accounts.connector(chunk.source).webhook
            received_at = from_ms(chunk.received_at)
            load.facts.extend(webhook.read(message.body, received_at, message.message_id))
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("intake.callback_unreadable", account=chunk.source)
            load.rejections.append(
                Rejection(
                    at=chunk.received_at,
                    source=chunk.source,
                    code="callback.unreadable",
                    reason=f"回调内容无法解读: {type(error).__name__}",
                    raw=message.body[:MAX_RAW],
                )
            )


def _process(facts: list[Fact], rejections: list[Rejection], now: datetime) -> None:
    error = _try(facts, now)
    if error is not None:
        _Halving(now, rejections).run(facts, error)


def _try(facts: list[Fact], now: datetime) -> Exception | None:
    """Run the stages under a savepoint; the error when the facts are to blame."""
    try:
        with transaction.atomic():
            run_stages(facts, _stages, now)
    except Exception as error:
        if is_passing(error):
            raise
        return error
    return None


class _Halving:
    """Finds the facts that stages cannot digest.

    When the first ten single facts all fail and none passes, the stage is at fault, not the
    facts: the error is raised, everything stays in the inbox.
    """

    def __init__(self, now: datetime, rejections: list[Rejection]) -> None:
        self._now = now
        self._rejections = rejections
        self._has_passed = False
        self._failed = 0

    def run(self, facts: list[Fact], error: Exception) -> None:
        if len(facts) == 1:
            self._reject(facts[0], error)
            return
        middle = len(facts) // 2
        for half in (facts[:middle], facts[middle:]):
            failure = _try(half, self._now)
            if failure is None:
                self._has_passed = True
            else:
                self.run(half, failure)

    def _reject(self, fact: Fact, error: Exception) -> None:
        self._failed += 1
        if self._failed >= HOPELESS and not self._has_passed:
            raise error
        log.error("intake.poison", source=fact.source, name=fact.name, error=repr(error)[:300])
        self._rejections.append(
            Rejection(
                at=fact.received_at,
                source=fact.source,
                code="event.unprocessable",
                reason=f"处理失败: {type(error).__name__}",
                raw=msgspec.json.encode(fact)[:MAX_RAW],
            )
        )


def _keep_rejections(rejections: Sequence[Rejection]) -> None:
    rows = [
        RejectedItem(
            at=from_ms(item.at),
            source=item.source[:128],
            code=item.code[:64],
            reason=item.reason[:300],
            field=item.field[:128],
            raw=item.raw,
        )
        for item in rejections
    ]
    RejectedItem.objects.bulk_create(rows, batch_size=100)


def _count(load: Load) -> None:
    changes: dict[str, object] = {
        "accepted_total": F("accepted_total") + len(load.facts),
        "rejected_total": F("rejected_total") + len(load.rejections),
    }
    if load.facts:
        changes["last_event_at"] = from_ms(load.facts[-1].received_at)
    IntakeState.objects.filter(pk=1).update(**changes)
