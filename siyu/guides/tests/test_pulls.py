"""Pulls: new friends within seconds, whole accounts resumable, failures by their family."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.intake import inbox_status
from siyu.guides import actions, jobs, queries, syncing
from siyu.guides.fetching import fetch_due
from siyu.guides.models import Fetch, Staff, Sync
from siyu.guides.tests.pulling import BATCH, GET, OK, STAFF, added, detail, hear, page
from siyu.kernel.errors import Forbidden, Refused, RetryLater

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


def test_new_friend_is_fetched_once(account, wire, clock):
    hear(clock, added(clock, 1), added(clock, 1, "lan"))
    assert queries.count_pending(clock.now()) == 1
    wire.script(GET, [detail(1)])
    assert jobs.fetch_new_friends()
    assert not jobs.fetch_new_friends()
    assert inbox_status().items == 1
    assert queries.count_pending(clock.now()) == 0


def test_passing_failure_is_tried_again_later(account, wire, clock):
    hear(clock, added(clock, 1))
    wire.script(GET, [RetryLater("http.broken", "断了"), detail(1)])
    jobs.fetch_new_friends()
    assert Fetch.objects.get().tries == 1
    assert not jobs.fetch_new_friends()
    clock.advance(seconds=3)
    assert jobs.fetch_new_friends()
    assert inbox_status().items == 1


def test_rate_limit_makes_the_whole_account_wait(account, wire, clock):
    hear(clock, added(clock, 1), added(clock, 2))
    wire.script(GET, [{"errcode": 45009, "errmsg": "reach max api daily quota limit"}])
    jobs.fetch_new_friends()
    assert wire.count(GET) == 1
    assert not jobs.fetch_new_friends()
    assert all(row.due_at > clock.now() for row in Fetch.objects.all())
    assert all(row.lease_until == 0 for row in Fetch.objects.all())
    clock.advance(hours=25)
    wire.script(GET, [detail(1), detail(2)])
    jobs.fetch_new_friends()
    assert Fetch.objects.count() == 0


def test_slow_platform_gets_only_as_many_calls_as_the_lease_allows(account, wire, clock):
    hear(clock, added(clock, 1), added(clock, 2), added(clock, 3))
    wire.script(GET, [detail(1), detail(2), detail(3)])
    assert fetch_due(clock.now(), seconds=0)
    assert wire.count(GET) == 1
    assert [row.lease_until for row in Fetch.objects.all()] == [0, 0]
    assert fetch_due(clock.now())
    assert queries.count_pending(clock.now()) == 0


def test_pull_that_is_due_is_counted_until_it_is_done(account, wire, clock):
    actions.request_sync(SYSTEM, account, now=clock.now())
    assert queries.count_pulls(clock.now()) == 1
    wire.script(STAFF, [{**OK, "follow_user": ["mei"]}])
    wire.script(BATCH, [page([1])])
    assert syncing.work(clock.now())
    assert queries.count_pulls(clock.now()) == 0
    assert not syncing.work(clock.now())


def test_customer_who_left_meanwhile_is_dropped_from_the_list(account, wire, clock):
    hear(clock, added(clock, 1))
    wire.script(GET, [{"errcode": 84061, "errmsg": "not external contact"}])
    jobs.fetch_new_friends()
    assert Fetch.objects.count() == 0
    assert inbox_status().items == 0


def test_hopeless_fetch_is_given_up(account, wire, clock):
    hear(clock, added(clock, 1))
    wire.script(GET, [RetryLater("http.broken", "断了")], forever=True)
    for _ in range(6):
        jobs.fetch_new_friends()
        clock.advance(hours=1)
    assert Fetch.objects.count() == 0


def test_new_account_is_pulled_without_being_asked(account, wire, clock):
    wire.script(STAFF, [{**OK, "follow_user": ["mei", "lan"]}])
    wire.script(BATCH, [page([1, 2], "next"), page([3])])
    jobs.sync_accounts()
    (sync,) = queries.list_syncs(SYSTEM, now=clock.now())
    assert (sync.state, sync.contacts, wire.count(BATCH)) == ("done", 3, 2)
    assert inbox_status().items == 3
    assert {row.staff for row in Staff.objects.all()} == {"mei", "lan"}
    assert not jobs.sync_accounts()


def test_interrupted_pull_goes_on_where_it_stopped(account, wire, clock):
    wire.script(STAFF, [{**OK, "follow_user": ["mei"]}])
    wire.script(BATCH, [page([1, 2], "next"), RetryLater("http.broken", "断了"), page([3])])
    jobs.sync_accounts()
    sync = Sync.objects.get()
    assert (sync.state, sync.cursor, sync.contacts) == ("running", "next", 2)
    clock.advance(seconds=5)
    jobs.sync_accounts()
    assert Sync.objects.get().state == "done"
    assert [sent.json["cursor"] for sent in wire.sent(BATCH)] == ["", "next", "next"]
    assert inbox_status().items == 3


def test_page_read_again_in_the_same_second_is_kept_once(account, wire, clock):
    wire.script(STAFF, [{**OK, "follow_user": ["mei"]}], forever=True)
    wire.script(BATCH, [page([1, 2])], forever=True)
    jobs.sync_accounts()
    actions.request_sync(SYSTEM, account, now=clock.now())
    jobs.sync_accounts()
    assert queries.list_syncs(SYSTEM, now=clock.now())[0].contacts == 2
    assert inbox_status().items == 2


def test_many_staff_are_pulled_in_chunks(account, wire, clock):
    wire.script(STAFF, [{**OK, "follow_user": [f"s{n}" for n in range(250)]}])
    wire.script(BATCH, [page([1]), page([2]), page([3])])
    jobs.sync_accounts()
    assert [len(sent.json["userid_list"]) for sent in wire.sent(BATCH)] == [100, 100, 50]
    assert queries.list_syncs(SYSTEM, now=clock.now())[0].staff_done == 250


def test_wrong_secret_ends_the_pull_with_a_sentence(account, wire, clock):
    wire.script("GET /cgi-bin/gettoken", [{"errcode": 40001, "errmsg": "invalid"}], forever=True)
    jobs.sync_accounts()
    sync = queries.list_syncs(SYSTEM, now=clock.now())[0]
    assert sync.state == "failed"
    assert sync.error


def test_asking_twice_joins_the_running_pull(account, lin, clock):
    first = actions.request_sync(lin, account, now=clock.now())
    assert actions.request_sync(lin, account, now=clock.now()) == first


def test_platform_without_customer_list_is_refused(clock):
    fields = {"client_key": "ck", "client_secret": "s", "open_id": "o", "access_token": "t"}
    key = create_account(SYSTEM, "douyin", fields, name="抖音", now=clock.now())
    with pytest.raises(Refused):
        actions.request_sync(SYSTEM, key, now=clock.now())


def test_guide_may_not_start_pulls_nor_read_the_report(account, mei, clock):
    with pytest.raises(Forbidden):
        actions.request_sync(mei, account, now=clock.now())
    with pytest.raises(Forbidden):
        queries.list_guides(mei, now=clock.now())


def test_report_counts_the_last_seven_days(account, lin, clock):
    hear(clock, added(clock, 1), added(clock, 2))
    clock.advance(days=6)
    hear(clock, added(clock, 3))
    (report,) = queries.list_guides(lin, now=clock.now())
    assert (report.staff, report.added_7d, report.lost_7d) == ("mei", 3, 0)
    (later,) = queries.list_guides(lin, now=clock.now() + timedelta(days=1))
    assert later.added_7d == 1
