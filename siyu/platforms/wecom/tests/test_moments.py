"""Moments and tasks of mass messages on the wire, and in the sandbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.kernel.errors import PlatformRefused, Refused, WaitUntil
from siyu.kernel.identity import Identity
from siyu.platforms.wecom.tests import kit
from siyu.ports.capabilities import Content, Outgoing
from siyu.ports.facts import MOMENT_LIKED
from siyu.ports.media import MOMENT, MediaFile
from siyu.ports.moments import JobState, MomentPost
from siyu.ports.testing import golden_cases

OK = {"errcode": 0, "errmsg": "ok"}
ADD = f"POST {kit.EXTERNAL}/add_moment_task"
JOB = f"GET {kit.EXTERNAL}/get_moment_task_result"
COMMENTS = f"POST {kit.EXTERNAL}/get_moment_comments"
MOMENTS = f"POST {kit.EXTERNAL}/get_moment_list"
TEMPLATE = f"POST {kit.EXTERNAL}/add_msg_template"
LIST = f"POST {kit.EXTERNAL}/get_groupmsg_list_v2"
PICTURE = {"kind": "image", "media_id": "M1"}


@golden_cases("moments_job")
def test_golden_jobs(case, connector, wire):
    wire.script(JOB, [case.body])
    case.check(connector.moments.job("j1"))


@golden_cases("moments_reactions")
def test_golden_facts_of_reactions(case, connector, wire, clock):
    wire.script(COMMENTS, [case.body])
    seen = connector.moments.reactions("mom1", "mei")
    case.check([connector.moments.fact("mom1", one, clock.now()) for one in seen])


@golden_cases("moments_list")
def test_golden_moments(case, connector, wire, clock):
    wire.script(MOMENTS, [case.body])
    found = connector.moments.list_moments(clock.now() - timedelta(days=1), clock.now())
    case.check(list(found))


def test_a_moment_takes_wecoms_shape(connector, wire):
    wire.script(ADD, [{**OK, "jobid": "j1"}])
    post = MomentPost(text="山里", attachments=(PICTURE,), staff=("mei",), tags=("et1",))
    assert connector.moments.start(post) == "j1"
    assert wire.sent(ADD)[0].json == {
        "text": {"content": "山里"},
        "attachments": [{"msgtype": "image", "image": {"media_id": "M1"}}],
        "visible_range": {
            "sender_list": {"user_list": ["mei"]},
            "external_contact_list": {"tag_list": ["et1"]},
        },
    }


@pytest.mark.parametrize(
    "post",
    [
        MomentPost(text=""),
        MomentPost(text="长" * 1334),
        MomentPost(text="x", attachments=(PICTURE,) * 10),
        MomentPost(text="x", attachments=(PICTURE, {"kind": "video", "media_id": "V"})),
        MomentPost(text="x", attachments=({"kind": "file", "media_id": "F"},)),
    ],
)
def test_what_breaks_a_limit_is_refused_before_the_call(connector, wire, post):
    with pytest.raises(PlatformRefused):
        connector.moments.start(post)
    assert wire.count(ADD) == 0


def test_a_job_runs_ends_and_fails(connector, wire):
    made = {"moment_id": "m1", "invalid_sender_list": {"user_list": ["lin"]}}
    wire.script(
        JOB,
        [
            {**OK, "status": 1},
            {**OK, "status": 3, "result": {"errcode": 0, **made}},
            {**OK, "status": 3, "result": {"errcode": 41048, "errmsg": "no"}},
        ],
    )
    job = connector.moments.job
    assert job("j").state is JobState.RUNNING
    done = job("j")
    assert (done.state, done.remote_id, done.invalid_staff) == (JobState.DONE, "m1", ("lin",))
    failed = job("j")
    assert (failed.state, failed.reason) == (JobState.FAILED, "41048")


def test_a_like_is_one_fact_however_often_it_is_told(connector, wire, clock):
    told = {"like_list": [{"external_userid": "wm1", "create_time": 1_700_000_000}]}
    colleague = {"comment_list": [{"userid": "lin", "create_time": 1_700_000_001}]}
    wire.script(COMMENTS, [{**OK, **told, **colleague}])
    (like,) = connector.moments.reactions("m1", "mei")
    fact = connector.moments.fact("m1", like, clock.now())
    later = connector.moments.fact("m1", like, clock.now() + timedelta(hours=1))
    assert (fact.name, fact.staff, fact.at) == (MOMENT_LIKED, "mei", 1_700_000_000_000)
    assert fact.identities == (Identity("wecom_external_userid", kit.CORP, "wm1"),)
    assert fact.message_id == later.message_id
    assert fact.properties == {"moment_id": "m1"}


def test_a_group_message_names_its_owner_and_groups(connector, wire):
    wire.script(TEMPLATE, [{**OK, "msgid": "g1"}])
    message = Outgoing(("wr1", "wr2"), Content("今晚直播"), "k", "mei")
    assert connector.senders["wecom.group_send"].send(message).remote_id == "g1"
    assert wire.sent(TEMPLATE)[0].json == {
        "chat_type": "group",
        "chat_id_list": ["wr1", "wr2"],
        "sender": "mei",
        "text": {"content": "今晚直播"},
    }
    with pytest.raises(PlatformRefused):
        connector.senders["wecom.group_send"].send(Outgoing(("wr1",), Content("x"), "k"))


def test_tasks_of_others_are_listed_a_month_at_most(connector, wire, clock):
    page = {"group_msg_list": [{"msgid": "a", "create_time": "1762800000"}], "next_cursor": ""}
    wire.script(LIST, [{**OK, **page}])
    now = clock.now()
    (task,) = connector.staff_tasks.list_tasks("wecom.mass_send", now - timedelta(days=90), now)
    assert task.remote_id == "a"
    asked = wire.sent(LIST)[0].json
    assert (asked["filter_type"], asked["chat_type"]) == (2, "single")
    assert asked["end_time"] - asked["start_time"] == 31 * 86_400


def test_a_picture_goes_into_moments_only_when_it_was_uploaded_for_them(live, people):
    people("add_friend", userid="mei", unionid="o1", name="客")
    upload = live.media.upload
    plain = MediaFile(kind="image", name="茶.png", content=b"picture")
    message, moment = upload(plain).media_id, upload(replace(plain, use=MOMENT)).media_id
    with pytest.raises(PlatformRefused) as refused:
        live.moments.start(MomentPost(text="x", attachments=({**PICTURE, "media_id": message},)))
    assert refused.value.platform_code == "40007"
    assert live.moments.start(MomentPost(text="x", attachments=({**PICTURE, "media_id": moment},)))
    carried = Content("x", ({"kind": "image", "media_id": moment},))
    with pytest.raises(PlatformRefused) as refused:
        live.senders["wecom.mass_send"].send(Outgoing(("wm1",), carried, "k", "mei"))
    assert refused.value.platform_code == "40007"


def test_moments_take_no_files(live):
    with pytest.raises(Refused):
        live.media.upload(MediaFile(kind="file", name="茶.pdf", content=b"document", use=MOMENT))


def test_ten_moments_a_minute(live, people):
    people("add_friend", userid="mei", unionid="o1", name="客")
    for _ in range(10):
        live.moments.start(MomentPost(text="x"))
    with pytest.raises(WaitUntil):
        live.moments.start(MomentPost(text="x"))
