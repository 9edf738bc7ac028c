from __future__ import annotations

import pytest

from siyu.kernel.clock import FakeClock
from siyu.platforms.wechat_pay import connect
from siyu.platforms.wechat_pay.sandbox import make_sandbox
from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.testing import MemoryTokenStore, QuietWorld, SandboxDoor


@pytest.fixture
def clock():
    return FakeClock(kit.NOW)


@pytest.fixture
def world(clock):
    return QuietWorld(clock)


@pytest.fixture
def sandbox(world):
    """The platform with the merchant of the kit."""
    made = make_sandbox(world)
    kit.set_up(made)
    return made


@pytest.fixture
def reach(sandbox, clock):
    """Makes the connector of an account against the sandbox."""

    def make(account=kit.ACCOUNT):
        door = SandboxDoor(sandbox, kit.ACCOUNT.base_url)
        return connect(account, door, clock, MemoryTokenStore(clock))

    return make


@pytest.fixture
def connector(reach):
    """The connector against the sandbox."""
    return reach()
