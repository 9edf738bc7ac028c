"""Turns the raw items of a request into inbox entries, item by item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from siyu.core.inbox import (
    BODY_BYTES,
    FACTS,
    MAX_RAW,
    Entry,
    Outcome,
    Rejection,
    rejection_entry,
)
from siyu.core.intake.people import People
from siyu.core.intake.strict import read_object
from siyu.core.intake.types import Arrival
from siyu.kernel.errors import Refused
from siyu.kernel.ids import digest
from siyu.ports.facts import Fact

Read = Callable[[dict[str, Any], bytes, Arrival, People], Fact]

_encode_fact = msgspec.msgpack.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Refusal(msgspec.Struct, frozen=True):
    """Why one item was not taken; `index` counts from 0 in the request."""

    index: int
    code: str
    reason: str
    field: str


@dataclass(slots=True)
class Collected:
    """A request sorted into what goes to the inbox and what is refused.

    places: index in the request of every item of `entry`.
    """

    entry: Entry
    places: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        """What to append; empty when there is nothing."""
        found = [self.entry] if self.entry.items else []
        return [*found, rejection_entry(self.rejections)] if self.rejections else found

    def settle(self, outcome: Outcome) -> None:
        """Add the conflicts the inbox found to the refusals."""
        for index in outcome.conflicts:
            reason = "同一消息 ID 已用于不同内容"
            place = self.places[index]
            self.refusals.append(Refusal(place, "event.conflict", reason, "messageId"))
        self.refusals.sort(key=lambda refusal: refusal.index)


def collect(
    items: Sequence[bytes], arrival: Arrival, read: Read, volatile: frozenset[str], people: People
) -> Collected:
    """Read all items; a bad one is set aside with its reason and never disturbs the others.

    volatile: fields that may differ when the same item is sent again.
    """
    entry = Entry(FACTS, arrival.source, arrival.received_at)
    collected = Collected(entry)
    source = arrival.source.encode()
    for index, raw in enumerate(items):
        try:
            value, canonical = read_object(raw)
            if not volatile.isdisjoint(value):
                canonical = _encode_sorted({k: value[k] for k in value if k not in volatile})
            fact = read(value, canonical, arrival, people)
            item = _encode_fact(fact)
        except Refused as error:
            _refuse(collected, index, raw, error)
            continue
        except (OverflowError, RecursionError):
            _refuse(collected, index, raw, Refused("event.number", "整数超出 64 位, 请用字符串"))
            continue
        body = blake2b(canonical, digest_size=BODY_BYTES).digest()
        entry.add(item, digest(source, fact.message_id.encode()), body)
        collected.places.append(index)
    return collected


def _refuse(collected: Collected, index: int, raw: bytes, error: Refused) -> None:
    where = error.field or ""
    collected.refusals.append(Refusal(index, error.code, error.reason, where))
    collected.rejections.append(
        Rejection(
            at=collected.entry.received_at,
            source=collected.entry.source,
            code=error.code,
            reason=error.reason,
            field=where,
            raw=bytes(raw[:MAX_RAW]),
        )
    )
