"""Members of staff mark tags on their customers in WeCom's own client."""

from __future__ import annotations

from datetime import datetime

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage

GROUP = "员工标记"
TAGS = ("爱喝红茶", "爱喝白茶", "送礼")
PEOPLE_PER_MARK = 50


class Writeback(Part):
    """told: anything = the brand follows what staff mark."""

    name = "writeback"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._marked: set[str] = set()

    def begin(self) -> None:
        """An administrator makes the tags."""
        calls: list[Call] = [("make_tags", {"group": GROUP, "names": list(TAGS)})]
        self.stage.control.bulk("wecom", calls)

    def day(self, day: int, at: datetime) -> None:
        """Each day some customers who have no mark yet get one."""
        del day, at
        fresh = sorted(set(self.stage.friends) - self._marked)
        some = self.stage.dice.sample(fresh, min(len(fresh), self._a_day()))
        calls: list[Call] = [
            (
                "mark_tags",
                {"external_userid": one, "add": [f"{GROUP}/{self.stage.dice.choice(TAGS)}"]},
            )
            for one in some
        ]
        if calls:
            results = self.stage.control.bulk("wecom", calls)
            self._marked |= {
                one for one, made in zip(some, results, strict=True) if made["is_marked"]
            }

    def counts(self) -> dict[str, int]:
        """marked: customers with a mark by staff."""
        return {"marked": len(self._marked)}

    def _a_day(self) -> int:
        return max(1, len(self.stage.people) // PEOPLE_PER_MARK // 5)
