from __future__ import annotations

import pytest

from siyu.kernel.clock import FakeClock
from siyu.platforms.wechat_mini import connect
from siyu.platforms.wechat_mini.sandbox import make_sandbox
from siyu.platforms.wechat_mini.tests import kit
from siyu.ports.testing import MemoryTokenStore, QuietWorld, SandboxDoor
from siyu.ports.testing.suite import NOW


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def world(clock):
    return QuietWorld(clock)


@pytest.fixture
def sandbox(world):
    """The platform with the app of the kit."""
    made = make_sandbox(world)
    kit.set_up(made)
    return made


@pytest.fixture
def connector(sandbox, clock):
    """The connector against the sandbox."""
    door = SandboxDoor(sandbox, kit.ACCOUNT.base_url)
    return connect(kit.ACCOUNT, door, clock, MemoryTokenStore(clock))
