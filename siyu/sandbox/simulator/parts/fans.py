"""People follow the official account, ask, tap its menu, allow notices; buy in the store; leave."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import httpx

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.goods import pick_goods
from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.people import Person

OFFICIAL, MINI = "wechat_oa", "wechat_mini"
PEOPLE_PER_FOLLOW, PEOPLE_PER_ORDER = 250, 500
QUESTIONS = ("新茶到了吗", "门店在哪里", "怎么冲泡白毫银针", "有活动吗")
ASK, TAP, ALLOW, LEAVE, RETURN = 0.5, 0.4, 0.35, 0.04, 0.06


class Fans(Part):
    """told: `scenes` of follow codes, `notice`: a template people may allow, `mini`: Siyu's key of
    the mini program, in which one person a day signs in, gives a phone and allows the notice."""

    name = "fans"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._fans: list[str] = []
        self._known: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._client = httpx.Client(trust_env=False, timeout=20)
        self._is_morning = False

    def day(self, day: int, at: datetime) -> None:
        """See `Part.day`."""
        del day, at
        self._is_morning = True

    def step(self, at: datetime) -> None:
        """Some follow, some of them act, one or two order in the store and pay."""
        del at
        some = self._sample(PEOPLE_PER_FOLLOW)
        fresh = [person for person in some if person.unionid not in self._known]
        self._follow(fresh)
        self._order(self._sample(PEOPLE_PER_ORDER))

    def counts(self) -> dict[str, int]:
        """followed, asked, tapped, allowed, left: at the account; orders, returns: of the store;
        phones: given in the mini program; missed: sign-ins that Siyu broke off."""
        return dict(self._counts)

    def _sample(self, people_per: int) -> list[Person]:
        people = self.stage.people
        return self.stage.dice.sample(people, max(1, len(people) // people_per))

    def _follow(self, people: list[Person]) -> None:
        dice, scenes = self.stage.dice, self.stage.told["scenes"]
        calls: list[Call] = [
            (
                "follow",
                {"unionid": one.unionid, "name": one.name, "scene": dice.choice(scenes)},
            )
            for one in people
        ]
        made = self.stage.control.bulk(OFFICIAL, calls)
        self._known.update(one.unionid for one in people)
        self._counts["followed"] += len(made)
        acts: list[Call] = []
        for fan in made:
            self._fans.append(fan["openid"])
            acts += self._act(fan["openid"])
        if acts:
            self.stage.control.bulk(OFFICIAL, acts)

    def _act(self, openid: str) -> list[Call]:
        dice, who, acts = self.stage.dice, {"openid": openid}, list[Call]()
        if dice.random() < ASK:
            self._counts["asked"] += 1
            acts.append(("write", {**who, "text": dice.choice(QUESTIONS)}))
        if dice.random() < TAP:
            self._counts["tapped"] += 1
            acts.append(("click", {**who, "key": "NEW"}))
        if dice.random() < ALLOW:
            self._counts["allowed"] += 1
            acts.append(("answer_popup", {**who, "template": self.stage.told["notice"]}))
        if dice.random() < LEAVE:
            self._counts["left"] += 1
            acts.append(("unfollow", who))
        return acts

    def _order(self, people: list[Person]) -> None:
        """Sign in, order and pay in the store; a few send everything back."""
        dice = self.stage.dice
        calls: list[Call] = [
            ("log_in", {"unionid": one.unionid, "name": one.name}) for one in people
        ]
        known = self.stage.control.bulk(MINI, calls)
        if self._is_morning:
            self._is_morning = False
            self._give_phone(people[0], known[0])
        orders: list[Call] = []
        for one, who in zip(people, known, strict=True):
            goods = [
                {"sku_id": g.sku, "title": g.name, "sku_cnt": count, "sale_price": g.price_fen}
                for g, count in pick_goods(dice, one.taste)
            ]
            orders.append(("order", {"openid": who["openid"], "items": goods}))
        made = self.stage.control.bulk(MINI, orders)
        paid: list[Call] = [("pay", {"order_id": each["order_id"]}) for each in made]
        self._counts["orders"] += len(paid)
        back = [each for each in made if dice.random() < RETURN]
        self._counts["returns"] += len(back)
        returned: list[Call] = [("return_goods", {"order_id": each["order_id"]}) for each in back]
        self.stage.control.bulk(MINI, [*paid, *returned])

    def _give_phone(self, person: Person, who: dict[str, str]) -> None:
        """Through the mini program, as its own code would: sign in, press the button, agree."""
        openid, key = who["openid"], self.stage.config.write_key
        try:
            session = self._visit("app-session", write_key=key, code=who["code"])["session"]
            pressed: list[Call] = [("share_phone", {"openid": openid, "phone": person.phone})]
            (given,) = self.stage.control.bulk(MINI, pressed)
            self._visit("app-phone", session=session, code=given["code"])
        except httpx.HTTPError:
            self._counts["missed"] += 1
            return
        self._counts["phones"] += 1
        allowed = {"openid": openid, "template": self.stage.told["notice"]}
        self.stage.control.bulk(MINI, [("answer_popup", allowed)])

    def _visit(self, what: str, **body: str) -> dict[str, Any]:
        """A call of Siyu's for visitors; HTTPError when it is refused or does not come through."""
        url = f"{self.stage.config.siyu_url}/api/visits/{self.stage.told['mini']}/{what}"
        answer = self._client.post(url, json=body).raise_for_status()
        said: dict[str, Any] = answer.json()
        return said
