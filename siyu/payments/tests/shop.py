"""A brand that takes WeChat Pay in the sandbox, and its customers."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from siyu.commerce.actions import record_orders
from siyu.core.access import SYSTEM, Actor, Role
from siyu.core.accounts import connector, create_account
from siyu.core.pipeline import run_stages
from siyu.core.runtime import runtime
from siyu.kernel.clock import FakeClock, to_ms
from siyu.kernel.identity import Identity
from siyu.payments.cards import hear_cards
from siyu.payments.paying import hear_payouts
from siyu.platforms.wechat_pay.sandbox import make_sandbox
from siyu.platforms.wechat_pay.tests.kit import ACCOUNT, APPID, set_up
from siyu.pool.actions import resolve
from siyu.pool.queries import find_customer
from siyu.ports.capabilities import CallbackRequest, LearnsKeys
from siyu.ports.facts import Fact
from siyu.ports.testing.worlds import QuietWorld, SandboxDoor

LIN = Actor("lin", Role.OWNER)
HE = Actor("he", Role.OPERATOR)
STAGES = (resolve, record_orders, hear_cards, hear_payouts)


class BreakableDoor(SandboxDoor):
    """A way to the sandbox that can lose answers: `broken` holds the errors of the next calls,
    raised after the platform did its work (`after`) or before."""

    broken: list[tuple[str, Exception]]

    def request(self, method: str, url: str, **more: Any) -> Any:
        spoil = self.broken.pop(0) if self.broken and method == "POST" else None
        if spoil and spoil[0] == "before":
            raise spoil[1]
        answer = super().request(method, url, **more)
        if spoil:
            raise spoil[1]
        return answer


class PayShop:
    """The account, the sandbox behind it, and the batches that Siyu hears."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.world = QuietWorld(clock)
        self.sandbox = make_sandbox(self.world)
        set_up(self.sandbox)
        self.door = BreakableDoor(self.sandbox, "https://pay.example/wechat_pay")
        self.door.broken = []
        runtime().http = self.door
        self.account = create_account(
            SYSTEM,
            "wechat_pay",
            {**ACCOUNT.fields, "notify_url": "https://b.example/p"},
            name="山茶记",
            base_url=self.door.base_url,
            now=clock.now(),
        )

    def control(self, operation: str, **arguments: Any) -> Any:
        return self.sandbox.control(operation, arguments)

    def buy(self, number: str, person: str = "p1", fen: int = 16800) -> int:
        """A customer pays at the till; his number in the pool once Siyu heard of it."""
        paid = self.control("pay", out_trade_no=number, person=person, amount_fen=fen)
        self.hear_callbacks()
        found = find_customer(Identity("wechat_pay_openid", APPID, paid["openid"]))
        assert found is not None
        return found[0]

    def hear_callbacks(self) -> list[Fact]:
        """All callbacks so far, verified and heard as one batch."""
        facts = [fact for request in self.world.take() for fact in self.read(request)]
        self.hear(*facts)
        return facts

    def read(self, request: CallbackRequest) -> list[Fact]:
        webhook, now = connector(self.account).webhook, self.clock.now()
        assert isinstance(webhook, LearnsKeys)
        assert webhook.learn_keys(request)
        verified = webhook.verify(request, now)
        assert verified.body is not None
        return webhook.read(verified.body, now, verified.message_id)

    def hear(self, *facts: Fact) -> None:
        with transaction.atomic():
            run_stages(facts, STAGES, self.clock.now())

    def tell(self, name: str, by: Identity | None = None, **properties: Any) -> None:
        """A fact of the shop, or of WeCom."""
        at = to_ms(self.clock.now())
        self.hear(
            Fact(
                name=name,
                at=at,
                received_at=at,
                source="shop",
                message_id=f"{name}{at}{properties}",
                platform="web",
                identities=(by,) if by else (),
                properties=properties,
            )
        )
