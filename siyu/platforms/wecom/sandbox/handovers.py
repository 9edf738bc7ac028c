"""Take-over 继承: customers and groups go from one member of staff to another.

A customer is asked in his client: he may refuse within 24 hours, after that he is moved. The
giver's relation then ends with `del_external_contact` (Source DELETE_BY_TRANSFER) and the taker's
begins with `add_external_contact`; a refusal is told by `transfer_fail`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.platforms.wecom.sandbox.books import Corp, Fault, Relation
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.events import emit
from siyu.platforms.wecom.sandbox.paging import page
from siyu.platforms.wecom.sandbox.people import Answer, Call
from siyu.platforms.wecom.sandbox.staff_books import Move
from siyu.ports.sandbox import World

BATCH = 100
SETTLE = timedelta(hours=24)
WINDOW, TIMES = timedelta(days=90), 2
GROUPS_A_DAY = 300
MAX_MESSAGE = 200
_ASSIGNED = 202
_DONE, _WAITING, _REFUSED, _FULL = 1, 2, 3, 4


def transfer_customer(call: Call) -> Answer:
    return _transfer(call, has_left=False)


def transfer_resigned(call: Call) -> Answer:
    return _transfer(call, has_left=True)


def _transfer(call: Call, *, has_left: bool) -> Answer:
    giver, taker = call.text("handover_userid"), call.text("takeover_userid")
    customers = call.texts("external_userid", most=BATCH)
    if not customers or len(str(call.body.get("transfer_success_msg") or "")) > MAX_MESSAGE:
        raise Fault(40058, "external_userid or transfer_success_msg is invalid")
    message = str(call.body.get("transfer_success_msg") or "")
    answers = []
    for external in customers:
        code = _fault_of(call, (giver, taker, external), has_left=has_left)
        if not code:
            key = (giver, taker, external)
            move = Move(*key, has_left, call.now, call.now + SETTLE, message)
            call.corp.work.moves[key] = move
            if not has_left:
                call.corp.work.log.setdefault(external, []).append(call.now)
        answers.append({"external_userid": external, "errcode": code})
    return {"customer": answers}


def _fault_of(call: Call, key: tuple[str, str, str], *, has_left: bool) -> int:
    """The errcode of one customer, 0 when he can be moved."""
    giver, taker, external = key
    corp = call.corp
    relation = corp.relations.get(giver, {}).get(external)
    recent = [at for at in corp.work.log.get(external, []) if call.now - at < WINDOW]
    faults = (
        (giver == taker, 40130),
        (not corp.is_visible(taker), 40003),
        (has_left != (giver in corp.work.left_at), 40097 if has_left else 60111),
        (len(external) > 64 or external not in corp.people, 40096),
        (relation is None or not relation.is_friend, 40131),
        (_is_moving(corp, external), 40129),
        (taker in corp.work.full, 40099),
        (not has_left and len(recent) >= TIMES, 40128),
    )
    return next((code for is_wrong, code in faults if is_wrong), 0)


def _is_moving(corp: Corp, external: str) -> bool:
    return any(
        move.status == _WAITING and move.external_userid == external
        for move in corp.work.moves.values()
    )


def transfer_result(call: Call) -> Answer:
    return _result(call, has_left=False)


def resigned_result(call: Call) -> Answer:
    return _result(call, has_left=True)


def _result(call: Call, *, has_left: bool) -> Answer:
    pair = (call.text("handover_userid"), call.text("takeover_userid"))
    found = [
        {
            "external_userid": move.external_userid,
            "status": move.status,
            "takeover_time": move.done_at,
        }
        for key, move in call.corp.work.moves.items()
        if key[:2] == pair and move.has_left == has_left
    ]
    shown, cursor = page(found, call.cursor, 1000, mark=f"moves/{pair}/{has_left}")
    return {"customer": shown, "next_cursor": cursor}


def get_unassigned_list(call: Call) -> Answer:
    size = call.body.get("page_size", 1000)
    if not isinstance(size, int) or not 1 <= size <= 1000:
        raise Fault(40058, "page_size should be between 1 and 1000")
    found = [
        {
            "handover_userid": userid,
            "external_userid": relation.external_userid,
            "dimission_time": int(left_at.timestamp()),
        }
        for userid, left_at in call.corp.work.left_at.items()
        for relation in call.corp.relations.get(userid, {}).values()
        if relation.is_friend and call.now - left_at < timedelta(days=365)
    ]
    shown, cursor = page(found, call.cursor, size, mark="unassigned")
    return {"info": shown, "is_last": not cursor, "next_cursor": cursor}


def transfer_group(call: Call) -> Answer:
    return _transfer_groups(call, has_left=True)


def onjob_group(call: Call) -> Answer:
    return _transfer_groups(call, has_left=False)


def _transfer_groups(call: Call, *, has_left: bool) -> Answer:
    chats, owner = call.texts("chat_id_list", most=BATCH), call.text("new_owner")
    if not chats:
        raise Fault(40058, "chat_id_list is empty")
    if not call.corp.is_visible(owner):
        raise Fault(40003, "invalid new_owner")
    failed = []
    for chat_id in chats:
        code = _group_fault(call, chat_id, owner, has_left=has_left)
        if code:
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": "cannot be moved"})
            continue
        chat = call.corp.community.chats[chat_id]
        chat.owner = owner
        chat.turn += 1
        call.corp.work.group_log.setdefault(chat_id, []).append(call.now)
        call.corp.work.groups_taken[owner, call.now.astimezone(SHANGHAI).date()] += 1
    return {"failed_chat_list": failed}


def _group_fault(call: Call, chat_id: str, owner: str, *, has_left: bool) -> int:
    corp = call.corp
    chat = corp.community.chats.get(chat_id)
    if chat is None or chat.is_dismissed:
        return 90501
    recent = [at for at in corp.work.group_log.get(chat_id, []) if call.now - at < WINDOW]
    taken = corp.work.groups_taken[owner, call.now.astimezone(SHANGHAI).date()]
    faults = (
        (has_left and chat.owner not in corp.work.left_at, 90500),
        (not has_left and chat.owner in corp.work.left_at, 90500),
        (chat.owner == owner, 90503),
        (taken >= GROUPS_A_DAY, 90506),
        (not has_left and len(recent) >= TIMES, 90507),
    )
    return next((code for is_wrong, code in faults if is_wrong), 0)


def settle(corp: Corp, now: datetime, world: World) -> int:
    """Move the customers whose day is over, told by callbacks."""
    done = 0
    for move in corp.work.moves.values():
        if move.status == _WAITING and now >= move.ends_at:
            _finish(corp, move, now, world)
            done += 1
    return done


def _finish(corp: Corp, move: Move, now: datetime, world: World) -> None:
    if move.taker in corp.work.full:
        move.status = _FULL
        _tell_failure(corp, move, "customer_limit_exceed", world)
        return
    old = corp.relations[move.giver].pop(move.external_userid)
    second = int(now.timestamp())
    corp.relations.setdefault(move.taker, {})[move.external_userid] = Relation(
        move.taker,
        move.external_userid,
        second,
        _ASSIGNED,
        old.state,
        old.remark,
        old.description,
        list(old.remark_mobiles),
        old.remark_company,
        list(old.tag_ids),
    )
    move.status, move.done_at = _DONE, second
    corp.counts["moved"] += 1
    ids = {"ExternalUserID": move.external_userid}
    emit(
        world,
        corp,
        {
            **_event("del_external_contact"),
            "UserID": move.giver,
            **ids,
            "Source": "DELETE_BY_TRANSFER",
        },
    )
    emit(world, corp, {**_event("add_external_contact"), "UserID": move.taker, **ids})


def _tell_failure(corp: Corp, move: Move, reason: str, world: World) -> None:
    fields = {"FailReason": reason, "UserID": move.taker}
    ids = {"ExternalUserID": move.external_userid}
    emit(world, corp, {**_event("transfer_fail"), **fields, **ids})


def _event(kind: str) -> dict[str, str]:
    return {"Event": "change_external_contact", "ChangeType": kind}


def settle_moves(people: People, *, is_forced: bool = False) -> Any:
    """Customers whose 24 hours are over change hands; is_forced: as if they were over for all."""
    if is_forced:
        for move in people.corp.work.moves.values():
            move.ends_at = min(move.ends_at, people.world.clock.now())
    return {"moved": settle(people.corp, people.world.clock.now(), people.world)}


def refuse_move(people: People, *, external_userid: str) -> Any:
    """A customer says no to his new member of staff."""
    refused = 0
    for move in people.corp.work.moves.values():
        if move.external_userid == external_userid and move.status == _WAITING:
            move.status = _REFUSED
            _tell_failure(people.corp, move, "customer_refused", people.world)
            refused += 1
    return {"refused": refused}


def leave(people: People, *, userid: str) -> Any:
    """A member of staff leaves the company: his customers belong to nobody, told by callback."""
    corp = people.corp
    name = corp.staff.pop(userid, None)
    if name is not None:
        corp.member(userid).status = 5
        corp.work.left_at[userid] = people.world.clock.now()
        fields = {"Event": "change_contact", "ChangeType": "delete_user", "UserID": userid}
        emit(people.world, corp, fields)
    own = corp.relations.get(userid, {}).values()
    return {"left": name is not None, "customers": sum(one.is_friend for one in own)}


def set_full(people: People, *, userids: list[str]) -> Any:
    """Members who may take over nobody more."""
    people.corp.work.full = set(userids)
    return {"full": sorted(people.corp.work.full)}


def moves(people: People) -> Any:
    """Every move asked for."""
    return [
        {
            "handover_userid": move.giver,
            "takeover_userid": move.taker,
            "external_userid": move.external_userid,
            "status": move.status,
            "message": move.message,
        }
        for move in people.corp.work.moves.values()
    ]


CALLS: Mapping[str, tuple[str, Callable[[Call], Answer]]] = {
    "externalcontact/transfer_customer": ("POST", transfer_customer),
    "externalcontact/transfer_result": ("POST", transfer_result),
    "externalcontact/resigned/transfer_customer": ("POST", transfer_resigned),
    "externalcontact/resigned/transfer_result": ("POST", resigned_result),
    "externalcontact/get_unassigned_list": ("POST", get_unassigned_list),
    "externalcontact/groupchat/transfer": ("POST", transfer_group),
    "externalcontact/groupchat/onjob_transfer": ("POST", onjob_group),
}
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "settle_moves": settle_moves,
    "refuse_move": refuse_move,
    "leave": leave,
    "set_full": set_full,
    "moves": moves,
}
