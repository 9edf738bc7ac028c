"""Customers come by an acquisition link; most of them speak."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage

WECOM = "wecom"
PER_DAY = 3


class Codes(Part):
    """A few people a day open the link that the brand told of; two of three speak."""

    name = "codes"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._counts: Counter[str] = Counter()
        self._silent: list[Call] = []
        self._came: list[dict[str, str]] = []

    def step(self, at: datetime) -> None:
        """Who came at the step before speaks now, after the welcome."""
        del at
        if self._silent:
            self.stage.control.bulk(WECOM, self._silent)
        self._counts["spoke"] += len(self._silent)
        self._silent = []

    def day(self, day: int, at: datetime) -> None:
        """Open the link."""
        del at
        url = str(self.stage.told["url"])
        calls: list[Call] = [
            ("open_link", {"url": url, "unionid": f"link-{day}-{number}", "name": f"访客{number}"})
            for number in range(PER_DAY)
        ]
        self._came = self.stage.control.bulk(WECOM, calls)
        self._counts["came"] += len(self._came)

    def close(self, at: datetime) -> None:
        """Two of three will speak."""
        del at
        names = ("external_userid", "userid")
        self._silent += [
            ("speak", {name: one[name] for name in names})
            for one in self._came
            if self.stage.dice.random() < 2 / 3
        ]
        self._came = []

    def counts(self) -> dict[str, int]:
        """came: by the link; spoke: of those."""
        return dict(self._counts)
