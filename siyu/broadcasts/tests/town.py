"""A WeCom sandbox with guides and friends, our pool, ledger and dispatcher over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from siyu.broadcasts import actions
from siyu.broadcasts.types import Draft
from siyu.core.access import Actor, Role
from siyu.core.accounts import manifests
from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import FakeClock
from siyu.pool.actions import resolve
from siyu.ports.capabilities import Connector
from siyu.ports.manifest import load_connect
from siyu.ports.sandbox import load_sandbox
from siyu.ports.testing import MemoryTokenStore, QuietWorld, SandboxDoor
from siyu.ports.testing.kit import load_kit
from siyu.reach import actions as reach
from siyu.reach import follow_up
from siyu.reach.catalog import Catalog, set_catalog
from siyu.reach.dispatch import Dispatcher, Timing

KIT = load_kit("wecom")
ACCOUNT = KIT.account.key
MASS, GROUPS = "wecom.mass_send", "wecom.group_send"
OPERATOR = Actor("ann", Role.OPERATOR)
BOSS = Actor("boss", Role.OWNER)


@dataclass
class Town:
    """Everything a test of broadcasts needs; time stands until it is moved.

    real: the machine's clock, by which leases and doubts are kept.
    """

    clock: FakeClock
    door: Any = None
    sandbox: Any = None
    real: list[float] = field(default_factory=lambda: [1000.0])
    connector: Connector = field(init=False)
    dispatcher: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        self.sandbox = load_sandbox("wecom")(QuietWorld(self.clock))
        KIT.set_up(self.sandbox)
        self.door = SandboxDoor(self.sandbox, KIT.account.base_url)
        tokens = MemoryTokenStore(self.clock)
        self.connector = load_connect("wecom")(KIT.account, self.door, self.clock, tokens)
        catalog = Catalog(lambda: [ACCOUNT], manifests, lambda _key: self.connector)
        set_catalog(catalog)
        self.dispatcher = Dispatcher(
            catalog, self.clock, threads=0, timing=Timing(real=lambda: self.real[0])
        )
        reach.set_dispatcher(self.dispatcher)
        reach.register_gate("broadcast:", actions.gate)

    def close(self) -> None:
        reach.set_dispatcher(None)
        set_catalog(None)

    def people(self, operation: str, **arguments: Any) -> Any:
        return self.sandbox.control(operation, arguments)

    def befriend(self, count: int, *, userid: str = "mei", mark: str = "o") -> list[int]:
        """New friends of a guide, at the platform and in the pool; their customer ids."""
        for number in range(count):
            self.people(
                "add_friend", userid=userid, unionid=f"{mark}{userid}{number}", name=f"客{number}"
            )
        return self.pull(userid)

    def pull(self, userid: str) -> list[int]:
        assert self.connector.contacts is not None
        found, cursor = self.connector.contacts.fetch_contacts([userid], "")
        while cursor:
            more, cursor = self.connector.contacts.fetch_contacts([userid], cursor)
            found += more
        batch = Batch([Seen(fact) for fact in found], self.clock.now())
        resolve(batch)
        return sorted({seen.customer_id for seen in batch.seen if seen.customer_id})

    def draft(self, ids: list[int] | None = None, **more: Any) -> Draft:
        values = {
            "name": "双十一预告",
            "account": ACCOUNT,
            "channel": MASS,
            "text": "新茶到了",
            "audience": {"kind": "customers", "ids": ids or []},
            **more,
        }
        return Draft(**values)

    def launch(self, draft: Draft) -> int:
        """Written, submitted, approved by another, planned and handed over."""
        row_id = actions.create_broadcast(OPERATOR, draft, now=self.clock.now())
        actions.submit_broadcast(OPERATOR, row_id, now=self.clock.now())
        actions.approve_broadcast(BOSS, row_id, now=self.clock.now())
        self.work()
        return row_id

    def work(self, seconds: float = 0) -> None:
        """Let the duties do all they can now, and again after some seconds."""
        for _ in range(20):
            worked = actions.work()
            worked = self.dispatcher.dispatch() or worked
            if not worked:
                break
        if seconds:
            self.clock.advance(seconds=seconds)
            follow_up.poll(self.dispatcher)
            self.work()

    def confirm(self, **which: str) -> Any:
        return self.people("confirm_sends", **which)
