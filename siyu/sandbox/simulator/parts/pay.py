"""Customers pay at the till, see a guide's card, add the guide; some send goods back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.goods import pick_goods
from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.people import Person

PAY, WECOM = "wechat_pay", "wecom"
PEOPLE_PER_SALE = 400
REFUND, ADD = 0.05, 0.45


@dataclass
class Sale:
    """Something on the till that its customer has not paid yet."""

    number: str
    person: Person
    fen: int


class Pay(Part):
    """The till makes orders in one step; they are paid in the next, by then with a guide.

    told: `store_id`, and `guides`: {userid: state of his code}.
    """

    name = "pay"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._open: list[Sale] = []
        self._paid: list[Sale] = []
        self._next = 0
        self._counts: Counter[str] = Counter()

    def step(self, at: datetime) -> None:
        """Confirm rewards, pay what waits, send some back, add some guides, ring up more."""
        self.stage.control.bulk(PAY, [("confirm_transfers", {})])
        self._pay()
        self._send_back()
        self._ring_up(at)

    def counts(self) -> dict[str, int]:
        """paid, paid_fen, refunds, cards: of the till; added: who added a guide by his card."""
        return dict(self._counts)

    def _ring_up(self, at: datetime) -> None:
        dice, calls = self.stage.dice, list[Call]()
        sales = max(1, len(self.stage.people) // PEOPLE_PER_SALE)
        for person in dice.sample(self.stage.people, sales):
            self._next += 1
            basket = pick_goods(dice, person.taste)
            sale = Sale(
                number=f"TILL{self.stage.config.seed % 10_000:04d}{self._next:08d}",
                person=person,
                fen=sum(good.price_fen * count for good, count in basket),
            )
            self._open.append(sale)
            calls.append(("order", {"out_trade_no": sale.number, "amount_fen": sale.fen}))
            told = {"order_id": sale.number, "total": sale.fen / 100}
            store = {"store_id": self.stage.told["store_id"], "currency": "CNY"}
            self.stage.tell(person, at, "Order Created", told | store)
        self.stage.control.bulk(PAY, calls)

    def _pay(self) -> None:
        sales, self._open = self._open, []
        calls: list[Call] = [
            ("pay", {"out_trade_no": sale.number, "person": sale.person.key}) for sale in sales
        ]
        results = self.stage.control.bulk(PAY, calls) if calls else []
        adds: list[tuple[Person, Call]] = []
        for sale, result in zip(sales, results, strict=True):
            self._counts["paid"] += 1
            self._counts["paid_fen"] += sale.fen
            guide = result["guide"].get("userid", "")
            self._counts["cards"] += bool(guide)
            if self.stage.dice.random() < REFUND:
                self._paid.append(sale)
            elif guide and not sale.person.external_userid and self.stage.dice.random() < ADD:
                adds.append((sale.person, self._add(sale.person, guide)))
        self._befriend(adds)

    def _add(self, person: Person, userid: str) -> Call:
        person.has_acted = True
        return "add_friend", {
            "userid": userid,
            "unionid": person.unionid,
            "name": person.name,
            "state": self.stage.told["guides"][userid],
        }

    def _befriend(self, adds: list[tuple[Person, Call]]) -> None:
        calls = [call for _, call in adds]
        results = self.stage.control.bulk(WECOM, calls) if calls else []
        for (person, _), result in zip(adds, results, strict=True):
            person.external_userid, person.userid = result["external_userid"], result["userid"]
            person.is_friend = True
            self._counts["added"] += 1

    def _send_back(self) -> None:
        calls: list[Call] = [("refund", {"out_trade_no": sale.number}) for sale in self._paid]
        self._counts["refunds"] += len(calls)
        self._paid = []
        if calls:
            self.stage.control.bulk(PAY, calls)
