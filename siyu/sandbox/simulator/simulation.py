"""Runs the lives step by step: jump the clock, let everybody act, wait until Siyu has settled."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.sandbox.simulator.config import Config, SettableClock, Witness
from siyu.sandbox.simulator.control import Call, Control, HttpControl
from siyu.sandbox.simulator.life import (
    Act,
    Kind,
    after_order,
    after_scan,
    arrive,
)
from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.parts.registry import PARTS
from siyu.sandbox.simulator.people import Person, make_people
from siyu.sandbox.simulator.shop import EventDoor, HttpEventDoor, Shop

WECOM = "wecom"
DOUYIN = "douyin"
LINGER = timedelta(minutes=10)
"""The longest an act takes; what begins later belongs to the next step."""
Progress = Callable[[int, int, datetime], None]


class Simulation:
    """The life of a brand's customers.

    clock: shared with Siyu and the sandbox. control, events: how the platforms and Siyu are
    reached; over HTTP when not given. The platforms' accounts and live codes must exist.
    """

    def __init__(
        self,
        config: Config,
        clock: SettableClock,
        *,
        control: Control | None = None,
        events: EventDoor | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._control = control or HttpControl(config.sandbox_url)
        self._witness = Witness()
        self._shop = Shop(config, events or HttpEventDoor(config), self._witness)
        self._people = make_people(config)
        self._by_userid: dict[str, Person] = {}
        self._order = count()
        self._departures: Counter[str] = Counter()
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._uninvited = sorted(self._people, key=lambda person: person.arrives_at, reverse=True)
        self._parts: list[Part] = [
            part(self._stage(part.name)) for part in PARTS if part.is_wanted(config)
        ]

    def run(
        self,
        settled: Callable[[], None],
        progress: Progress | None = None,
        *,
        begun: Callable[[], None] = lambda: None,
    ) -> Witness:
        """Live from `config.start` to `config.end`.

        settled: blocks until Siyu has worked off everything; called once a step. progress: told
        (step, steps, virtual time) after each. begun: called before the clock leaps for the first
        time, which would make the callbacks of the beginning too old. Returns what the outside
        world saw.
        """
        steps = list(self._config.steps())
        for person in self._people:
            self._plan(arrive(person))
        for part in self._parts:
            part.begin()
        begun()
        today: date | None = None
        for number, at in enumerate(steps, 1):
            self._clock.set(at)
            today = self._begin_step(at, today)
            self._act(at)
            for part in self._parts:
                part.close(at)
            self._shop.flush(at)
            settled()
            if progress:
                progress(number, len(steps), at)
        self._shop.close()
        return self._bear_witness(len(steps))

    def _stage(self, name: str) -> Stage:
        return Stage(
            config=self._config,
            clock=self._clock,
            control=self._control,
            people=self._people,
            friends=self._by_userid,
            plan=self._plan,
            tell=self._shop.track,
            told=self._config.told.get(name, {}),
            dice=random.Random(f"{self._config.seed}:{name}"),  # noqa: S311
        )

    def _begin_step(self, at: datetime, today: date | None) -> date:
        """Let the parts begin the day, if it is a new one, and the step; returns the day."""
        local = at.astimezone(SHANGHAI).date()
        first = self._config.start.astimezone(SHANGHAI).date()
        for part in self._parts:
            if local != today:
                part.day((local - first).days, at)
            part.step(at)
        return local

    def _plan(self, acts: Iterable[Act]) -> None:
        for act in acts:
            heapq.heappush(self._agenda, (act.at, next(self._order), act))

    def _act(self, until: datetime) -> None:
        """Everything planned up to a moment, with what follows from it at once."""
        calls: dict[str, list[Call]] = {WECOM: [], DOUYIN: []}
        scanned: list[Person] = []
        while self._agenda and self._agenda[0][0] <= until - LINGER:
            act = heapq.heappop(self._agenda)[2]
            act.person.has_acted = True
            if act.kind is Kind.SCAN:
                scanned.append(act.person)
                calls[WECOM].append(_scan(act.person))
            elif act.kind in {Kind.LEAVE, Kind.REMOVED}:
                calls[WECOM] += self._end(act)
            elif act.kind in _DOUYIN_CALLS:
                calls[DOUYIN].append(_on_douyin(act))
            else:
                self._in_shop(act)
        results = self._control.bulk(WECOM, calls[WECOM]) if calls[WECOM] else []
        if calls[DOUYIN]:
            self._control.bulk(DOUYIN, calls[DOUYIN])
        added = [result for result in results if result and "external_userid" in result]
        for person, result in zip(scanned, added, strict=True):
            self._befriend(person, result, until)

    def _befriend(self, person: Person, result: dict[str, Any], at: datetime) -> None:
        person.external_userid = result["external_userid"]
        person.userid = result["userid"]
        person.is_friend = True
        self._by_userid[person.external_userid] = person
        self._plan(after_scan(person, at))
        for part in self._parts:
            part.befriended(person, at)

    def _end(self, act: Act) -> list[Call]:
        """The end of a friendship, from one side or the other."""
        person = act.person
        if not person.is_friend:
            return []
        person.is_friend = False
        by = "customer" if act.kind is Kind.LEAVE else "staff"
        self._departures[by] += 1
        arguments = {
            "external_userid": person.external_userid,
            "userid": person.userid,
            "by": by,
        }
        return [("delete_friend", arguments)]

    def _in_shop(self, act: Act) -> None:
        if act.kind is Kind.BROWSE:
            self._shop.browse(act)
        elif act.kind is Kind.REGISTER:
            self._shop.register(act)
        elif act.kind is Kind.ORDER:
            self._order_in_shop(act)
        elif act.kind is Kind.REFUND:
            self._shop.refund(act)
        elif act.kind is Kind.REFER:
            self._refer(act)

    def _order_in_shop(self, act: Act) -> None:
        order_no = self._shop.order(act)
        self._plan(after_order(act.person, order_no, act.at))
        amount_fen = self._shop.amount_fen(order_no)
        for part in self._parts:
            part.ordered(act.person, order_no, amount_fen, act.at)

    def _refer(self, act: Act) -> None:
        """Invite somebody who has not come yet."""
        while self._uninvited and self._uninvited[-1].arrives_at <= act.at + timedelta(hours=2):
            self._uninvited.pop()
        if self._uninvited:
            self._shop.refer(act.person, self._uninvited.pop(), act.at)

    def _bear_witness(self, steps: int) -> Witness:
        seen = self._control.witness()
        callbacks = self._control.callbacks()
        result = self._witness
        result.steps = steps
        result.platforms = seen
        result.people = sum(person.has_acted for person in self._people)
        result.friends = sum(bool(person.external_userid) for person in self._people)
        result.messages = sum(books.get("messages", 0) for books in seen.values())
        result.duplicates = sum(books.get("duplicates", 0) for books in seen.values())
        result.departures = dict(self._departures)
        result.callbacks = callbacks.get("sent", 0)
        result.parts = {part.name: part.counts() for part in self._parts}
        result.callbacks_given_up = callbacks.get("given_up", 0)
        return result


_DOUYIN_CALLS = {
    Kind.FOLLOW: "follow",
    Kind.ENTER: "enter_chat",
    Kind.CHAT: "send_dm",
    Kind.CARD: "leave_card",
}


def _scan(person: Person) -> Call:
    return "scan", {"state": person.state, "unionid": person.unionid, "name": person.name}


def _on_douyin(act: Act) -> Call:
    arguments = {"person": act.person.key, "name": act.person.name}
    if act.kind is Kind.CHAT:
        arguments["text"] = act.detail
    if act.kind is Kind.CARD:
        arguments["phone"] = act.person.phone
    return _DOUYIN_CALLS[act.kind], arguments
