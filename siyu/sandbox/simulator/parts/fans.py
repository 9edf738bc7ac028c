"""People follow the official account, ask, tap its menu, allow notices; buy in the store; leave."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import httpx

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.goods import GOODS, pick_goods
from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.parts.visiting import pass_login
from siyu.sandbox.simulator.people import Person

OFFICIAL, MINI = "wechat_oa", "wechat_mini"
PEOPLE_PER_FOLLOW, PEOPLE_PER_ORDER = 250, 500
QUESTIONS = ("新茶到了吗", "门店在哪里", "怎么冲泡白毫银针", "有活动吗")
ASK, TAP, ALLOW, LEAVE, RETURN = 0.5, 0.4, 0.35, 0.04, 0.06


class Fans(Part):
    """told: `scenes` of follow codes, `notice`: a template people may allow, `official` and `mini`:
    Siyu's keys of the account and the mini program.

    Each day one person, a fan if there is one, signs in in the mini program, looks at something,
    gives a phone and allows the notice; a fan opens a page of the brand and is known there. At
    each step one fan scans a code again.
    """

    name = "fans"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._fans: dict[str, Person] = {}
        self._known: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._client = httpx.Client(trust_env=False, timeout=20)
        self._visits = f"{stage.config.siyu_url}/api/visits"
        self._is_morning = False

    def day(self, day: int, at: datetime) -> None:
        """See `Part.day`."""
        del day, at
        self._is_morning = True

    def step(self, at: datetime) -> None:
        """Some follow, some of them act, one or two order in the store and pay."""
        some = self._sample(PEOPLE_PER_FOLLOW)
        fresh = [person for person in some if person.unionid not in self._known]
        if self._is_morning:
            self._open_page()
        self._follow(fresh)
        self._order(self._buyers(), at)

    def counts(self) -> dict[str, int]:
        """followed, asked, tapped, scanned, allowed, left: at the account; pages: opened and known
        there; orders, returns: of the store; phones: given in the mini program; missed: sign-ins
        that Siyu broke off."""
        return dict(self._counts)

    def _sample(self, people_per: int) -> list[Person]:
        people = self.stage.people
        return self.stage.dice.sample(people, max(1, len(people) // people_per))

    def _buyers(self) -> list[Person]:
        """Anybody; in the morning a fan first."""
        some = self._sample(PEOPLE_PER_ORDER)
        if not self._is_morning or not self._fans:
            return some
        fan = self.stage.dice.choice(list(self._fans.values()))
        return [fan, *(one for one in some if one is not fan)]

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
        if self._fans:
            acts.append(self._scan_again())
        for one, fan in zip(people, made, strict=True):
            self._fans[fan["openid"]] = one
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
            del self._fans[openid]
            acts.append(("unfollow", who))
        return acts

    def _scan_again(self) -> Call:
        dice, scenes = self.stage.dice, self.stage.told["scenes"]
        self._counts["scanned"] += 1
        return "scan", {"openid": dice.choice(list(self._fans)), "scene": dice.choice(scenes)}

    def _open_page(self) -> None:
        """A page of the brand inside WeChat asks the platform who looks at it."""
        if not self._fans:
            return
        who = {"unionid": self.stage.dice.choice(list(self._fans.values())).unionid}
        start = f"{self._visits}/{self.stage.told['official']}/authorize"
        asked = {"to": "/", "write_key": self.stage.config.write_key}
        self._client.cookies.clear()
        try:
            pass_login(self._client, start, asked, who)
            is_known = self._client.get(f"{self._visits}/me").raise_for_status().json()["is_known"]
        except httpx.HTTPError:
            is_known = False
        self._counts["pages" if is_known else "missed"] += 1

    def _order(self, people: list[Person], at: datetime) -> None:
        """Sign in, order and pay in the store; a few send everything back."""
        dice = self.stage.dice
        calls: list[Call] = [
            ("log_in", {"unionid": one.unionid, "name": one.name}) for one in people
        ]
        known = self.stage.control.bulk(MINI, calls)
        if self._is_morning:
            self._is_morning = False
            self._give_phone(people[0], known[0], at)
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

    def _give_phone(self, person: Person, who: dict[str, str], at: datetime) -> None:
        """Through the mini program, as its own code would: sign in, look at something, press the
        button, agree."""
        openid, key = who["openid"], self.stage.config.write_key
        try:
            opened = self._visit("app-session", write_key=key, code=who["code"])
            seen = {"product_id": self.stage.dice.choice(GOODS).sku}
            self.stage.tell(person, at, "Product Viewed", seen, visitor=opened["anonymous_id"])
            pressed: list[Call] = [("share_phone", {"openid": openid, "phone": person.phone})]
            (given,) = self.stage.control.bulk(MINI, pressed)
            self._visit("app-phone", session=opened["session"], code=given["code"])
        except httpx.HTTPError:
            self._counts["missed"] += 1
            return
        self._counts["phones"] += 1
        allowed = {"openid": openid, "template": self.stage.told["notice"]}
        self.stage.control.bulk(MINI, [("answer_popup", allowed)])

    def _visit(self, what: str, **body: str) -> dict[str, Any]:
        """A call of Siyu's for visitors; HTTPError when it is refused or does not come through."""
        url = f"{self._visits}/{self.stage.told['mini']}/{what}"
        answer = self._client.post(url, json=body).raise_for_status()
        said: dict[str, Any] = answer.json()
        return said
