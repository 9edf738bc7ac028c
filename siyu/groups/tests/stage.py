"""A corp in the sandbox, and Siyu listening to it: callbacks in, duties when the test says so.

A test passes the stages it wants and the world's platform; nothing is scripted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.accounts import connector, create_account
from siyu.core.intake import submit_facts
from siyu.core.intake import worker as intake
from siyu.core.pipeline import Stage
from siyu.core.runtime import runtime
from siyu.groups import actions
from siyu.kernel.clock import FakeClock
from siyu.pool import actions as pool
from siyu.ports.facts import Fact
from siyu.ports.sandbox import Sandbox, load_sandbox
from siyu.ports.testing import QuietWorld, SandboxDoor

CORP = "ww1234567890abcdef"
FIELDS = {
    "corp_id": CORP,
    "agent_id": "1000002",
    "secret": "s",
    "token": "callbacktoken",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
STAGES: tuple[Stage, ...] = (pool.resolve, actions.hear)
STAFF = [{"userid": "mei", "name": "小美"}, {"userid": "an", "name": "小安"}]


@dataclass
class Corp:
    """The brand's corp and what Siyu hears of it."""

    account: str
    sandbox: Sandbox
    world: QuietWorld
    clock: FakeClock

    def do(self, operation: str, **arguments: Any) -> Any:
        """Somebody does something on the platform."""
        return self.sandbox.control(operation, arguments)

    def lose_callbacks(self) -> None:
        """What was sent so far never arrives."""
        self.world.take()

    def hear(self) -> None:
        """Deliver the callbacks and let the worker take them in."""
        webhook, now = connector(self.account).webhook, self.clock.now()
        found: list[Fact] = []
        for request in self.world.take():
            verified = webhook.verify(request, now)
            found += webhook.read(verified.body or b"", now, verified.message_id)
        submit_facts(found)
        self.drain()

    def drain(self) -> None:
        while intake.drain():
            pass

    def settle(self) -> None:
        """Hear, wait until details have settled, read the groups, take in what that tells."""
        self.hear()
        self.clock.advance(seconds=3)
        while actions.read_groups():
            pass
        self.drain()


def make_corp(clock: FakeClock, stages: Sequence[Stage] = STAGES) -> Corp:
    """The sandbox with a corp of two guides, connected; facts go through `stages`."""
    intake.configure(tuple(stages))
    world = QuietWorld(clock)
    sandbox = load_sandbox("wecom")(world)
    app = {name: FIELDS[name] for name in ("secret", "token", "aes_key")}
    app["callback_url"] = "http://brand.example/callback"
    sandbox.control("configure", {"corp_id": CORP, **app})
    sandbox.control("add_staff", {"staff": STAFF})
    runtime().http = SandboxDoor(sandbox, "https://qyapi.weixin.qq.com")
    account = create_account(SYSTEM, "wecom", FIELDS, name="山茶记", now=clock.now())
    return Corp(account, sandbox, world, clock)
