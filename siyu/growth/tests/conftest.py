"""A brand whose WeCom is the sandbox: codes, guides and customers that act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import connector, create_account
from siyu.core.pipeline import Batch, run_stages
from siyu.core.runtime import Runtime, runtime, set_runtime
from siyu.growth import actions
from siyu.growth.neighbours import set_neighbours
from siyu.growth.types import Colleague, StorePlace
from siyu.platforms.wecom.sandbox import make_sandbox
from siyu.platforms.wecom.tests import kit
from siyu.pool import actions as pool
from siyu.ports.testing import QuietWorld, SandboxDoor, as_request
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher

STAFF = {
    "mei": Colleague(name="小梅", departments=("1",)),
    "lin": Colleague(name="林姐", departments=("1",)),
    "han": Colleague(name="韩", is_active=False),
}


class Town:
    """WeCom in the test: `people(...)` act, `hear()` takes what it tells us through the stages."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.world = QuietWorld(clock)
        self.sandbox = make_sandbox(self.world)
        kit.set_up(self.sandbox)
        self.door = SandboxDoor(self.sandbox, kit.ACCOUNT.base_url)
        self.account = kit.ACCOUNT.key

    def people(self, operation: str, **arguments: Any) -> Any:
        return self.sandbox.control(operation, arguments)

    def hear(self) -> Batch:
        """All callbacks so far."""
        webhook = connector(self.account).webhook
        now, found = self.clock.now(), []
        sent, self.world.sent = self.world.sent, []
        for callback in sent:
            verified = webhook.verify(as_request(callback), now)
            found += webhook.read(verified.body or b"", now, verified.message_id)
        return run_stages(found, (pool.resolve, reach.hear, actions.hear), now)

    def fetch(self, external_userid: str) -> Batch:
        """The customer's profile, pulled."""
        source = connector(self.account).contacts
        assert source is not None
        found = source.fetch_contact(external_userid)
        return run_stages(found, (pool.resolve, reach.hear, actions.hear), self.clock.now())

    def said(self) -> list[dict[str, Any]]:
        """What reached phones after everything due was sent."""
        while reach.dispatch():
            pass
        items: list[dict[str, Any]] = self.people("delivered")["items"]
        return items

    def way(self, state: str) -> dict[str, Any]:
        """A code as the platform has it."""
        return next(way for way in self.people("contact_ways") if way["state"] == state)


@pytest.fixture
def town(run_time: Runtime, clock: Any) -> Iterator[Town]:
    made = Town(clock)
    old = runtime()
    set_runtime(Runtime(home=old.home, clock=clock, http=made.door, namespaces=old.namespaces))
    fields = {name: value for name, value in kit.ACCOUNT.fields.items() if value}
    create_account(SYSTEM, "wecom", fields, name="山茶记", now=clock.now())
    set_neighbours(staff=lambda _account: STAFF, stores=lambda: STORES)
    reach.set_dispatcher(Dispatcher(catalog(), clock, threads=0))
    yield made
    reach.set_dispatcher(None)
    set_neighbours(staff=lambda _account: {}, stores=lambda: ())


@pytest.fixture
def make_code(town: Town, clock: Any) -> Callable[..., Any]:
    def make(**values: Any) -> Any:
        given = {"name": "门店海报", "account": town.account, "staff": ["mei", "lin"], **values}
        return actions.create_live_code(SYSTEM, now=clock.now(), **given)

    return make


STORES = (
    StorePlace(
        id=1,
        code="a",
        name="外滩店",
        city="上海",
        lat=31.24,
        lng=121.49,
        staff=((kit.ACCOUNT.key, "mei"),),
    ),
    StorePlace(
        id=2,
        code="b",
        name="徐家汇店",
        city="上海",
        lat=31.1945,
        lng=121.4368,
        staff=((kit.ACCOUNT.key, "lin"),),
    ),
    StorePlace(id=3, code="c", name="网店", city=""),
)
