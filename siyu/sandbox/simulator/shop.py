"""The brand's web shop: turns acts into Segment events and posts them in batches."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import msgspec

from siyu.kernel.ids import digest
from siyu.sandbox.simulator.config import Config, Witness
from siyu.sandbox.simulator.goods import GOODS, Good, pick_goods
from siyu.sandbox.simulator.life import Act
from siyu.sandbox.simulator.people import Person

BATCH = 100
POSTERS = 3
TRIES = 120
PAUSE_SECONDS = 0.25
COUPON_FEN = 1000
Event = dict[str, Any]


class EventDoor(Protocol):
    """Where the shop's events go."""

    def post(self, events: Sequence[Event], sent_at: datetime) -> int:
        """Post one batch; how many were accepted."""
        ...


class HttpEventDoor:
    """Posts to Siyu's `/v1/batch` with a write key, as any Segment client does."""

    def __init__(self, config: Config) -> None:
        self._url = f"{config.siyu_url}/v1/batch"
        self._client = httpx.Client(auth=(config.write_key, ""), timeout=60, trust_env=False)

    def post(self, events: Sequence[Event], sent_at: datetime) -> int:
        """Post until Siyu answers, as an SDK's queue would; it may be restarting."""
        body = msgspec.json.encode({"batch": list(events), "sentAt": sent_at.isoformat()})
        headers = {"Content-Type": "application/json"}
        for _ in range(TRIES):
            try:
                answer = self._client.post(self._url, content=body, headers=headers)
            except httpx.TransportError:
                time.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code not in {429, 500, 502, 503}:
                return _accepted(answer, len(events)) if answer.is_success else 0
            time.sleep(PAUSE_SECONDS)
        return 0


class Shop:
    """Collects the events of a step. Order numbers and message ids follow from the seed."""

    def __init__(self, config: Config, door: EventDoor, witness: Witness) -> None:
        self._seed = config.seed
        self._door = door
        self._witness = witness
        self._events: list[Event] = []
        self._numbers = 0
        self._baskets: dict[str, tuple[Person, int]] = {}
        self._pool = ThreadPoolExecutor(POSTERS, thread_name_prefix="shop")

    def browse(self, act: Act) -> None:
        """A visit: some pages, some goods."""
        dice = act.person.chance
        at = act.at
        for title, path in (("首页", "/"), ("茶单", "/teas"))[: dice.randint(1, 2)]:
            at += timedelta(seconds=dice.randint(5, 60))
            properties = {"path": path, "url": f"https://shop.shanchaji.example{path}"}
            self._say(
                act.person, at, _who(act.person), type="page", name=title, properties=properties
            )
        for good in dice.sample(GOODS, dice.randint(1, 3)):
            at += timedelta(seconds=dice.randint(10, 120))
            self.track(act.person, at, "Product Viewed", _product(good))

    def register(self, act: Act) -> None:
        """Sign in with phone and WeChat: the shop learns who the visitor is."""
        person = act.person
        if person.is_registered:
            return
        person.is_registered = True
        union = {
            "id": person.unionid,
            "type": "wx_unionid",
            "collection": "users",
            "encoding": "none",
        }
        self._say(
            person,
            act.at,
            _who(person),
            type="identify",
            anonymousId=person.anonymous_id,
            traits={"name": person.name, "phone": person.phone},
            context={"externalIds": [union], "library": {"name": "shanchaji-shop"}},
        )

    def order(self, act: Act) -> str:
        """Buy a basket; returns the order number."""
        person = act.person
        self.track(person, act.at, "Product Viewed", _product(person.chance.choice(GOODS)))
        self.register(Act(act.at + timedelta(seconds=20), person, act.kind))
        basket = pick_goods(person.chance, person.taste)
        discount = COUPON_FEN if person.has_coupon else 0
        total = sum(good.price_fen * count for good, count in basket) - discount
        self._numbers += 1
        order_no = f"SCJ{self._seed % 10_000:04d}{self._numbers:07d}"
        properties = {
            "order_id": order_no,
            "total": total / 100,
            "revenue": total / 100,
            "discount": discount / 100,
            "currency": "CNY",
            "products": [{**_product(good), "quantity": count} for good, count in basket],
        }
        at = act.at + timedelta(seconds=90)
        self.track(person, at, "Order Completed", properties)
        person.orders.append(order_no)
        self._baskets[order_no] = (person, total)
        self._witness.orders += 1
        self._witness.revenue_fen += total
        return order_no

    def amount_fen(self, order_no: str) -> int:
        """What was paid for an order."""
        return self._baskets[order_no][1]

    def refund(self, act: Act) -> None:
        """Send an order back as a whole."""
        person, total = self._baskets[act.detail]
        properties = {"order_id": act.detail, "total": total / 100, "currency": "CNY"}
        self.track(person, act.at, "Order Refunded", properties)
        self._witness.refunds += 1

    def refer(self, person: Person, invitee: Person, at: datetime) -> None:
        """Invite a friend, who will come."""
        self.track(person, at, "Friend Referred", {"invitee": invitee.user_id})
        self._witness.referrals += 1

    def flush(self, now: datetime) -> None:
        """Post everything said since the last flush, oldest first."""
        events = sorted(self._events, key=lambda event: str(event["timestamp"]))
        self._events = []
        batches = [events[n : n + BATCH] for n in range(0, len(events), BATCH)]
        accepted = sum(self._pool.map(lambda batch: self._door.post(batch, now), batches))
        self._witness.events += len(events)
        self._witness.events_refused += len(events) - accepted

    def close(self) -> None:
        self._pool.shutdown()

    def track(
        self, person: Person, at: datetime, event: str, properties: Event, *, visitor: str = ""
    ) -> None:
        """Something happened in the shop. visitor: the anonymous id of the app it happened in."""
        who = {"anonymousId": visitor} if visitor else _who(person)
        self._say(person, at, who, type="track", event=event, properties=properties)

    def _say(self, person: Person, at: datetime, who: Event, **fields: Any) -> None:
        person.has_acted = True
        self._numbers += 1
        key = digest(f"{self._seed}:{person.number}:{self._numbers}".encode()).hex()
        message = {"messageId": str(uuid.UUID(key)), "timestamp": at.isoformat()}
        self._events.append({**message, **who, **fields})


def _who(person: Person) -> Event:
    if person.is_registered:
        return {"userId": person.user_id}
    return {"anonymousId": person.anonymous_id}


def _product(good: Good) -> Event:
    return {
        "product_id": good.sku,
        "sku": good.sku,
        "name": good.name,
        "category": good.category,
        "price": good.price_fen / 100,
    }


def _accepted(answer: httpx.Response, size: int) -> int:
    """How many of a batch counted; an answer without numbers means all."""
    try:
        said = answer.json()
    except ValueError:
        return size
    rejected: Iterable[Any] | int = said.get("rejected", 0) if isinstance(said, dict) else 0
    return size - (rejected if isinstance(rejected, int) else len(list(rejected)))
