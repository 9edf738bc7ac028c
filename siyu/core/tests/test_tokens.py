from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections

from siyu.core.models import PlatformToken
from siyu.core.tokens import DbTokenStore
from siyu.kernel.errors import PlatformError, Reauth
from siyu.ports.capabilities import Token


class Platform:
    """Gives out tokens `t1`, `t2`, … and counts them."""

    def __init__(self, clock, seconds: float = 0.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.count = 0
        self.error: Exception | None = None

    def fetch(self) -> Token:
        self.count += 1
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        return Token(f"t{self.count}", self.clock.now() + timedelta(seconds=7200))


@pytest.fixture
def store(clock, tmp_path):
    return DbTokenStore(clock, tmp_path)


@pytest.mark.django_db
def test_a_token_is_fetched_once_and_kept_sealed(store, clock):
    platform = Platform(clock)
    assert store.get("wecom:ww1", "access", platform.fetch) == "t1"
    assert store.get("wecom:ww1", "access", platform.fetch) == "t1"
    assert platform.count == 1
    assert b"t1" not in bytes(PlatformToken.objects.get().value)


@pytest.mark.django_db
def test_a_token_is_refreshed_five_minutes_before_its_end(store, clock):
    platform = Platform(clock)
    store.get("wecom:ww1", "access", platform.fetch)
    clock.advance(minutes=114)
    assert store.get("wecom:ww1", "access", platform.fetch) == "t1"
    clock.advance(minutes=1)
    assert store.get("wecom:ww1", "access", platform.fetch) == "t2"


@pytest.mark.django_db
def test_a_bad_token_is_replaced_once(store, clock):
    platform = Platform(clock)
    store.get("wecom:ww1", "access", platform.fetch)
    assert store.get("wecom:ww1", "access", platform.fetch, bad="t1") == "t2"
    assert store.get("wecom:ww1", "access", platform.fetch, bad="t1") == "t2"
    assert platform.count == 2


@pytest.mark.django_db
def test_accounts_do_not_share_tokens(store, clock):
    platform = Platform(clock)
    first = store.get("wecom:ww1", "access", platform.fetch)
    assert store.get("wecom:ww2", "access", platform.fetch) != first


@pytest.mark.django_db
def test_a_token_that_cannot_be_unsealed_is_fetched_again(store, clock):
    platform = Platform(clock)
    store.get("wecom:ww1", "access", platform.fetch)
    PlatformToken.objects.update(value=b"sealed with an earlier key, surely")
    assert store.get("wecom:ww1", "access", platform.fetch) == "t2"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stores", [1, 2])
def test_many_callers_cause_one_refresh(clock, tmp_path, stores):
    """Two stores stand for two processes: they share only the database and the home."""
    several = [DbTokenStore(clock, tmp_path) for _ in range(stores)]
    platform = Platform(clock, seconds=0.05)
    several[0].get("wecom:ww1", "access", platform.fetch)
    got = run_together(
        lambda n: several[n % stores].get("wecom:ww1", "access", platform.fetch, bad="t1")
    )
    assert got == ["t2"] * len(got)
    assert platform.count == 2


@pytest.mark.django_db(transaction=True)
def test_waiting_callers_share_the_failure(store, clock):
    platform = Platform(clock, seconds=0.3)
    platform.error = Reauth("wecom.secret", "secret 不正确")
    got = run_together(lambda _: store.get("wecom:ww1", "access", platform.fetch))
    assert {type(value) for value in got} == {Reauth}
    assert platform.count == 1
    platform.error = None
    assert store.get("wecom:ww1", "access", platform.fetch) == "t2"


def run_together(call, count: int = 12) -> list[object]:
    """What `count` threads got from call(n): values or errors."""
    got: list[object] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            got.append(call(number))
        except PlatformError as error:
            got.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    connection.close()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got
