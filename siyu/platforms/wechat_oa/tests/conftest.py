from __future__ import annotations

from typing import Any

import msgspec
import pytest

from siyu.kernel.clock import FakeClock
from siyu.platforms.wechat_oa import connect
from siyu.platforms.wechat_oa.sandbox import make_sandbox
from siyu.platforms.wechat_oa.tests import kit
from siyu.ports.sandbox import WireRequest
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


@pytest.fixture
def stable_token(sandbox):
    """A stable token as any client gets it."""
    body = {"grant_type": "client_credential", "appid": kit.APP, "secret": kit.SECRET}

    def ask(**more: Any) -> str:
        raw = msgspec.json.encode({**body, **more})
        request = WireRequest(method="POST", path="/cgi-bin/stable_token", body=raw)
        return str(msgspec.json.decode(sandbox.answer(request).body)["access_token"])

    return ask


@pytest.fixture
def post(sandbox, stable_token):
    """A call of any client."""

    def call(path: str, body: Any, token: str = "") -> dict[str, Any]:
        request = WireRequest(
            method="POST",
            path=path,
            query={"access_token": token or stable_token()},
            body=msgspec.json.encode(body),
        )
        answer: dict[str, Any] = msgspec.json.decode(sandbox.answer(request).body)
        return answer

    return call
