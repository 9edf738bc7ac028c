"""What the control page is told: operations with typed arguments, last calls, callbacks' weather."""

from __future__ import annotations

import httpx
import pytest

from siyu.kernel.clock import FakeClock
from siyu.ports.manifest import list_platforms
from siyu.ports.sandbox import OffersControls
from siyu.sandbox.server import SandboxServer
from siyu.sandbox.tests.brand import Brand
from siyu.sandbox.world import KEPT_CALLS


@pytest.fixture
def brand(clock: FakeClock) -> Brand:
    return Brand(clock)


@pytest.fixture
def client(brand: Brand) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(SandboxServer(brand.world))
    return httpx.AsyncClient(transport=transport, base_url="http://sandbox")


def test_every_platform_lists_its_controls(brand: Brand) -> None:
    assert sorted(brand.world.operations()) == list_platforms()
    for name, sandbox in brand.world.sandboxes.items():
        assert isinstance(sandbox, OffersControls), name


async def test_operations_come_with_typed_arguments(client: httpx.AsyncClient) -> None:
    told = (await client.get("/_sandbox/operations")).json()
    scan = next(each for each in told["wecom"] if each["name"] == "scan")
    kinds = {each["name"]: (each["kind"], each["is_required"]) for each in scan["arguments"]}
    assert kinds["unionid"] == ("text", True)
    assert kinds["gender"] == ("number", False)
    pay = next(each for each in told["wechat_pay"] if each["name"] == "pay")
    assert "customer pays" in pay["about"]
    assert "self" not in {each["name"] for each in pay["arguments"]}


async def test_last_calls_are_kept_without_their_queries(client: httpx.AsyncClient) -> None:
    for _ in range(KEPT_CALLS + 5):
        await client.get("/wecom/cgi-bin/gettoken?corpid=x&corpsecret=hidden")
    calls = (await client.get("/_sandbox/calls")).json()
    assert len(calls) == KEPT_CALLS
    assert calls[0]["path"] == "/cgi-bin/gettoken"
    assert "hidden" not in str(calls)


async def test_a_spoiled_call_says_what_met_it(client: httpx.AsyncClient) -> None:
    await client.post("/_sandbox/bad_days", json={"error_5xx": 1, "only": "/douyin"})
    assert (await client.get("/wecom/cgi-bin/gettoken")).status_code == 200
    assert (await client.post("/douyin/oauth/client_token/")).status_code == 503
    newest = (await client.get("/_sandbox/calls")).json()[0]
    assert (newest["platform"], newest["status"], newest["note"]) == ("douyin", 503, "error_5xx")


def test_weather_of_one_platform_leaves_the_callbacks_of_others_alone(brand: Brand) -> None:
    brand.world.change_bad_days({"drop": 1, "only": "/wechat_pay"})
    assert brand.world.bad_days_of_callback("wechat_pay").drop == 1
    assert brand.world.bad_days_of_callback("wecom").drop == 0
