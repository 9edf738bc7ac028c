from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siyu.kernel.clock import FakeClock
from siyu.platforms.wecom import connect
from siyu.platforms.wecom.sandbox import make_sandbox
from siyu.platforms.wecom.tests import kit
from siyu.ports.testing import MemoryTokenStore, QuietWorld, SandboxDoor

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def connector(wire, clock):
    """The connector over the scripted wire; tokens are `tok0`, `tok1`…"""
    wire.script(kit.TOKEN_CALL, [kit.token_answer(n) for n in range(9)])
    return connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock))


@pytest.fixture
def world(clock):
    return QuietWorld(clock)


@pytest.fixture
def sandbox(world):
    """The platform with the corp of the kit, Mei and Lin."""
    made = make_sandbox(world)
    kit.set_up(made)
    return made


@pytest.fixture
def door(sandbox):
    return SandboxDoor(sandbox, kit.ACCOUNT.base_url)


@pytest.fixture
def live(door, clock):
    """The connector talking to the sandbox."""
    return connect(kit.ACCOUNT, door, clock, MemoryTokenStore(clock))


@pytest.fixture
def people(sandbox):
    """`people("scan", state=…)`: a control call."""
    return lambda operation, **arguments: sandbox.control(operation, arguments)
