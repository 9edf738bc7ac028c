"""The doctor says of each account why nothing happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account, note_callback, update_account
from siyu.core.models import RejectedItem
from siyu.core.runtime import Runtime, set_runtime
from siyu.growth.actions import create_live_code
from siyu.growth.links import read_due
from siyu.guides import actions as guides
from siyu.guides import syncing
from siyu.ports.capabilities import Check
from siyu.sandbox.door import SandboxDoor, base_url
from siyu.sandbox.world import SandboxWorld
from siyu.site.doctor import run_doctor

pytestmark = [pytest.mark.django_db(transaction=True)]
FIELDS = {
    "agent_id": "1000002",
    "secret": "app-secret",
    "token": "QDG6eKcallback",
    "aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
}


@pytest.fixture
def world(run_time, clock) -> SandboxWorld:
    made = SandboxWorld(clock, platforms=["wecom"])
    set_runtime(Runtime(run_time.home, clock, SandboxDoor(made), run_time.namespaces))
    return made


def connect(world: SandboxWorld, clock: Any, corp: str) -> str:
    """A corp with Mei in it, connected and called once."""
    app = {key: FIELDS[key] for key in ("secret", "token", "aes_key")}
    world.control("wecom", "configure", {"corp_id": corp, **app})
    staff = [{"userid": "mei", "name": "小梅"}]
    world.control("wecom", "add_staff", {"corp_id": corp, "staff": staff})
    fields = {"corp_id": corp, **FIELDS}
    now = clock.now()
    key = create_account(SYSTEM, "wecom", fields, name=corp, base_url=base_url("wecom"), now=now)
    note_callback(key, now)
    return key


def bad(key: str) -> dict[str, Check]:
    """Failing lines of one account."""
    return {
        check.name.removeprefix(f"{key}:"): check
        for check in run_doctor()
        if not check.is_ok and check.name.startswith(key)
    }


def test_two_healthy_corps_side_by_side(world, clock):
    first, second = connect(world, clock, "wwfirst"), connect(world, clock, "wwsecond")
    assert (bad(first), bad(second)) == ({}, {})
    world.control("wecom", "knobs", {"corp_id": "wwfirst", "blocked_ip": "198.51.100.7"})
    assert (list(bad(first)), bad(second)) == (["ip"], {})


def test_an_account_never_called_is_told_where_to_put_its_address(world, clock):
    key = connect(world, clock, "wwfirst")
    note_callback(key, clock.now() - timedelta(days=3))
    assert list(bad(key)) == ["callback_received"]
    assert bad(key)["callback_received"].advice


def test_callbacks_with_a_wrong_signature_are_told_apart_from_none(world, clock):
    key = connect(world, clock, "wwfirst")
    at = clock.now() + timedelta(minutes=1)
    RejectedItem.objects.create(at=at, source=key, code="wecom.callback", reason="签名或解密失败")
    clock.advance(minutes=2)
    assert list(bad(key)) == ["callback_signature"]


def test_a_failed_pull_says_why(world, clock):
    key = connect(world, clock, "wwfirst")
    update_account(SYSTEM, key, values={"secret": "wrong"}, now=clock.now())
    guides.request_sync(SYSTEM, key, now=clock.now())
    syncing.work(clock.now())
    found = bad(key)
    assert set(found) == {"token", "sync"}
    assert "Secret" in found["sync"].detail


def test_a_source_that_could_not_be_read_is_told_beside_the_pull(world, clock):
    key = connect(world, clock, "wwfirst")
    world.control("wecom", "knobs", {"is_directory_open": False})
    guides.request_sync(SYSTEM, key, now=clock.now())
    while syncing.work(clock.now()):
        pass
    found = bad(key)
    assert set(found) == {"directory", "sync_directory"}
    assert found["sync_directory"].advice


def test_work_that_is_stuck_is_told_though_the_account_is_well(world, clock):
    key = connect(world, clock, "wwfirst")
    create_live_code(
        SYSTEM,
        account=key,
        kind="link",
        name="信息流",
        staff=["mei"],
        welcome_text="您好",
        now=clock.now(),
    )
    world.control("wecom", "buy_links", {"units": -1_000_000})
    read_due(clock.now())
    assert list(bad(key)) == ["links"]
    assert "额度" in bad(key)["links"].detail
