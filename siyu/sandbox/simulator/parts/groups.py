"""New friends scan a group's code, some leave; some ask at the service desk."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.people import Person

WECOM = "wecom"
JOINS, LEAVES, ASKS = 0.3, 0.02, 0.02
QUESTIONS = ("秋茶还有货吗", "多久发货", "可以开发票吗", "门店几点关门", "能换一个口味吗")


class Groups(Part):
    """Small volume: a third of the new friends join, one in fifty of those leaves each step."""

    name = "groups"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._joining: list[Person] = []
        self._asking: list[Person] = []
        self._inside: list[tuple[str, str]] = []
        self._counts: Counter[str] = Counter()

    def befriended(self, person: Person, at: datetime) -> None:  # noqa: ARG002 - joins this step
        """See `Part.befriended`."""
        if self.stage.dice.random() < JOINS:
            self._joining.append(person)
        if self.stage.dice.random() < ASKS:
            self._asking.append(person)

    def close(self, at: datetime) -> None:  # noqa: ARG002 - now
        """See `Part.close`."""
        self._leave()
        self._join()
        self._ask()

    def counts(self) -> dict[str, int]:
        """joined, left: members of groups; asked: questions at the desk."""
        return dict(self._counts)

    def _join(self) -> None:
        state = self.stage.told["state"]
        calls: list[Call] = [
            ("join_group", {"state": state, "unionid": one.unionid, "name": one.name})
            for one in self._joining
        ]
        self._joining = []
        for answer in self.stage.control.bulk(WECOM, calls):
            if answer["is_new"]:
                self._counts["joined"] += 1
                self._inside.append((answer["chat_id"], answer["external_userid"]))

    def _leave(self) -> None:
        leaving = [one for one in self._inside if self.stage.dice.random() < LEAVES]
        gone = set(leaving)
        self._inside = [one for one in self._inside if one not in gone]
        self.stage.control.bulk(
            WECOM,
            [
                ("leave_group", {"chat_id": chat, "external_userid": external})
                for chat, external in leaving
            ],
        )
        self._counts["left"] += len(leaving)

    def _ask(self) -> None:
        desk = self.stage.told["desk"]
        calls: list[Call] = []
        for one in self._asking:
            who = {"open_kfid": desk, "unionid": one.unionid, "name": one.name}
            calls.append(("kf_enter", {**who, "scene": "store"}))
            calls.append(("kf_ask", {**who, "text": self.stage.dice.choice(QUESTIONS)}))
        self._counts["asked"] += len(self._asking)
        self._asking = []
        self.stage.control.bulk(WECOM, calls)
