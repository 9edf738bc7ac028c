"""What other tools sent counts too, once."""

from __future__ import annotations

import pytest

from siyu.broadcasts.tests.town import Town
from siyu.pool.models import Identity
from siyu.reach import quotas
from siyu.reach.models import ForeignTask, QuotaUse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture(autouse=True)
def _nothing_listed():
    quotas._listed.clear()


def pull(town: Town) -> None:
    quotas._listed.clear()
    while quotas.pull_foreign(town.dispatcher.catalog, town.clock.now()):
        town.clock.advance(minutes=31)
        if not ForeignTask.objects.filter(next_at__lte=town.clock.now()).exists():
            break


def used() -> list[tuple[int, int]]:
    return list(QuotaUse.objects.order_by("id").values_list("used", "elsewhere"))


def test_a_message_made_by_hand_uses_the_quota_and_is_counted_once(town: Town):
    ids = town.befriend(2)
    known = Identity.objects.filter(namespace="wecom_external_userid", customer_id=ids[0])
    town.people("send_by_hand", userid="mei", customers=[known.get().value])
    for _ in range(3):
        pull(town)
    assert used() == [(1, 1)]
    (first, *_) = quotas.quotas_of_customer(ids[0], town.dispatcher.catalog, town.clock.now())
    assert (first.used, first.elsewhere, first.limit) == (1, 1, 30)


def test_our_own_messages_are_not_counted_twice(town: Town):
    ids = town.befriend(2)
    town.launch(town.draft(ids))
    town.confirm()
    town.work(15)
    for _ in range(2):
        pull(town)
    assert used() == [(1, 0), (1, 0)]
    assert not ForeignTask.objects.exists()
