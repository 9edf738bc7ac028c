"""Guides work with customers; what they did reaches the platform's figures."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from siyu.sandbox.simulator.parts.part import Part, Stage

WECOM = "wecom"


class Org(Part):
    """told: `staff`, who work."""

    name = "org"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._counts: Counter[str] = Counter()

    def day(self, day: int, at: datetime) -> None:  # noqa: ARG002 - the shape of a part
        """A day's conversations of everybody."""
        dice, rows = self.stage.dice, []
        for userid in self.stage.told["staff"]:
            chats = dice.randint(2, 20)
            row = {"chats": chats, "messages": chats * dice.randint(2, 6), "replied": chats - 1}
            rows.append({"userid": userid, **row, "reply_seconds": chats * dice.randint(60, 900)})
            self._counts["chats"] += chats
        self.stage.control.bulk(WECOM, [("behave", {"rows": rows})])

    def counts(self) -> dict[str, int]:
        """chats: conversations the platform counted."""
        return dict(self._counts)
