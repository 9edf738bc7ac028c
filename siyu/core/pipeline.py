"""One batch of facts goes through all stages in one transaction.

Stages are listed in `site/subscriptions.py`, in order. A stage sees the whole batch, works
set-based, and may add to `batch.touched`. The transaction also moves the intake's cursor, so
a batch counts exactly once whatever is killed when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from siyu.ports.facts import Fact


@dataclass(slots=True)
class Seen:
    """A fact and, once the pool resolved it, the person it is about.

    identity_id: the best identity of the fact; belongings hang on it, so that they follow it
    when customers are merged or split. None when nobody is known.
    """

    fact: Fact
    customer_id: int | None = None
    identity_id: int | None = None


@dataclass
class Batch:
    """Facts in order of arrival. `touched`: customers whose state changed."""

    seen: list[Seen]
    now: datetime
    touched: set[int] = field(default_factory=set)
    _by_name: dict[str, list[Seen]] = field(default_factory=dict)

    def named(self, *names: str) -> list[Seen]:
        """The facts of these names."""
        if not self._by_name:
            index = defaultdict(list)
            for seen in self.seen:
                index[seen.fact.name].append(seen)
            self._by_name = dict(index)
        return [seen for name in names for seen in self._by_name.get(name, ())]


class Stage(Protocol):
    def __call__(self, batch: Batch) -> None: ...


def run_stages(facts: Iterable[Fact], stages: Sequence[Stage], now: datetime) -> Batch:
    """Run a batch through the stages. Must run inside a transaction."""
    batch = Batch([Seen(fact) for fact in facts], now)
    for stage in stages:
        stage(batch)
    return batch
