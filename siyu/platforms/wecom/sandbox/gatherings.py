"""What people do in and with customer groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import Corp
from siyu.platforms.wecom.sandbox.community_books import (
    INVITED,
    MAX_CHATS,
    OUTSIDE,
    SCANNED,
    STAFF,
    Chat,
    ChatMember,
    JoinWay,
    day_of,
)
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.events import emit


def create_group(
    people: People, *, owner: str, name: str, staff: Sequence[str] = (), notice: str = ""
) -> Any:
    """A member of staff makes a group with colleagues."""
    if owner not in people.corp.staff:
        raise Refused("sandbox.staff", f"no such staff {owner!r}", field="owner")
    chat = _open(people, owner, name)
    chat.notice = notice
    for userid in staff:
        chat.members[userid] = ChatMember(userid, STAFF, chat.created_at, INVITED, userid)
    _tell(people, chat, "create")
    return {"chat_id": chat.chat_id}


def join_group(
    people: People,
    *,
    unionid: str,
    name: str,
    state: str = "",
    config_id: str = "",
    chat_id: str = "",
    invitor: str = "",
) -> Any:
    """Somebody scans a group code (by its state or id), or is invited into a group."""
    way = None if chat_id else _find_way(people.corp, state, config_id)
    chat = _room(people, way) if way else _living(people.corp, chat_id)
    external = people.corp.external_id(unionid)
    answer = {"chat_id": chat.chat_id, "external_userid": external}
    if external in chat.members:
        return {**answer, "is_new": False}
    scene = SCANNED if way else INVITED
    member = ChatMember(external, OUTSIDE, _second(people), scene, name, unionid)
    member.state = way.values["state"] if way else ""
    member.invitor = invitor
    chat.members[external] = member
    people.corp.community.joined += 1
    people.corp.community.moves.append((member.join_time, chat.chat_id, 1))
    _tell_members(people, chat, "add_member", [external], JoinScene="3" if way else "0")
    return {**answer, "is_new": True}


def leave_group(people: People, *, chat_id: str, external_userid: str, by: str = "customer") -> Any:
    """A customer leaves, or the owner removes him."""
    chat = _living(people.corp, chat_id)
    if chat.members.pop(external_userid, None) is None:
        raise Refused("sandbox.member", "not in this group", field="external_userid")
    people.corp.community.left += 1
    people.corp.community.moves.append((_second(people), chat_id, -1))
    scene = "0" if by == "customer" else "1"
    _tell_members(people, chat, "del_member", [external_userid], QuitScene=scene)
    return {}


def change_group(
    people: People, *, chat_id: str, name: str = "", notice: str = "", owner: str = ""
) -> Any:
    """A new name, notice or owner."""
    chat = _living(people.corp, chat_id)
    for field, value in (("name", name), ("notice", notice), ("owner", owner)):
        if value:
            setattr(chat, field, value)
            _tell(people, chat, "update", UpdateDetail=f"change_{field}")
    return {}


def dismiss_group(people: People, *, chat_id: str) -> Any:
    """The group ends."""
    chat = _living(people.corp, chat_id)
    chat.is_dismissed = True
    people.corp.community.left += sum(one.type == OUTSIDE for one in chat.members.values())
    _tell(people, chat, "dismiss")
    return {}


def speak_in_group(people: People, *, chat_id: str, userid: str, messages: int = 1) -> Any:
    """A member writes: no callback, but the day's statistics count it."""
    books, key = people.corp.community, (chat_id, day_of(_second(people)))
    if userid not in _living(people.corp, chat_id).members:
        raise Refused("sandbox.member", "not in this group", field="userid")
    books.said.setdefault(key, set()).add(userid)
    books.messages[key] = books.messages.get(key, 0) + messages
    return {}


def groups(people: People) -> Any:
    """All groups that exist, without their members."""
    return [
        {"chat_id": c.chat_id, "name": c.name, "owner": c.owner, "members": len(c.members)}
        for c in people.corp.community.living()
    ]


def group_codes(people: People) -> Any:
    """The codes into groups."""
    return [{"config_id": w.config_id, **w.values} for w in people.corp.community.ways.values()]


def group_welcomes(people: People) -> Any:
    """The words that groups may greet with, as the platform keeps them."""
    return [{"template_id": key, **words} for key, words in people.corp.community.templates.items()]


def group_limit(people: People, *, members: int) -> Any:
    """Members up to which a scan lets people in."""
    people.corp.community.scan_limit = members
    return {"members": members}


def community_counts(corp: Corp) -> dict[str, int]:
    """Groups in numbers."""
    living = corp.community.living()
    inside = [one for chat in living for one in chat.members.values() if one.type == OUTSIDE]
    return {
        "groups": len(living),
        "group_members": len(inside),
        "group_joined": corp.community.joined,
        "group_left": corp.community.left,
    }


def _open(people: People, owner: str, name: str) -> Chat:
    second = _second(people)
    chat = Chat(people.corp.next_id("wr"), name, owner, second)
    chat.members[owner] = ChatMember(owner, STAFF, second, INVITED, people.corp.staff[owner])
    people.corp.community.chats[chat.chat_id] = chat
    return chat


def _room(people: People, way: JoinWay) -> Chat:
    """The first group of a code with room; the next one is made when none has."""
    books = people.corp.community
    living = [books.chats[chat] for chat in way.chats if not books.chats[chat].is_dismissed]
    free = [chat for chat in living if len(chat.members) < books.scan_limit]
    if free:
        return free[0]
    if not living or not way.values["auto_create_room"]:
        raise Refused("sandbox.full", "every group of this code is full", field="config_id")
    number = way.values["room_base_id"]
    chat = _open(people, living[-1].owner, f"{way.values['room_base_name']}{number}")
    way.values["room_base_id"] = number + 1
    way.values["chat_id_list"] = [*way.chats, chat.chat_id][-MAX_CHATS:]
    _tell(people, chat, "create")
    return chat


def _find_way(corp: Corp, state: str, config_id: str) -> JoinWay:
    for way in corp.community.ways.values():
        if way.config_id == config_id or (not config_id and way.values["state"] == state):
            return way
    raise Refused("sandbox.way", f"no group code {config_id or state!r}", field="state")


def _living(corp: Corp, chat_id: str) -> Chat:
    chat = corp.community.chats.get(chat_id)
    if chat is None or chat.is_dismissed:
        raise Refused("sandbox.group", f"no such group {chat_id!r}", field="chat_id")
    return chat


def _second(people: People) -> int:
    return int(people.world.clock.now().timestamp())


def _tell(people: People, chat: Chat, kind: str, **more: str | Sequence[str]) -> None:
    head = {"Event": "change_external_chat", "ChatId": chat.chat_id, "ChangeType": kind}
    emit(people.world, people.corp, {**head, **more})


def _tell_members(
    people: People, chat: Chat, detail: str, members: Sequence[str], **scene: str
) -> None:
    before = chat.version
    chat.turn += 1
    _tell(
        people,
        chat,
        "update",
        UpdateDetail=detail,
        **scene,
        MemChangeCnt=str(len(members)),
        MemChangeList=list(members),
        LastMemVer=before,
        CurMemVer=chat.version,
    )


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "create_group": create_group,
    "join_group": join_group,
    "leave_group": leave_group,
    "change_group": change_group,
    "dismiss_group": dismiss_group,
    "speak_in_group": speak_in_group,
    "groups": groups,
    "group_codes": group_codes,
    "group_welcomes": group_welcomes,
    "group_limit": group_limit,
}
