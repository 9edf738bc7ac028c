"""The doctor tells of callbacks that are refused, whatever platform sends them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from siyu.core.access import SYSTEM
from siyu.core.account_checks import run_checks
from siyu.core.accounts import create_account
from siyu.core.intake.asgi import IntakeApp
from siyu.core.runtime import Runtime, set_runtime
from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient
from siyu.ports.capabilities import Check
from siyu.ports.testing import load_kit
from siyu.sandbox.door import SandboxDoor, base_url
from siyu.sandbox.world import SandboxWorld

pytestmark = [pytest.mark.django_db(transaction=True)]
WRONG = {
    "wecom": {"token": "another-token"},
    "wechat_oa": {"token": "another-token"},
    "wechat_mini": {"token": "another-token"},
    "wechat_pay": {"api_v3_key": "f" * 32},
    "douyin": {"client_secret": "another-secret"},
}
"""What the brand typed in wrong, so that callbacks of a platform cannot be verified."""


@pytest.fixture
def world(run_time, clock) -> SandboxWorld:
    made = SandboxWorld(clock)
    set_runtime(Runtime(run_time.home, clock, SandboxDoor(made), run_time.namespaces))
    return made


@pytest.fixture
def client(world):
    app = IntakeApp()
    yield IntakeClient(app)
    app.close()


def connect(world: SandboxWorld, platform: str, **changes: str) -> str:
    """The account of the platform's kit, with some fields wrong."""
    kit = load_kit(platform)
    kit.set_up(world.sandbox(platform))
    fields = {name: value for name, value in kit.account.fields.items() if value}
    return create_account(
        SYSTEM,
        platform,
        {**fields, **changes},
        name=platform,
        base_url=base_url(platform),
        now=world.clock.now(),
    )


def deliver(world: SandboxWorld, client: IntakeClient, key: str) -> set[int]:
    """Carry every waiting callback to the intake; the statuses it answered."""
    platform, _, remote_id = key.partition(":")
    statuses = set()
    while world.outbox:
        _, callback = world.outbox.popleft()
        path = f"/callbacks/{platform}/{remote_id}?{urlencode(callback.query)}"
        headers = {name.lower(): value for name, value in callback.headers.items()}
        statuses.add(client.request("POST", path, callback.body, headers).status)
    drain()
    return statuses


def failing(key: str) -> dict[str, Check]:
    return {check.name: check for check in run_checks(key) if not check.is_ok}


@pytest.mark.parametrize("platform", sorted(WRONG))
def test_callbacks_that_cannot_be_verified_are_named(world, client, platform):
    key = connect(world, platform, **WRONG[platform])
    load_kit(platform).stir(world.sandbox(platform))
    assert deliver(world, client, key) == {403}
    line = failing(key)["callback_signature"]
    assert "拒绝" in line.detail
    assert line.advice


@pytest.mark.parametrize("platform", sorted(WRONG))
def test_good_callbacks_raise_no_alarm(world, client, platform):
    key = connect(world, platform)
    load_kit(platform).stir(world.sandbox(platform))
    assert max(deliver(world, client, key)) < 300
    assert failing(key) == {}


def test_a_clock_that_is_wrong_is_named(world, client, clock):
    key = connect(world, "wechat_pay")
    load_kit("wechat_pay").stir(world.sandbox("wechat_pay"))
    clock.advance(minutes=6)
    assert deliver(world, client, key) == {403}
    assert "校准" in failing(key)["callback_signature"].advice


def test_the_platforms_own_probe_raises_no_alarm(world, client):
    key = connect(world, "wechat_pay")
    world.control("wechat_pay", "probe", {})
    assert deliver(world, client, key) == {403}
    assert list(failing(key)) == ["callback_received"]
