"""Facts and identities the pool's tests are made of."""

from __future__ import annotations

from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import Clock
from siyu.kernel.identity import Identity
from siyu.pool.actions import resolve
from siyu.ports.facts import Fact


def unionid(value: str) -> Identity:
    return Identity("wx_unionid", "", value)


def phone(value: str) -> Identity:
    return Identity("phone", "", value)


def user(value: str) -> Identity:
    return Identity("user_id", "", value)


def cookie(value: str) -> Identity:
    return Identity("anonymous_id", "", value)


def fact(*identities: Identity, at: int, name: str = "page_viewed", **more) -> Fact:
    """A fact of the shop unless said otherwise."""
    more = {"source": "shop", "platform": "web", "message_id": f"{at}"} | more
    return Fact(name=name, at=at, received_at=at, identities=identities, **more)


def feed(clock: Clock, *facts: Fact) -> list[Seen]:
    """Run one batch through the first stage."""
    batch = Batch([Seen(one) for one in facts], clock.now())
    resolve(batch)
    return batch.seen


def who(seen: Seen) -> int:
    """The customer a fact is about; fails when it is nobody's."""
    assert seen.customer_id is not None
    return seen.customer_id
