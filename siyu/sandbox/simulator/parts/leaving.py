"""Guides get another id or resign; customers of who resigned are asked to take another guide, and
some refuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage

WECOM = "wecom"
PEOPLE_PER_REGULAR = 200
FEWEST, MOST = 4, 12
ONE_IN = 5
DONE, WAITING, REFUSED = 1, 2, 3


class Leaving(Part):
    """told: `leavers`, [userid, day] each: who has regulars of his own and resigns on a day;
    `renames`, [userid, new userid, day] each: whose id changes.

    The first of a leaver's customers refuses, and about one in five of the others.
    """

    name = "leaving"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._left = 0
        self._renamed: dict[str, str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._moves: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Regulars, who came before any code was hung up, add the guide who will leave."""
        people = len(self.stage.people) // PEOPLE_PER_REGULAR
        calls: list[Call] = [
            (
                "add_friend",
                {
                    "userid": userid,
                    "unionid": f"regular-{userid}-{number}",
                    "name": f"老客{number}",
                },
            )
            for userid, _ in self.stage.told["leavers"]
            for number in range(max(FEWEST, min(MOST, people)))
        ]
        self.stage.control.bulk(WECOM, calls)

    def day(self, day: int, at: datetime) -> None:
        """Get another id; resign."""
        del at
        told = self.stage.told
        renamed = {was: now for was, now, first in told.get("renames", ()) if first == day}
        self._renamed |= renamed
        leavers = [userid for userid, last in told["leavers"] if last == day]
        self._left += len(leavers)
        calls: list[Call] = [
            *(("rename_staff", {"userid": a, "new_userid": b}) for a, b in renamed.items()),
            *(("leave", {"userid": self._renamed.get(one, one)}) for one in leavers),
        ]
        if calls:
            self.stage.control.bulk(WECOM, calls)

    def step(self, at: datetime) -> None:
        """Customers who were asked since the last step refuse or let it be; others change hands
        when their day is over."""
        del at
        if not self._left:
            return
        control = self.stage.control
        calls: list[Call] = [
            ("refuse_move", {"external_userid": move["external_userid"]})
            for move in control.bulk(WECOM, [("moves", {})])[0]
            if move["status"] == WAITING and self._refuses(move)
        ]
        *_, self._moves = control.bulk(WECOM, [*calls, ("settle_moves", {}), ("moves", {})])

    def counts(self) -> dict[str, int]:
        """renamed: guides whose id changed; left: who resigned; asked: customers who were asked to
        take another; moved, refused: of them."""
        states = [move["status"] for move in self._moves]
        return {
            "renamed": len(self._renamed),
            "left": self._left,
            "asked": len(states),
            "moved": states.count(DONE),
            "refused": states.count(REFUSED),
        }

    def _refuses(self, move: dict[str, Any]) -> bool:
        """Everybody thinks once."""
        key = (move["handover_userid"], move["external_userid"])
        if key in self._asked:
            return False
        is_first = all(giver != key[0] for giver, _ in self._asked)
        self._asked.add(key)
        return is_first or self.stage.dice.randrange(ONE_IN) == 0
