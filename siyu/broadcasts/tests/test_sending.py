"""From draft to results, over the sandbox: what the staff tap, what the customers get."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from siyu.broadcasts import actions, queries
from siyu.broadcasts.previewing import preview
from siyu.broadcasts.tests.town import ACCOUNT, BOSS, MASS, OPERATOR, Town
from siyu.core.audit import find_broken_link
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Conflict, Forbidden, Refused
from siyu.ports.manifest import Quota
from siyu.reach.actions import add_override, plan_touches
from siyu.reach.dispatch import AT_ONCE
from siyu.reach.models import Attempt, QuotaUse, Touch, Wave
from siyu.reach.queries import quotas_of_customer
from siyu.reach.types import TouchPlan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def counts(row_id: int):
    return queries.get_broadcast(BOSS, row_id).counts


def test_each_member_of_staff_gets_one_task_and_each_layer_is_told_apart(town: Town):
    ids = town.befriend(3) + town.befriend(2, userid="lin")
    row_id = town.launch(town.draft(ids))
    view = queries.get_broadcast(BOSS, row_id)
    assert (view.state, view.audience_count, view.planned_count) == ("sending", 5, 5)
    pending = {task["userid"]: task["recipients"] for task in town.people("pending_sends")}
    assert pending == {"mei": 3, "lin": 2}
    town.work(12)
    assert counts(row_id).states == {"accepted": 5}
    assert (counts(row_id).in_tasks, counts(row_id).confirmed, counts(row_id).calls) == (5, 0, 2)
    town.confirm(userid="mei")
    town.work(20)
    assert counts(row_id).states == {"accepted": 2, "delivered": 3}
    assert counts(row_id).confirmed == 3
    rows = {row.sender: row for row in queries.list_senders(BOSS, row_id)}
    assert (rows["mei"].tasks, rows["mei"].confirmed) == (1, 1)
    assert (rows["lin"].tasks, rows["lin"].confirmed) == (1, 0)


def test_results_say_what_became_of_each_customer(town: Town):
    ids = town.befriend(3)
    town.people("knobs", month_quota=1)
    people = town.people("state")
    assert people["relations"] == 3
    row_id = town.launch(town.draft(ids))
    names = list(Touch.objects.order_by("id").values_list("address", flat=True))
    town.people("send_by_hand", userid="mei", customers=[names[1]])
    town.people("delete_friend", external_userid=names[2], userid="mei", by="customer")
    town.confirm()
    town.work(15)
    town.work(15)
    assert list(Touch.objects.order_by("id").values_list("state", "reason")) == [
        ("delivered", ""),
        ("failed", "over_quota"),
        ("failed", "not_friend"),
    ]
    view = queries.get_broadcast(BOSS, row_id)
    assert view.state == "done"
    assert view.counts.reasons == {"not_friend": 1, "over_quota": 1}


def test_the_preview_says_who_is_left_out_and_why_and_writes_nothing(town: Town, clock):
    ids = town.befriend(5)
    one, two, three, *_ = ids
    now = clock.now()
    identity = {row.customer_id: row for row in _identities(ids)}
    QuotaUse.objects.create(
        account=ACCOUNT,
        channel="wecom.mass_send",
        subject=str(identity[one].pk),
        period="2026-11",
        used=30,
    )
    town.people("delete_friend", external_userid=identity[two].value, userid="mei", by="customer")
    _lose(town, identity[two].value)
    _touch_often(three, clock)
    found = preview(OPERATOR, town.draft([*ids, 999_999]), now=now)
    assert found.audience == 6
    assert found.count.allowed == 2
    assert found.count.reasons == {
        "platform_quota": 1,
        "not_friend": 1,
        "frequency_cap": 1,
        "erased": 1,
    }
    assert found.count.senders == {"mei": 2}
    assert found.count.left == {30: 2}
    assert (found.tasks, found.most_tasks) == (1, 1)
    assert not Touch.objects.filter(campaign__startswith="broadcast").exists()


def _identities(ids):
    from siyu.pool.models import Identity

    return list(Identity.objects.filter(customer_id__in=ids, namespace="wecom_external_userid"))


def _lose(town: Town, external: str) -> None:
    from siyu.core.pipeline import Batch, Seen
    from siyu.pool.actions import resolve

    assert town.connector.contacts is not None
    fact = town.connector.contacts.end_relation(external, "mei", town.clock.now())
    resolve(Batch([Seen(fact)], town.clock.now()))


def _touch_often(customer_id: int, clock) -> None:
    now = clock.now()
    plan_touches(
        [
            TouchPlan(
                campaign="journey:1",
                version=1,
                step="s",
                entry_key=str(number),
                customer_id=customer_id,
                identity_id=None,
                channel="best",
                template="x",
                purpose="marketing",
                due_at=now,
                expires_at=now + timedelta(days=1),
            )
            for number in range(3)
        ],
        now=now,
    )
    Touch.objects.filter(customer_id=customer_id).update(state="delivered", reserved_at=now)


def test_planning_leaves_out_the_same_people_as_the_preview(town: Town, clock):
    ids = town.befriend(4)
    _touch_often(ids[0], clock)
    before = preview(OPERATOR, town.draft(ids), now=clock.now())
    town.launch(town.draft(ids))
    mine = Touch.objects.filter(campaign__startswith="broadcast")
    assert mine.filter(state="suppressed", reason="frequency_cap").count() == 1
    assert mine.exclude(state="suppressed").count() == before.count.allowed == 3


def test_the_same_work_twice_sends_once(town: Town):
    ids = town.befriend(3)
    row_id = town.launch(town.draft(ids))
    town.confirm()
    for _ in range(3):
        from siyu.broadcasts.models import AudiencePart, Broadcast

        AudiencePart.objects.filter(broadcast_id=row_id).update(is_planned=False)
        Broadcast.objects.filter(pk=row_id).update(state="approved", next_at=town.clock.now())
        Wave.objects.all().update(next_at=town.clock.now())
        town.work(10)
    assert Touch.objects.count() == 3
    assert Attempt.objects.count() == 1
    assert town.people("state")["duplicates"] == 0
    assert town.people("state")["mass_sends"] == 3


def test_a_call_carries_ten_thousand_and_no_more(town: Town):
    from siyu.reach import waves

    assert waves._batch_of(town.dispatcher.catalog, _wave()) == 10_000


def _wave() -> Wave:
    return Wave(campaign="x", account=ACCOUNT, channel="wecom.mass_send", sender="mei")


def test_stop_acts_on_what_waits_and_leaves_what_went_out(town: Town):
    ids = town.befriend(2) + town.befriend(2, userid="lin")
    draft = town.draft(ids, spread_minutes=60)
    row_id = town.launch(draft)
    assert [task["userid"] for task in town.people("pending_sends")] == ["lin"]
    actions.stop_broadcast(BOSS, row_id, now=town.clock.now())
    town.work(3600)
    town.work(60)
    view = queries.get_broadcast(BOSS, row_id)
    assert view.state == "stopped"
    assert view.counts.reasons.get("broadcast_stopped") == 2
    assert len(town.people("pending_sends")) == 1


@pytest.mark.usefixtures("pool_tables")
def test_who_was_meant_stays_meant_and_nobody_means_no_sending(town: Town):
    friends = {"version": 1, "root": {"op": "platform", "platform": "wecom", "has": True}}
    audience = {"kind": "definition", "definition": friends}
    nobody = actions.create_broadcast(OPERATOR, town.draft(audience=audience), now=town.clock.now())
    with pytest.raises(Refused, match="没有人"):
        actions.submit_broadcast(OPERATOR, nobody, now=town.clock.now())
    meant = town.befriend(2)
    row_id = actions.create_broadcast(OPERATOR, town.draft(audience=audience), now=town.clock.now())
    actions.submit_broadcast(OPERATOR, row_id, now=town.clock.now())
    actions.approve_broadcast(BOSS, row_id, now=town.clock.now())
    late = town.befriend(1, mark="late")
    town.work()
    assert set(Touch.objects.values_list("customer_id", flat=True)) == set(meant)
    assert len(late) == 3


def test_the_gate_stops_what_is_reserved_already(town: Town):
    staff = [f"guide{number}" for number in range(AT_ONCE + 1)]
    town.people("add_staff", staff=[{"userid": one, "name": one} for one in staff])
    ids = [who for one in staff for who in town.befriend(1, userid=one)]
    row_id = actions.create_broadcast(OPERATOR, town.draft(ids), now=town.clock.now())
    actions.submit_broadcast(OPERATOR, row_id, now=town.clock.now())
    actions.approve_broadcast(BOSS, row_id, now=town.clock.now())
    reserved: list[int] = []

    def stop_at_the_first_send(url: str) -> None:
        if url.endswith("add_msg_template") and not reserved:
            reserved.append(Touch.objects.filter(state="reserved").count())
            actions.stop_broadcast(BOSS, row_id, now=town.clock.now())

    town.door.on_call = stop_at_the_first_send
    town.work()
    assert reserved == [1]
    assert len(town.people("pending_sends")) == AT_ONCE
    assert Touch.objects.filter(reason="broadcast_stopped").count() == 1


def test_a_pause_holds_and_going_on_sends(town: Town):
    ids = town.befriend(2) + town.befriend(1, userid="lin")
    row_id = town.launch(town.draft(ids, spread_minutes=10))
    actions.pause_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(900)
    assert len(town.people("pending_sends")) == 1
    actions.resume_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(120)
    town.work(5)
    assert len(town.people("pending_sends")) == 2


def test_reminders_go_to_those_who_have_not_confirmed_three_times_a_day(town: Town):
    ids = town.befriend(1) + town.befriend(1, userid="lin")
    row_id = town.launch(town.draft(ids))
    town.confirm(userid="mei")
    town.work(15)
    for _ in range(5):
        actions.remind_staff(OPERATOR, row_id, now=town.clock.now())
        town.work(60)
    assert town.people("calls")["remind_groupmsg_send"] == 3
    rows = {row.sender: row.reminders for row in queries.list_senders(BOSS, row_id)}
    assert rows == {"mei": 0, "lin": 3}
    assert town.people("reminded") == {"lin": 3}


def test_taking_back_leaves_what_was_confirmed(town: Town):
    ids = town.befriend(2) + town.befriend(2, userid="lin")
    row_id = town.launch(town.draft(ids))
    town.confirm(userid="mei")
    actions.recall_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(30)
    town.work(30)
    view = queries.get_broadcast(BOSS, row_id)
    assert view.counts.states == {"delivered": 2, "suppressed": 2}
    assert view.counts.reasons == {"taken_back": 2}
    assert town.people("pending_sends") == []
    assert town.confirm()["confirmed"] == 0


def test_above_the_limit_a_second_person_must_approve(town: Town, clock):
    ids = town.befriend(3)
    actions.set_alone_limit(BOSS, 2, now=clock.now())
    row_id = actions.create_broadcast(OPERATOR, town.draft(ids), now=clock.now())
    actions.submit_broadcast(OPERATOR, row_id, now=clock.now())
    with pytest.raises(Forbidden):
        actions.approve_broadcast(OPERATOR, row_id, now=clock.now())
    with pytest.raises(Conflict):
        actions.update_broadcast(OPERATOR, row_id, town.draft(ids), now=clock.now())
    actions.reject_broadcast(BOSS, row_id, "换个标题", now=clock.now())
    assert queries.get_broadcast(OPERATOR, row_id).note == "换个标题"
    actions.submit_broadcast(OPERATOR, row_id, now=clock.now())
    actions.approve_broadcast(BOSS, row_id, now=clock.now())
    assert queries.get_broadcast(OPERATOR, row_id).state == "approved"
    assert find_broken_link() is None


def test_only_those_with_the_right_may(town: Town, mei, wu, clock):
    ids = town.befriend(1)
    for nobody in (mei, wu):
        with pytest.raises(Forbidden):
            actions.create_broadcast(nobody, town.draft(ids), now=clock.now())
    row_id = actions.create_broadcast(OPERATOR, town.draft(ids), now=clock.now())
    actions.submit_broadcast(OPERATOR, row_id, now=clock.now())
    with pytest.raises(Forbidden):
        actions.approve_broadcast(wu, row_id, now=clock.now())
    with pytest.raises(Forbidden):
        list(queries.stream_results(wu, row_id, now=clock.now()))


def test_only_chosen_staff_send(town: Town):
    both = set(town.befriend(2)) | set(town.befriend(1, userid="lin"))
    town.launch(town.draft(sorted(both), staff=["lin"]))
    assert [task["userid"] for task in town.people("pending_sends")] == ["lin"]
    assert Touch.objects.filter(reason="other_staff").count() == 2


def test_variables_make_a_task_each_and_too_many_are_refused(town: Town, clock):
    few = town.befriend(2)
    draft = town.draft(few, text="{{ name }}，新茶到了")
    found = preview(OPERATOR, draft, now=clock.now())
    assert (found.is_personal, found.tasks) == (True, 2)
    assert found.samples[0].text.endswith("，新茶到了")
    town.launch(draft)
    assert len(town.people("pending_sends")) == 2
    many = town.befriend(21, userid="lin")
    row_id = actions.create_broadcast(
        OPERATOR, town.draft(many, text="{{ name }} 你好"), now=clock.now()
    )
    with pytest.raises(Refused, match="too_personal"):
        actions.submit_broadcast(OPERATOR, row_id, now=clock.now())


def test_quiet_hours_hold_a_wave_and_the_morning_sends_it(town: Town, clock):
    clock.advance(hours=12, minutes=30)
    ids = town.befriend(2)
    row_id = town.launch(town.draft(ids))
    assert town.people("pending_sends") == []
    assert set(Touch.objects.values_list("reason", flat=True)) == {"quiet_hours"}
    clock.advance(hours=10, minutes=5)
    town.work(5)
    assert [task["recipients"] for task in town.people("pending_sends")] == [2]
    assert counts(row_id).calls == 1


def test_results_are_exported_without_phones_and_ids_of_the_platform(town: Town, clock):
    ids = town.befriend(2)
    row_id = town.launch(town.draft(ids))
    rows = list(queries.stream_results(BOSS, row_id, now=clock.now()))
    assert [row[0] for row in rows] == ids
    assert {row[4] for row in rows} == {"accepted"}
    assert not any("wm" in str(cell) for row in rows for cell in row[1:2] + row[4:])


def test_a_limit_announced_by_the_platform_counts_from_its_day(town: Town, clock):
    (one,) = town.befriend(1)
    assert {state.channel for state in quotas_of_customer(one, clock.now())} == {MASS}
    assert quotas_of_customer(one, clock.now())[0].limit == 30
    notice = Quota(
        channel="wecom.mass_send",
        per="customer",
        window="month",
        limit=7,
        valid_from="2026-11-12",
        source="平台公告",
    )
    add_override(BOSS, notice, ["wecom.mass_send"], now=clock.now())
    assert quotas_of_customer(one, clock.now())[0].limit == 30
    clock.advance(days=1)
    assert quotas_of_customer(one, clock.now())[0].limit == 7
    with pytest.raises(Refused):
        add_override(BOSS, notice, ["other"], now=clock.now())


def test_the_administrator_s_choice_of_seven_a_week_counts_beside_the_month(town: Town, clock):
    (one,) = town.befriend(1)
    weekly = Quota(
        channel=MASS,
        per="customer",
        window="week",
        limit=7,
        valid_from="2026-11-01",
        source="管理后台",
    )
    add_override(BOSS, weekly, [MASS], now=clock.now())
    town.launch(town.draft([one]))
    town.confirm()
    town.work(600)
    month, week = quotas_of_customer(one, clock.now())
    assert (month.limit, month.used, week.limit, week.used) == (30, 1, 7, 1)
    assert week.resets_at == datetime(2026, 11, 16, tzinfo=SHANGHAI)
    with pytest.raises(Refused) as refused:
        add_override(BOSS, msgspec.structs.replace(weekly, limit=0), [MASS], now=clock.now())
    assert refused.value.field == "limit"


def test_a_message_may_be_attachments_alone(town: Town):
    ids = town.befriend(2)
    link = {"kind": "link", "title": "秋茶", "url": "https://brand.example/tea"}
    row_id = town.launch(town.draft(ids, text="", attachments=[link]))
    town.confirm()
    town.work(15)
    town.work(15)
    assert counts(row_id).states == {"delivered": 2}
