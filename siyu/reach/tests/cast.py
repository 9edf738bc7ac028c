"""A WeCom and a Douyin account with a sender that does as it is told, and their customers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from siyu.core.accounts import manifests
from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import Clock, to_ms
from siyu.kernel.identity import Identity
from siyu.pool.actions import resolve
from siyu.ports.capabilities import (
    AccountConfig,
    Connector,
    Delivery,
    DeliveryState,
    Outgoing,
    Receipt,
)
from siyu.ports.facts import Fact
from siyu.reach.actions import hear, plan_touches
from siyu.reach.catalog import Catalog
from siyu.reach.dispatch import Dispatcher, Timing
from siyu.reach.types import TouchPlan

WECOM = "wecom:ww1"
DOUYIN = "douyin:ck1"
_numbers = count(1)


@dataclass
class ScriptedSender:
    """Keeps what it was asked to send; each call first meets the next of `answers`.

    An answer is an error to raise, or None to go on. `is_instant`: results come at once.
    """

    is_instant: bool = True
    sent: list[Outgoing] = field(default_factory=list)
    answers: list[Exception | None] = field(default_factory=list)
    results: list[Delivery] = field(default_factory=list)
    on_send: Callable[[Outgoing], None] = lambda _message: None
    find: Callable[[Outgoing], Receipt | None] = lambda _message: None

    def send(self, message: Outgoing) -> Receipt:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.on_send(message)
        self.sent.append(message)
        done = tuple(Delivery(who, DeliveryState.DELIVERED) for who in message.recipients)
        return Receipt(f"remote-{len(self.sent)}", done if self.is_instant else ())

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:
        return self.results

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:
        return self.find(message)

    @property
    def recipients(self) -> list[str]:
        return [who for message in self.sent for who in message.recipients]


class NoHook:
    """A connector needs a webhook and a self-check; these tests use neither."""

    def verify(self, *_):
        raise NotImplementedError

    def read(self, *_):
        return []

    def run(self):
        return []


@dataclass
class Stage:
    """Everything a test of sending needs. `real`: the machine's clock, moved by hand."""

    clock: Clock
    real: list[float] = field(default_factory=lambda: [1000.0])
    mass: ScriptedSender = field(default_factory=lambda: ScriptedSender(is_instant=False))
    welcome: ScriptedSender = field(default_factory=ScriptedSender)
    dm: ScriptedSender = field(default_factory=ScriptedSender)

    def catalog(self) -> Catalog:
        return Catalog(lambda: [WECOM, DOUYIN], manifests, self.connector)

    def connector(self, key: str) -> Connector:
        platform, _, remote_id = key.partition(":")
        config = AccountConfig(
            key=key, platform=platform, remote_id=remote_id, name=key, base_url="", fields={}
        )
        senders = {
            "wecom.mass_send": self.mass,
            "wecom.welcome": self.welcome,
            "douyin.dm": self.dm,
        }
        return Connector(config, NoHook(), NoHook(), senders=senders)

    def dispatcher(self, **more) -> Dispatcher:
        timing = Timing(real=lambda: self.real[0])
        return Dispatcher(self.catalog(), self.clock, **{"threads": 0, "timing": timing, **more})

    def run(self, dispatcher: Dispatcher | None = None) -> Dispatcher:
        """Dispatch until nothing is due."""
        dispatcher = dispatcher or self.dispatcher()
        for _ in range(50):
            if not dispatcher.dispatch():
                break
        return dispatcher

    def feed(self, *facts: Fact) -> list[Seen]:
        """Facts through pool and reach."""
        batch = Batch([Seen(fact) for fact in facts], self.clock.now())
        resolve(batch)
        hear(batch)
        return batch.seen

    def befriend(self, *names: str, staff: str = "mei", code: str = "") -> list[Seen]:
        """Each becomes Mei's friend in WeCom."""
        return self.feed(*[self.added(name, staff=staff, code=code) for name in names])

    def added(self, name: str, *, staff: str = "mei", code: str = "") -> Fact:
        return fact(
            self.clock,
            "friend_added",
            Identity("wecom_external_userid", "ww1", name),
            account=WECOM,
            platform="wecom",
            staff=staff,
            private={"welcome_code": code} if code else {},
        )

    def wrote(self, name: str) -> Fact:
        """A direct message in Douyin."""
        return fact(
            self.clock,
            "message_received",
            Identity("douyin_open_id", "ck1", name),
            account=DOUYIN,
            platform="douyin",
            private={"conversation_short_id": "c1", "server_message_id": "m1", "text": "在吗"},
        )

    def plan(self, *people: Seen, **more) -> list[int]:
        """One message to each."""
        now = self.clock.now()
        assert all(seen.customer_id for seen in people)
        common: dict[str, Any] = {
            "campaign": "test:1",
            "version": 1,
            "step": "hello",
            "channel": "best",
            "template": "你好",
            "purpose": "marketing",
            "due_at": now,
            "expires_at": now + timedelta(days=3),
        } | more
        plans = [
            TouchPlan(
                customer_id=seen.customer_id or 0,
                identity_id=seen.identity_id,
                **({"entry_key": f"k{seen.customer_id}"} | common),
            )
            for seen in people
        ]
        return plan_touches(plans, now=now)


def fact(clock: Clock, name: str, *identities: Identity, **more) -> Fact:
    at = to_ms(clock.now())
    number = next(_numbers)
    base: dict[str, Any] = {
        "source": more.get("account", "shop"),
        "message_id": f"m{number}",
        "platform": "web",
    }
    return Fact(name=name, at=at, received_at=at, identities=identities, **(base | more))
