"""New friends scan a group's code, some come into a second group, some leave; some ask at the
service desk, where staff answer those who are handed to them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.people import Person

WECOM = "wecom"
JOINS, LEAVES, ASKS, TWICE = 0.3, 0.02, 0.02, 0.08
LATE_FROM_DAY, LATE_PER_DAY = 5, 2
HUMAN = 3
QUESTIONS = ("秋茶还有货吗", "多久发货", "可以开发票吗", "门店几点关门", "能换一个口味吗")
ANSWER = "您好, 我来帮您看"


class Groups(Part):
    """Small volume: a third of the new friends join, one in fifty of those leaves each step.

    From the sixth day two friends a day come who had not: they were invited.
    """

    name = "groups"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._joining: list[Person] = []
        self._asking: list[Person] = []
        self._again: list[Call] = []
        self._inside: list[tuple[str, str]] = []
        self._counts: Counter[str] = Counter()

    def befriended(self, person: Person, at: datetime) -> None:  # noqa: ARG002 - joins this step
        """See `Part.befriended`."""
        if self.stage.dice.random() < JOINS:
            self._joining.append(person)
        if self.stage.dice.random() < ASKS:
            self._asking.append(person)

    def day(self, day: int, at: datetime) -> None:  # noqa: ARG002 - now
        """See `Part.day`."""
        if day < LATE_FROM_DAY:
            return
        inside = {external for _, external in self._inside}
        outside = [
            person
            for external, person in sorted(self.stage.friends.items())
            if person.is_friend and external not in inside
        ]
        late = self.stage.dice.sample(outside, min(LATE_PER_DAY, len(outside)))
        self._joining += late
        self._counts["late"] += len(late)

    def close(self, at: datetime) -> None:  # noqa: ARG002 - now
        """See `Part.close`."""
        self._leave()
        self._join()
        self._join_again()
        self._ask()
        self._serve()

    def counts(self) -> dict[str, int]:
        """joined, left: members of groups; twice: who came into a second one, late: invited
        friends, both among the joined; asked: questions at the desk; served: by staff."""
        return dict(self._counts)

    def _join(self) -> None:
        state, joining = self.stage.told["state"], self._joining
        calls: list[Call] = [
            ("join_group", {"state": state, "unionid": one.unionid, "name": one.name})
            for one in joining
        ]
        self._joining = []
        for person, answer in zip(joining, self._enter(calls), strict=True):
            others = [chat for chat in self.stage.told["chats"] if chat != answer["chat_id"]]
            if others and self.stage.dice.random() < TWICE:
                who = {"unionid": person.unionid, "name": person.name}
                self._again.append(("join_group", {"chat_id": others[0], **who}))

    def _join_again(self) -> None:
        """A friend who is there already brings them along."""
        calls, self._again = self._again, []
        self._counts["twice"] += sum(answer["is_new"] for answer in self._enter(calls))

    def _enter(self, calls: list[Call]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = self.stage.control.bulk(WECOM, calls)
        fresh = [answer for answer in answers if answer["is_new"]]
        self._counts["joined"] += len(fresh)
        self._inside += [(one["chat_id"], one["external_userid"]) for one in fresh]
        return answers

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

    def _serve(self) -> None:
        """Staff answer who was handed to them, and end the session."""
        (desks,) = self.stage.control.bulk(WECOM, [("kf_accounts", {})])
        waiting = [
            {"open_kfid": desk["open_kfid"], "external_userid": one["external_userid"]}
            for desk in desks
            for one in desk["sessions"]
            if one["state"] == HUMAN
        ]
        calls: list[Call] = []
        for who in waiting:
            calls += [("kf_answer", {**who, "text": ANSWER}), ("kf_end", who)]
        self.stage.control.bulk(WECOM, calls)
        self._counts["served"] += len(waiting)
