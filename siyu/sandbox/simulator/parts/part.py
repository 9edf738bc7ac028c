"""The shape of a part, and what it is given."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from siyu.sandbox.simulator.config import Config, SettableClock
from siyu.sandbox.simulator.control import Control
from siyu.sandbox.simulator.life import Act
from siyu.sandbox.simulator.people import Person


class Tell(Protocol):
    """See `Shop.track`."""

    def __call__(
        self,
        person: Person,
        at: datetime,
        event: str,
        properties: dict[str, Any],
        *,
        visitor: str = "",
    ) -> None: ...


@dataclass(frozen=True)
class Stage:
    """The world a part plays in.

    told: what the brand's part of the same name said about itself ({} = nothing).
    dice: this part's own chance. friends: people in WeCom by external_userid, growing.
    tell: posts a track event of the shop about a person, with this step's others; with `visitor`
    as the app knows him by that anonymous id.
    plan: puts acts on the agenda (life.py has the kinds); their time may not lie in the past.
    """

    config: Config
    clock: SettableClock
    control: Control
    people: list[Person]
    friends: Mapping[str, Person]
    plan: Callable[[Iterable[Act]], None]
    tell: Tell
    told: Mapping[str, Any] = field(default_factory=dict)
    dice: random.Random = field(default_factory=random.Random)


class Part:
    """One slice's share of the lives; override what is needed.

    name: the slice. All hooks are called from one thread with the virtual clock already set.
    Control calls are cheapest in bulk: collect during a step, call once.
    """

    name = ""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @classmethod
    def is_wanted(cls, config: Config) -> bool:
        """Whether to take part; by default when the brand's part told something."""
        return cls.name in config.told

    def begin(self) -> None:
        """Once, before the first step."""

    def day(self, day: int, at: datetime) -> None:
        """At the first step of each day (0 = the first), before anybody acts."""

    def step(self, at: datetime) -> None:
        """At each of the three steps a day, before people act."""

    def befriended(self, person: Person, at: datetime) -> None:
        """A customer was added by a guide in WeCom."""

    def ordered(self, person: Person, order_no: str, amount_fen: int, at: datetime) -> None:
        """A customer bought in the brand's own shop."""

    def close(self, at: datetime) -> None:
        """At each step after people acted: make the collected control calls."""

    def counts(self) -> dict[str, int]:
        """What this part made happen, for the report (`parts.<name>` of `siyu demo --json`)."""
        return {}
