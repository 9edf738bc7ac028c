"""WeCom's calls, for the conformance suite; paths are below externalcontact unless they begin
with a slash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from siyu.platforms.wecom.tests.kit import EXTERNAL, error, outgoing
from siyu.ports.code_lists import ListedCode
from siyu.ports.codes import CodeSpec, LinkQuota
from siyu.ports.desk import DeskPage, DeskState
from siyu.ports.groups import GroupCodeSpec, GroupWelcome
from siyu.ports.media import MediaFile
from siyu.ports.moments import MomentPost
from siyu.ports.remarks import RemarkChange
from siyu.ports.testing.kit import UNSAID, Call, CallList

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
AGO = NOW - timedelta(days=1)
DAY = date(2026, 11, 10)
OK: Mapping[str, Any] = {"errcode": 0, "errmsg": "ok"}
CODE = CodeSpec(name="门店", state="s1", staff=("mei",))
JOIN = GroupCodeSpec(name="门店群", state="g1", groups=("wr1",))
WAY = {"join_way": {"config_id": "c1", "chat_id_list": ["wr1"]}}
LINK = {"link": {"link_id": "l1", "url": "https://work.weixin.qq.com/ca/1"}}
WORDS = GroupWelcome(text="欢迎")
FILE = MediaFile(kind="image", name="a.png", content=b"picture")
TALK = {"conversation_id": "kf:wk1:wmAAA0001", "welcome_code": "CODE"}
TICKET = {"ticket": "t1", "expires_in": 7200}
AGENT_TICKET = "GET /cgi-bin/ticket/get"
KF = "/cgi-bin/kf"
TAGS = f"POST {EXTERNAL}/get_corp_tag_list"
TAG_GROUP = {"group_id": "g", "group_name": "喜好", "tag": []}


def read(
    name: str,
    path: str,
    args: tuple[Any, ...],
    answer: Mapping[str, Any],
    gives: Any = UNSAID,
    **more: Any,
) -> Call:
    """A POST (or `GET …`) that may be repeated; the answer without its head."""
    verb, _, rest = path.rpartition(" ")
    whole = rest if rest.startswith("/") else f"{EXTERNAL}/{rest}"
    return Call(name, f"{verb or 'POST'} {whole}", args, {**OK, **answer}, gives, **more)


def write(name: str, path: str, args: tuple[Any, ...], **answer: Any) -> Call:
    """A POST that must not be repeated."""
    return read(name, path, args, answer, is_safe=False)


def sends(channel: str, path: str, answer: Mapping[str, Any], **more: Any) -> Call:
    """The sending of a text by a channel."""
    message = outgoing("你好", context=TALK)
    return read(
        f"{channel}.send",
        path,
        (message,),
        answer,
        is_safe=False,
        **more,
    )


def asks(channel: str) -> tuple[Call, ...]:
    """What may be asked about a mass message afterwards."""
    return (
        read(f"{channel}.poll", "get_groupmsg_send_result", ("m1", "mei"), {"send_list": []}, []),
        read(
            f"{channel}.find_sent",
            "get_groupmsg_list_v2",
            (outgoing("你好"), AGO),
            {"group_msg_list": []},
            None,
        ),
    )


PEOPLE = (
    read("contacts.list_staff", "GET get_follow_user_list", (), {"follow_user": []}, []),
    read(
        "contacts.fetch_contacts",
        "batch/get_by_user",
        (["mei"], ""),
        {"external_contact_list": []},
        ([], ""),
    ),
    read("contacts.fetch_contacts", "batch/get_by_user", (["mei"], ""), error(84061), ([], "")),
    read(
        "contacts.fetch_contact",
        "GET get",
        ("wm1",),
        {"external_contact": {"external_userid": "wm1"}, "follow_user": []},
        [],
    ),
    read("remarks.change_remark", "remark", ("mei", "wm1", RemarkChange(remark="老客")), {}),
    read(
        "remarks.write_remark",
        "remark",
        ("mei", "wm1"),
        {},
        named={"remark": "老客", "description": ""},
    ),
    read("tags.list_tags", "get_corp_tag_list", (), {"tag_group": []}, []),
    read(
        "tags.create_tags",
        "add_corp_tag",
        ("喜好", ["茶"]),
        {"tag_group": TAG_GROUP},
        [],
        others={TAGS: {**OK, "tag_group": []}},
        is_safe=False,
    ),
    read("tags.mark", "mark_tag", ("mei", "wm1", ["t1"], []), {}),
    read("tag_editor.rename_tag", "edit_corp_tag", ("t1", "红茶"), {}),
    read("tag_editor.rename_group", "edit_corp_tag", ("g1", "口味"), {}),
    write("tag_editor.delete_tags", "del_corp_tag", (["t1"],)),
)
STAFF = (
    read("directory.list_departments", "GET /cgi-bin/department/list", (), {"department": []}, []),
    read("directory.list_people", "GET /cgi-bin/user/list", ("1",), {"userlist": []}, []),
    *(
        read(
            "transfers.move_customers",
            f"{start}transfer_customer",
            ("mei", "lin", ["wm1"]),
            {"customer": []},
            [],
            named={"has_left": left, "message": ""},
        )
        for start, left in (("", False), ("resigned/", True))
    ),
    *(
        read(
            "transfers.list_results",
            f"{start}transfer_result",
            ("mei", "lin", ""),
            {"customer": []},
            ([], ""),
            named={"has_left": left},
        )
        for start, left in (("", False), ("resigned/", True))
    ),
    read(
        "transfers.list_orphans",
        "get_unassigned_list",
        ("",),
        {"info": [], "is_last": True},
        ([], ""),
    ),
    *(
        read(
            "transfers.move_groups",
            f"groupchat/{name}",
            ("lin", ["wr1"]),
            {"failed_chat_list": []},
            [],
            named={"has_left": left},
        )
        for name, left in (("onjob_transfer", False), ("transfer", True))
    ),
    read(
        "behaviour.fetch_days",
        "get_user_behavior_data",
        ("mei", DAY, DAY),
        {"behavior_data": []},
        [],
    ),
    read(
        "behaviour.fetch_sum",
        "get_user_behavior_data",
        (["mei", "lin"], DAY, DAY),
        {"behavior_data": []},
        [],
    ),
    read(
        "member_pages.setup",
        "GET /cgi-bin/get_jsapi_ticket",
        ("https://example.com/",),
        TICKET,
        others={AGENT_TICKET: {**OK, **TICKET}},
    ),
    read(
        "member_pages.fetch_member",
        "GET /cgi-bin/auth/getuserinfo",
        ("code",),
        {"userid": "mei"},
        "mei",
    ),
    read(
        "notices.notify",
        "/cgi-bin/message/send",
        (["mei"], "有新客户"),
        {"invaliduser": ""},
        [],
        named={"key": "k1"},
        is_safe=False,
    ),
)
CODES = (
    write("codes.create_code", "add_contact_way", (CODE,), config_id="c1", qr_code=""),
    read("codes.update_code", "update_contact_way", ("c1", CODE), {}),
    read("codes.delete_code", "del_contact_way", ("c1",), {}),
    read("codes.delete_code", "del_contact_way", ("c1",), error(41037)),
    read("code_list.list_codes", "list_contact_way", ("", NOW), {"contact_way": []}, ([], "")),
    read(
        "code_list.read_code",
        "get_contact_way",
        ("c1",),
        {"contact_way": {"config_id": "c1", "user": ["mei"]}},
        ListedCode(remote_id="c1", staff=("mei",)),
    ),
    read("code_list.read_code", "get_contact_way", ("c1",), error(41037), None),
    write("links.create_code", "customer_acquisition/create_link", (CODE,), **LINK),
    read("links.update_code", "customer_acquisition/update_link", ("l1", CODE), {}),
    read("links.delete_code", "customer_acquisition/delete_link", ("l1",), {}),
    read(
        "links.list_links", "customer_acquisition/list_link", ("",), {"link_id_list": []}, ([], "")
    ),
    read(
        "links.list_customers",
        "customer_acquisition/customer",
        ("l1", ""),
        {"customer_list": []},
        ([], ""),
    ),
    read(
        "links.get_quota",
        "GET customer_acquisition_quota",
        (),
        {"total": 5, "balance": 3, "quota_list": []},
        LinkQuota(total=5, balance=3, expiring={}),
    ),
    read(
        "links.get_figures",
        "customer_acquisition/statistic",
        ("l1", AGO, NOW),
        {"click_link_customer_cnt": 2, "new_customer_cnt": 1},
    ),
    read(
        "media.upload",
        "/cgi-bin/media/upload",
        (FILE,),
        {"media_id": "M1", "created_at": "1794362400"},
    ),
)
GROUPS = (
    read("groups.list_groups", "groupchat/list", ("",), {"group_chat_list": []}, ([], "")),
    read(
        "groups.fetch_group",
        "groupchat/get",
        ("wr1",),
        {"group_chat": {"chat_id": "wr1", "member_list": []}},
    ),
    read("groups.fetch_group", "groupchat/get", ("wr1",), error(86001), None),
    read(
        "groups.fetch_days",
        "groupchat/statistic_group_by_day",
        ("mei", DAY, DAY),
        {"items": []},
        [],
    ),
    read(
        "group_codes.create_code",
        "groupchat/add_join_way",
        (JOIN,),
        {"config_id": "c1"},
        others={f"POST {EXTERNAL}/groupchat/get_join_way": {**OK, **WAY}},
        is_safe=False,
    ),
    read(
        "group_codes.update_code",
        "groupchat/update_join_way",
        ("c1", JOIN),
        {},
        others={f"POST {EXTERNAL}/groupchat/get_join_way": {**OK, **WAY}},
    ),
    read("group_codes.fetch_code", "groupchat/get_join_way", ("c1",), WAY),
    read("group_codes.fetch_code", "groupchat/get_join_way", ("c1",), error(41037), None),
    read("group_codes.delete_code", "groupchat/del_join_way", ("c1",), {}),
    write(
        "group_welcomes.create_welcome", "group_welcome_template/add", (WORDS,), template_id="t1"
    ),
    read("group_welcomes.update_welcome", "group_welcome_template/edit", ("t1", WORDS), {}),
    read("group_welcomes.delete_welcome", "group_welcome_template/del", ("t1",), {}),
)
DESK = (
    read("desk.list_desks", f"{KF}/account/list", (), {"account_list": []}, []),
    write("desk.create_desk", f"{KF}/account/add", ("山茶记", ""), open_kfid="wk1"),
    read("desk.rename_desk", f"{KF}/account/update", ("wk1", "茶"), {}),
    read("desk.delete_desk", f"{KF}/account/del", ("wk1",), {}),
    read("desk.delete_desk", f"{KF}/account/del", ("wk1",), error(95000)),
    read("desk.list_servicers", f"GET {KF}/servicer/list", ("wk1",), {"servicer_list": []}, []),
    read("desk.add_servicers", f"{KF}/servicer/add", ("wk1", ["mei"]), {"result_list": []}, {}),
    read("desk.remove_servicers", f"{KF}/servicer/del", ("wk1", ["mei"]), {"result_list": []}, {}),
    read(
        "desk.make_link",
        f"{KF}/add_contact_way",
        ("wk1", "s1"),
        {"url": "https://work.weixin.qq.com/kf/1"},
    ),
    read(
        "desk.fetch_page",
        f"{KF}/sync_msg",
        ("wk1", "c0", "t"),
        {"next_cursor": "c1", "has_more": 0, "msg_list": []},
        DeskPage(facts=(), cursor="c1", has_more=False),
    ),
    read(
        "desk.fetch_session",
        f"{KF}/service_state/get",
        ("wk1", "wm1"),
        {"service_state": 3, "servicer_userid": "mei"},
    ),
    write("desk.hand_over", f"{KF}/service_state/trans", ("wk1", "wm1", DeskState.HUMAN, "mei")),
    read("desk.fetch_profiles", f"{KF}/customer/batchget", (["wm1"],), {"customer_list": []}, []),
)
REACH = (
    sends("wecom.welcome", "send_welcome_msg", {}, tries=2),
    sends("wecom.mass_send", "add_msg_template", {"msgid": "m1", "fail_list": []}),
    sends("wecom.group_send", "add_msg_template", {"msgid": "m1", "fail_list": []}),
    sends("wecom.kf", f"{KF}/send_msg", {"msgid": "m1"}),
    sends("wecom.kf_welcome", f"{KF}/send_msg_on_event", {"msgid": "m1"}),
    *asks("wecom.mass_send"),
    *asks("wecom.group_send"),
    read(
        "staff_tasks.list_tasks",
        "get_groupmsg_list_v2",
        ("wecom.mass_send", AGO, NOW),
        {"group_msg_list": []},
        [],
    ),
    read("staff_tasks.list_staff", "get_groupmsg_task", ("m1",), {"task_list": []}, []),
    write("staff_tasks.remind", "remind_groupmsg_send", ("m1",)),
    read("staff_tasks.cancel", "cancel_groupmsg_send", ("m1",), {}),
    write("moments.start", "add_moment_task", (MomentPost(text="山里"),), jobid="j1"),
    read(
        "moments.job",
        "GET get_moment_task_result",
        ("j1",),
        {"status": 3, "result": {"errcode": 0, "moment_id": "mo1"}},
    ),
    read("moments.list_posters", "get_moment_task", ("mo1",), {"task_list": []}, []),
    read(
        "moments.list_planned",
        "get_moment_customer_list",
        ("mo1", "mei"),
        {"customer_list": []},
        [],
    ),
    read(
        "moments.list_reached", "get_moment_send_result", ("mo1", "mei"), {"customer_list": []}, []
    ),
    read(
        "moments.reactions",
        "get_moment_comments",
        ("mo1", "mei"),
        {"comment_list": [], "like_list": []},
        [],
    ),
    read("moments.cancel", "cancel_moment_task", ("mo1",), {}),
    read("moments.list_moments", "get_moment_list", (AGO, NOW), {"moment_list": []}, []),
)
UNASKED = ("wecom.welcome", "wecom.kf", "wecom.kf_welcome")
CALLS = CallList(
    PEOPLE + STAFF + CODES + GROUPS + DESK + REACH,
    quiet=frozenset(
        {
            "contacts.end_relation",
            "codes.read_picture",
            "links.read_picture",
            "member_pages.login_url",
            "member_pages.customer",
            "groups.join_fact",
            "groups.leave_fact",
            "moments.fact",
            *(f"{channel}.{method}" for channel in UNASKED for method in ("poll", "find_sent")),
        }
    ),
)
