"""Guides confirm the tasks of mass sends, customers read what came and react."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.sandbox.simulator.config import Config
from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.life import after_message
from siyu.sandbox.simulator.parts.part import Part, Stage

WECOM = "wecom"


class Sends(Part):
    """Most guides confirm in the morning and in the evening; others when they get to it."""

    name = "sends"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._read_until = 0
        self._counts: Counter[str] = Counter()

    @classmethod
    def is_wanted(cls, config: Config) -> bool:  # noqa: ARG003 - there is always a WeCom
        """Always: welcome words and journeys send too."""
        return True

    def step(self, at: datetime) -> None:
        """Tap what waits, then read."""
        self._tap(at)
        for item in self._delivered():
            person = self.stage.friends.get(item["external_userid"])
            self._counts["read"] += 1
            if person and item["kind"] != "welcome":
                self.stage.plan(after_message(person, at))

    def counts(self) -> dict[str, int]:
        """confirmed: guides' taps; read: messages that reached a phone."""
        return dict(self._counts)

    def _delivered(self) -> list[dict[str, Any]]:
        since = {"since": self._read_until}
        answer = self.stage.control.bulk(WECOM, [("delivered", since)])[0]
        self._read_until = answer["next"]
        items: list[dict[str, Any]] = answer["items"]
        return items

    def _tap(self, at: datetime) -> None:
        likely = 0.9 if at.astimezone(SHANGHAI).hour in {10, 20} else 0.5
        pending: dict[str, int] = defaultdict(int)
        for task in self.stage.control.bulk(WECOM, [("pending_sends", {})])[0]:
            pending[task["userid"]] += 1
        calls: list[Call] = [
            ("confirm_sends", {"userid": userid})
            for userid in sorted(pending)
            if self.stage.dice.random() < likely
        ]
        self._counts["confirmed"] += len(calls)
        if calls:
            self.stage.control.bulk(WECOM, calls)
