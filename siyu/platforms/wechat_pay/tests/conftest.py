from __future__ import annotations

from typing import Any

import msgspec
import pytest

from siyu.kernel.clock import FakeClock
from siyu.platforms.wechat_pay import connect
from siyu.platforms.wechat_pay.crypto import SCHEME, load_public_key, sign
from siyu.platforms.wechat_pay.sandbox import make_sandbox
from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.sandbox import WireRequest
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


@pytest.fixture
def public_key(sandbox):
    """Id and key of WeChat Pay's public key mode, switched on."""
    told = sandbox.control("configure", kit.merchant(is_public_key=True))
    return told["public_key_id"], load_public_key(told["public_key"])


@pytest.fixture
def post(sandbox, clock):
    """A signed POST of any client. serial: of the key its secret fields are encrypted for."""

    def call(path: str, body: Any, serial: str = "") -> dict[str, Any]:
        raw, at = msgspec.json.encode(body), str(int(clock.now().timestamp()))
        signature = sign(kit.merchant_key(), "POST", path, at, "nonce", raw.decode())
        given = f'mchid="{kit.MCHID}",nonce_str="nonce",signature="{signature}",timestamp="{at}"'
        headers = {"authorization": f'{SCHEME} {given},serial_no="{kit.SERIAL}"'}
        if serial:
            headers["wechatpay-serial"] = serial
        request = WireRequest(method="POST", path=path, target=path, headers=headers, body=raw)
        answer: dict[str, Any] = msgspec.json.decode(sandbox.answer(request).body)
        return answer

    return call
