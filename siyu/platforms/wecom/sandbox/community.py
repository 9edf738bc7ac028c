"""Calls about customer groups, the codes into them, and the words that greet there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.platforms.wecom.sandbox.books import Fault
from siyu.platforms.wecom.sandbox.community_books import (
    MAX_CHATS,
    OUTSIDE,
    Chat,
    ChatMember,
    JoinWay,
    day_of,
)
from siyu.platforms.wecom.sandbox.paging import page
from siyu.platforms.wecom.sandbox.people import Answer, Call

DAY = 86_400
MAX_SPAN = 30 * DAY
HISTORY = 180 * DAY
MAX_TEMPLATES = 100
_QR = "https://wework.qpic.cn/wwpic/sandbox/group/{}"
_ATTACHMENTS = ("image", "link", "miniprogram", "file", "video")


def list_chats(call: Call) -> Answer:
    owners = _owners(call)
    found = [
        {"chat_id": chat.chat_id, "status": 0}
        for chat in call.corp.community.living()
        if (not owners or chat.owner in owners) and call.corp.is_visible(chat.owner)
    ]
    mark = "chats/" + ",".join(sorted(owners))
    shown, cursor = page(
        found, call.cursor, call.limit(1000, 100), mark=mark, has_empty=_has_empty(call)
    )
    return {"group_chat_list": shown, "next_cursor": cursor}


def _has_empty(call: Call) -> bool:
    return call.corp.knobs.has_empty_pages


def _owners(call: Call) -> set[str]:
    chosen = call.body.get("owner_filter") or {}
    userids = chosen.get("userid_list") or [] if isinstance(chosen, Mapping) else []
    if not isinstance(userids, list) or len(userids) > 100:
        raise Fault(40058, "owner_filter.userid_list exceed max size 100")
    return {str(userid) for userid in userids}


def get_chat(call: Call) -> Answer:
    chat = _chat(call, call.text("chat_id"))
    has_names = call.body.get("need_name") == 1
    return {
        "group_chat": {
            "chat_id": chat.chat_id,
            "name": chat.name,
            "owner": chat.owner,
            "create_time": chat.created_at,
            "notice": chat.notice,
            "member_list": [_member(call, one, has_names) for one in chat.members.values()],
            "admin_list": [{"userid": userid} for userid in chat.admins],
            "member_version": chat.version,
        }
    }


def _member(call: Call, one: ChatMember, has_names: bool) -> Answer:  # noqa: FBT001 - of this file
    shown: Answer = {
        "userid": one.userid,
        "type": one.type,
        "join_time": one.join_time,
        "join_scene": one.join_scene,
        "group_nickname": "",
    }
    if one.type == OUTSIDE and one.unionid and call.corp.knobs.is_developer_bound:
        shown["unionid"] = one.unionid
    if one.state:
        shown["state"] = one.state
    if one.invitor:
        shown["invitor"] = {"userid": one.invitor}
    return {**shown, "name": one.name} if has_names else shown


def _chat(call: Call, chat_id: str) -> Chat:
    chat = call.corp.community.chats.get(chat_id)
    if chat is None or chat.is_dismissed or not call.corp.is_visible(chat.owner):
        raise Fault(90501, "chat not found")
    return chat


def statistic_by_day(call: Call) -> Answer:
    begin, end = call.body.get("day_begin_time"), call.body.get("day_end_time")
    begin = begin if isinstance(begin, int) else -1
    end = end if isinstance(end, int) else begin
    if begin < call.second - HISTORY or not 0 <= end - begin <= MAX_SPAN:
        raise Fault(40058, "day_begin_time or day_end_time is invalid")
    owners = _owners(call)
    if not owners:
        raise Fault(40058, "owner_filter is empty")
    days = range(begin, end + 1, DAY)
    return {"items": [{"stat_time": day, "data": _data(call, owners, day)} for day in days]}


def _data(call: Call, owners: set[str], day: int) -> Answer:
    books, name, over = call.corp.community, day_of(day), day + DAY
    chats = {chat.chat_id for chat in books.chats.values() if chat.owner in owners}
    moves = [move for move in books.moves if move[1] in chats and move[0] < over]
    old = [books.chats[chat] for chat in chats if books.chats[chat].created_at < over]
    said = [books.said.get((chat, name), set()) for chat in chats]
    return {
        "new_chat_cnt": sum(day_of(chat.created_at) == name for chat in old),
        "chat_total": len(old),
        "chat_has_msg": sum(bool(speakers) for speakers in said),
        "new_member_cnt": sum(move[2] for move in moves if move[2] > 0 and move[0] >= day),
        "member_total": sum(move[2] for move in moves),
        "member_has_msg": sum(len(speakers) for speakers in said),
        "msg_total": sum(books.messages.get((chat, name), 0) for chat in chats),
    }


def add_join_way(call: Call) -> Answer:
    way = JoinWay(call.corp.next_id(""), _way_values(call))
    call.corp.community.ways[way.config_id] = way
    return {"config_id": way.config_id}


def get_join_way(call: Call) -> Answer:
    way = _way(call)
    shown = {**way.values, "config_id": way.config_id, "qr_code": _QR.format(way.config_id)}
    return {"join_way": shown}


def update_join_way(call: Call) -> Answer:
    _way(call).values = _way_values(call)
    return {}


def del_join_way(call: Call) -> Answer:
    del call.corp.community.ways[_way(call).config_id]
    return {}


def _way(call: Call) -> JoinWay:
    found = call.corp.community.ways.get(str(call.body.get("config_id", "")))
    if found is None:
        raise Fault(41037, "invalid config_id")
    return found


def _way_values(call: Call) -> dict[str, Any]:
    if call.body.get("scene") not in {1, 2}:
        raise Fault(41039, "invalid scene")
    chats = call.texts("chat_id_list", most=MAX_CHATS)
    if not chats:
        raise Fault(40058, "chat_id_list is empty")
    for chat_id in chats:
        _chat(call, chat_id)
    state, base = str(call.body.get("state", "")), str(call.body.get("room_base_name", ""))
    if len(state) > 30 or len(base) > 40:
        raise Fault(40058, "state or room_base_name is too long")
    return {
        "scene": call.body["scene"],
        "remark": str(call.body.get("remark", "")),
        "auto_create_room": int(call.body.get("auto_create_room", 1)),
        "room_base_name": base,
        "room_base_id": int(call.body.get("room_base_id", 1)),
        "chat_id_list": list(dict.fromkeys(chats)),
        "state": state,
    }


def add_template(call: Call) -> Answer:
    if len(call.corp.community.templates) >= MAX_TEMPLATES:
        raise Fault(41061, "too many group welcome templates")
    template_id = call.corp.next_id("msg")
    call.corp.community.templates[template_id] = _template(call)
    return {"template_id": template_id}


def edit_template(call: Call) -> Answer:
    call.corp.community.templates[_template_id(call)] = _template(call)
    return {}


def get_template(call: Call) -> Answer:
    return dict(call.corp.community.templates[_template_id(call)])


def del_template(call: Call) -> Answer:
    del call.corp.community.templates[_template_id(call)]
    return {}


def _template_id(call: Call) -> str:
    template_id = call.text("template_id")
    if template_id not in call.corp.community.templates:
        raise Fault(41060, "invalid template_id")
    return template_id


def _template(call: Call) -> dict[str, Any]:
    text = call.body.get("text") or {}
    content = text.get("content", "") if isinstance(text, Mapping) else ""
    extra = [kind for kind in _ATTACHMENTS if call.body.get(kind)]
    if not isinstance(content, str) or (not content and not extra) or len(extra) > 1:
        raise Fault(40058, "text or attachment is invalid")
    if len(content.encode()) > 4000:
        raise Fault(40058, "text.content exceed max length 4000")
    return {"text": {"content": content}, **{kind: call.body[kind] for kind in extra}}


CALLS: Mapping[str, tuple[str, Callable[[Call], Answer]]] = {
    "externalcontact/groupchat/list": ("POST", list_chats),
    "externalcontact/groupchat/get": ("POST", get_chat),
    "externalcontact/groupchat/statistic_group_by_day": ("POST", statistic_by_day),
    "externalcontact/groupchat/add_join_way": ("POST", add_join_way),
    "externalcontact/groupchat/get_join_way": ("POST", get_join_way),
    "externalcontact/groupchat/update_join_way": ("POST", update_join_way),
    "externalcontact/groupchat/del_join_way": ("POST", del_join_way),
    "externalcontact/group_welcome_template/add": ("POST", add_template),
    "externalcontact/group_welcome_template/edit": ("POST", edit_template),
    "externalcontact/group_welcome_template/get": ("POST", get_template),
    "externalcontact/group_welcome_template/del": ("POST", del_template),
}
