"""The quota ledger says what the platform's own says: what was received, in its month."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siyu.broadcasts import actions, queries
from siyu.broadcasts.tests.town import ACCOUNT, BOSS, MASS, OPERATOR, Town
from siyu.pool.models import Identity
from siyu.reach import follow_up
from siyu.reach.models import QuotaUse, Touch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def used(town: Town) -> dict[str, int]:
    """Of all customers together, by period."""
    found: dict[str, int] = {}
    for row in QuotaUse.objects.filter(account=ACCOUNT, channel=MASS).exclude(used=0):
        found[row.period] = found.get(row.period, 0) + row.used
    return found


def external(customer_id: int) -> str:
    rows = Identity.objects.filter(customer_id=customer_id, namespace="wecom_external_userid")
    return rows.values_list("value", flat=True).get()


def test_what_was_taken_back_or_failed_gives_its_place_back(town: Town):
    ids = town.befriend(2) + town.befriend(1, userid="lin")
    row_id = town.launch(town.draft(ids))
    assert used(town) == {"2026-11": 3}
    town.people("delete_friend", external_userid=external(ids[0]), userid="mei", by="customer")
    town.confirm(userid="mei")
    town.work(15)
    assert used(town) == {"2026-11": 2}
    actions.recall_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(15)
    town.work(15)
    assert queries.get_broadcast(BOSS, row_id).counts.reasons == {"not_friend": 1, "taken_back": 1}
    assert used(town) == {"2026-11": 1}


def test_what_is_confirmed_in_the_next_month_counts_there(town: Town):
    late = datetime(2026, 11, 30, 13, 50, tzinfo=UTC) - town.clock.now()
    ids = town.befriend(2)
    town.clock.advance(seconds=late.total_seconds())
    town.launch(town.draft(ids))
    assert used(town) == {"2026-11": 2}
    town.clock.advance(hours=2, minutes=11)
    town.confirm()
    town.work(1800)
    assert set(Touch.objects.values_list("state", flat=True)) == {"delivered"}
    assert used(town) == {"2026-12": 2}


@pytest.mark.parametrize("days", [1, 3])
def test_nobody_can_confirm_after_the_deadline(town: Town, days: int):
    row_id = town.launch(town.draft(town.befriend(2), confirm_days=days))
    town.work(days * 86_400 - 60)
    assert len(town.people("pending_sends")) == 1
    for _ in range(3):
        town.work(1800)
    assert town.people("pending_sends") == []
    view = queries.get_broadcast(BOSS, row_id)
    assert (view.state, view.counts.states) == ("done", {"expired": 2})
    assert view.counts.reasons == {"not_confirmed": 2}
    assert [row.cancelled for row in queries.list_senders(BOSS, row_id)] == [1]
    assert used(town) == {}


def test_what_was_sent_in_the_last_moment_stays_sent(town: Town):
    row_id = town.launch(town.draft(town.befriend(2), confirm_days=1))
    town.clock.advance(days=1, minutes=40)

    def confirm_now(url: str) -> None:
        if url.endswith("cancel_groupmsg_send"):
            town.confirm()

    town.door.on_call = confirm_now
    follow_up.poll(town.dispatcher)
    assert set(Touch.objects.values_list("state", flat=True)) == {"delivered"}
    assert [row.cancelled for row in queries.list_senders(BOSS, row_id)] == [0]
    assert used(town) == {"2026-11": 2}
