"""The server routes, controls and spoils; the postman delivers and retries."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import PlatformError, Refused, UnknownOutcome, WaitUntil
from siyu.ports.codes import CodeSpec
from siyu.ports.sandbox import Callback
from siyu.sandbox.postman import Postman
from siyu.sandbox.server import SandboxServer
from siyu.sandbox.tests.brand import DOUYIN, Brand

TOKEN_CALL = "/douyin/oauth/client_token/"
TOKEN_BODY = {**DOUYIN, "grant_type": "client_credential"}


@pytest.fixture
def brand(clock: FakeClock) -> Brand:
    return Brand(clock)


@pytest.fixture
def client(brand: Brand) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(SandboxServer(brand.world))
    return httpx.AsyncClient(transport=transport, base_url="http://sandbox")


async def control(client: httpx.AsyncClient, path: str, **arguments: Any) -> httpx.Response:
    return await client.post(f"/_sandbox/{path}", json=arguments)


async def test_platforms_answer_below_their_prefix(client: httpx.AsyncClient) -> None:
    answer = await client.post(TOKEN_CALL, json=TOKEN_BODY)
    assert answer.json()["data"]["error_code"] == 0
    assert answer.headers["date"] == "Wed, 11 Nov 2026 02:00:00 GMT"
    assert (await client.get("/wecom/cgi-bin/gettoken")).json()["errcode"] != 0
    assert (await client.get("/nowhere/x")).status_code == 404


async def test_wrong_secret_is_refused_with_http_200(client: httpx.AsyncClient) -> None:
    answer = await client.post(TOKEN_CALL, json={**TOKEN_BODY, "client_secret": "wrong"})
    assert (answer.status_code, answer.json()["data"]["error_code"]) == (200, 10003)


async def test_control_refuses_with_a_reason(client: httpx.AsyncClient) -> None:
    for path, field in (("douyin/dance", "operation"), ("nowhere/x", "platform")):
        answer = await control(client, path)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert (await client.post("/_sandbox/douyin/follow", content=b"{")).status_code == 400


async def test_bulk_gives_a_result_for_each_call(client: httpx.AsyncClient) -> None:
    calls = [["follow", {"person": "p1", "name": "小满"}], ["dance", {}]]
    results = (await control(client, "douyin/bulk", calls=calls)).json()["results"]
    assert results[0]["open_id"]
    assert results[1]["error"] == "sandbox.operation"


@pytest.mark.parametrize("wrong", [{"reset": 2}, {"rain": 1}, {"drop": "much"}, {"late": -1}])
async def test_wrong_switches_are_refused(client: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    assert (await control(client, "bad_days", **wrong)).status_code == 422
    assert (await client.get("/_sandbox/bad_days")).json()["reset"] == 0


@pytest.mark.parametrize(
    ("switch", "family"), [("rate_limited", WaitUntil), ("reset", PlatformError)]
)
def test_bad_days_reach_the_connectors(
    brand: Brand, switch: str, family: type[PlatformError]
) -> None:
    brand.world.change_bad_days({switch: 1, "only": "/wecom/cgi-bin/externalcontact"})
    assert brand.wecom.contacts is not None
    with pytest.raises(family):
        brand.wecom.contacts.list_staff()
    assert all(check.is_ok for check in brand.douyin.check.run())


def test_reset_after_the_work_is_an_unknown_outcome_that_happened(brand: Brand) -> None:
    brand.make_codes()
    brand.world.change_bad_days({"reset": 1, "only": "/wecom/cgi-bin/externalcontact"})
    assert brand.wecom.codes is not None
    with pytest.raises(UnknownOutcome):
        brand.wecom.codes.create_code(CodeSpec(name="海报", state="s_lost", staff=("mei",)))
    states = [way["state"] for way in brand.world.control("wecom", "contact_ways", {})]
    assert "s_lost" in states


class Receiver:
    """The brand's server: answers what it is told to, then 200."""

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)
        self.bodies: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.content)
        return httpx.Response(self._answers.pop(0) if self._answers else 200)


async def deliver(brand: Brand, receiver: Receiver, count: int = 1) -> Postman:
    """Post some callbacks and wait until all are done."""
    transport = httpx.MockTransport(receiver)
    postman = Postman(brand.world, transport=transport, retry_seconds=(0.01,))
    await postman.start()
    for number in range(count):
        callback = Callback(url="https://b.example/d", body=b"%d" % number)
        brand.world.post("douyin", callback)
    async with asyncio.timeout(5):
        await postman.settle()
    await postman.stop()
    return postman


async def test_every_callback_is_delivered_once(brand: Brand) -> None:
    receiver = Receiver()
    postman = await deliver(brand, receiver, 50)
    assert sorted(receiver.bodies, key=int) == [b"%d" % number for number in range(50)]
    assert postman.counts["acknowledged"] == 50


async def test_unacknowledged_callback_is_repeated_and_given_up(brand: Brand) -> None:
    receiver = Receiver(500, 403)
    assert (await deliver(brand, receiver)).counts["retried"] == 2
    assert len(receiver.bodies) == 3
    receiver = Receiver(*[500] * 9)
    postman = await deliver(brand, receiver)
    assert (len(receiver.bodies), postman.counts["given_up"]) == (4, 1)


async def test_duplicated_and_dropped_callbacks(brand: Brand) -> None:
    brand.world.change_bad_days({"duplicate": 1})
    receiver = Receiver()
    await deliver(brand, receiver, 3)
    assert sorted(receiver.bodies) == [b"0", b"0", b"1", b"1", b"2", b"2"]
    brand.world.change_bad_days({"duplicate": 0, "drop": 1})
    receiver = Receiver()
    await deliver(brand, receiver, 3)
    assert receiver.bodies == []


async def test_late_callbacks_still_come(brand: Brand) -> None:
    brand.world.change_bad_days({"late": 1, "late_seconds": 0.05})
    receiver = Receiver()
    postman = await deliver(brand, receiver, 5)
    assert (len(receiver.bodies), postman.counts["late"]) == (5, 5)


def test_unknown_platform_is_refused(brand: Brand) -> None:
    with pytest.raises(Refused):
        brand.world.control("nowhere", "x", {})
