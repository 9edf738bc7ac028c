"""Rules 1 to 4 of what comes in, R1 and R8; listed in docs/conformance.md.

Kills at many more seeded moments: `siyu/core/tests/test_intake_kill.py`, `tests/faults`.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs

from siyu.core.access import SYSTEM
from siyu.core.inbox import Inbox, InboxUnavailable
from siyu.core.intake import worker
from siyu.core.intake.asgi import IntakeApp
from siyu.core.intake.place import open_inbox
from siyu.core.models import RejectedItem
from siyu.core.pipeline import Batch, Seen
from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient
from siyu.core.tests.place import make_place
from siyu.core.tests.test_intake_kill import BATCH, Poster
from siyu.core.write_keys import create_write_key
from siyu.journeys import actions as journeys
from siyu.journeys.models import Entry
from siyu.journeys.templates import FIRST_ORDER
from siyu.kernel.clock import to_ms
from siyu.pool.actions import advance_stages, resolve
from siyu.pool.tests.people import fact, unionid
from siyu.pool.tests.test_order_free import clear, picture
from siyu.ports import facts
from siyu.ports.facts import Fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
VIEW: dict[str, Any] = {
    "type": "track",
    "event": "Product Viewed",
    "userId": "m1",
    "messageId": "v1",
    "timestamp": "2026-11-11T01:59:00Z",
    "properties": {"product_id": "T01"},
}


class FullDisk:
    """A store that refuses while it is full."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.is_full = True

    def commit(self, entries: Any) -> Any:
        if self.is_full:
            raise InboxUnavailable
        return self._store.commit(entries)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_rule_01_an_event_counts_once_per_source_and_another_body_is_a_conflict(
    shop: IntakeClient, seen: list[Fact], clock
):
    other = IntakeClient(shop.app, create_write_key(SYSTEM, "app", "web", now=clock.now()))
    assert shop.post("/v1/track", VIEW).json["accepted"] == 1
    clock.advance(days=60)
    assert shop.post("/v1/track", VIEW).json["duplicate"] == 1
    assert other.post("/v1/track", VIEW).json["accepted"] == 1
    clashing = shop.post("/v1/track", {**VIEW, "event": "Cart Viewed"}).json
    assert [item["code"] for item in clashing["rejected"]] == ["event.conflict"]
    drain()
    assert sorted(fact.source for fact in seen) == ["app", "shop"]


def test_rule_02_an_answer_comes_after_the_commit_and_refusals_are_kept(
    shop: IntakeClient, seen: list[Fact]
):
    disk = FullDisk(open_inbox().store)
    app = IntakeApp(open_inbox=lambda: Inbox(disk))
    client = IntakeClient(app, shop.key)
    try:
        assert client.post("/v1/track", VIEW).status == 503
        disk.is_full = False
        assert client.post("/v1/track", VIEW).json["accepted"] == 1
        broken = {**VIEW, "messageId": "v2", "event": ""}
        assert client.post("/v1/track", broken).json["rejected"][0]["field"]
    finally:
        app.close()
    drain()
    assert [fact.message_id for fact in seen] == ["v1"]
    kept = RejectedItem.objects.get()
    assert msgspec.json.decode(bytes(kept.raw))["messageId"] == "v2"
    assert kept.reason


def test_rule_03_both_times_are_kept_and_clocks_corrected(shop: IntakeClient, seen: list[Fact]):
    behind = {**VIEW, "timestamp": "2026-11-10T00:00:00Z", "sentAt": "2026-11-10T00:00:05Z"}
    ahead = {**VIEW, "messageId": "v2", "timestamp": "2099-01-01T00:00:00Z"}
    ancient = {**VIEW, "messageId": "v3", "timestamp": "1970-01-01T00:00:00Z"}
    answer = shop.post("/v1/batch", {"batch": [behind, ahead, ancient]}).json
    assert [item["code"] for item in answer["rejected"]] == [
        "event.time.future",
        "event.time.past",
    ]
    drain()
    assert [fact.received_at - fact.at for fact in seen] == [5_000]
    assert {row.code for row in RejectedItem.objects.all()} == {
        "event.time.future",
        "event.time.past",
    }


def test_rule_04_what_comes_too_late_is_kept_and_starts_no_journey(clock):
    definition = {**FIRST_ORDER.definition, "re_entry": "never"}
    journey = journeys.create_journey(SYSTEM, "新好友", definition, now=clock.now())
    journeys.publish_journey(SYSTEM, journey, now=clock.now())
    about = {"account": "wecom:ww1", "platform": "wecom", "staff": "mei"}
    now = clock.now()
    told = [
        fact(unionid(name), at=to_ms(now - age), name=facts.FRIEND_ADDED, **about)
        for name, age in (
            ("o-today", timedelta(minutes=5)),
            ("o-late", timedelta(hours=25)),
        )
    ]
    marked = structs.replace(
        fact(unionid("o-marked"), at=to_ms(now), name=facts.FRIEND_ADDED, **about), is_late=True
    )
    batch = hear([*told, marked], clock)
    journeys.hear(batch)
    assert all(seen.customer_id for seen in batch.seen)
    assert [entry.customer_id for entry in Entry.objects.all()] == [batch.seen[0].customer_id]


@pytest.mark.timeout(120)
def test_r1_what_was_acknowledged_outlives_a_kill(tmp_path):
    with make_place(tmp_path) as place:
        place.start("web", "worker")
        posters = [Poster(place, number) for number in range(2)]
        for poster in posters:
            poster.start()
        time.sleep(0.6)
        place.kill("web")
        place.kill("worker")
        place.start("web", "worker")
        time.sleep(0.4)
        for poster in posters:
            poster.end()
        acknowledged = [each for poster in posters for each in poster.acknowledged]
        place.wait_for(len(acknowledged), 60)
        counts = place.counts()
    assert len(acknowledged) >= BATCH
    assert [each for each in acknowledged if counts[each] != 1] == []


@pytest.mark.parametrize("seed", range(5))
def test_r8_duplicates_and_disorder_do_no_harm(shop: IntakeClient, clock, seed: int):
    worker.configure([resolve, advance_stages])
    dice = random.Random(seed)
    stream = a_week(clock, dice)
    post(shop, stream)
    expected = picture()
    clear()
    doubled = [item for item in stream for _ in range(dice.randint(1, 5))]
    dice.shuffle(doubled)
    renamed = [{**item, "messageId": f"again-{item['messageId']}"} for item in doubled]
    answers = post(shop, renamed)
    worker.configure([])
    assert picture() == expected
    assert sum(answer["duplicate"] for answer in answers) == len(doubled) - len(stream)


def hear(told: list[Fact], clock) -> Batch:
    batch = Batch([Seen(one) for one in told], clock.now())
    resolve(batch)
    return batch


def a_week(clock, dice: random.Random) -> list[dict[str, Any]]:
    """What five people do in seven days, some of it under several ids."""
    stream = []
    for number in range(40):
        who = dice.randrange(5)
        at = clock.now() - timedelta(minutes=dice.randrange(7 * 24 * 60))
        stream.append(
            {
                "type": "identify" if number % 3 else "track",
                "event": "Product Viewed",
                "messageId": f"w{number}",
                "timestamp": at.isoformat(),
                "anonymousId": f"c{who}{dice.randrange(2)}",
                "userId": f"m{who}",
                "traits": {"name": dice.choice(["安", "白"])} if number % 3 else {},
                "context": {
                    "externalIds": [{"id": f"o-{who}", "type": "wx_unionid", "collection": "users"}]
                },
            }
        )
    return stream


def post(client: IntakeClient, stream: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Post in batches of nine and work everything off."""
    answers = [
        client.post("/v1/batch", {"batch": stream[start : start + 9]}).json
        for start in range(0, len(stream), 9)
    ]
    drain()
    return answers
