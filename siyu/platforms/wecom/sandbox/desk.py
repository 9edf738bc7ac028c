"""Calls about service desks: accounts, servicers, messages, sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.platforms.wecom.sandbox.books import Fault, Received
from siyu.platforms.wecom.sandbox.desk_books import (
    ENDED,
    HUMAN,
    MAX_REPLIES,
    NEW,
    QUEUED,
    WINDOW,
    DeskAccount,
    DeskCode,
    DeskTalk,
)
from siyu.platforms.wecom.sandbox.paging import resume
from siyu.platforms.wecom.sandbox.people import Answer, Call

HISTORY = 3 * 86_400
QUEUE_LIFE = WINDOW
_ALLOWED = {NEW: {1, 2, 3, 4}, 1: {2, 3, 4}, QUEUED: {3, 4}, HUMAN: {3, 4}, ENDED: set[int]()}


def add_account(call: Call) -> Answer:
    name = call.text("name", most=16)
    account = DeskAccount(call.corp.next_id("wk"), name)
    call.corp.desks.accounts[account.open_kfid] = account
    return {"open_kfid": account.open_kfid}


def update_account(call: Call) -> Answer:
    account = _account(call)
    if call.body.get("name"):
        account.name = call.text("name", most=16)
    return {}


def del_account(call: Call) -> Answer:
    del call.corp.desks.accounts[_account(call).open_kfid]
    return {}


def list_accounts(call: Call) -> Answer:
    offset = int(call.body.get("offset", 0))
    found = list(call.corp.desks.accounts.values())[offset : offset + call.limit(100, 100)]
    return {"account_list": [_listed(one) for one in found]}


def _listed(account: DeskAccount) -> Answer:
    return {
        "open_kfid": account.open_kfid,
        "name": account.name,
        "avatar": "",
        "manage_privilege": account.is_granted,
    }


def _account(call: Call, open_kfid: str = "") -> DeskAccount:
    found = call.corp.desks.accounts.get(open_kfid or str(call.body.get("open_kfid", "")))
    if found is None:
        raise Fault(95000, "invalid open_kfid")
    if not found.is_granted:
        raise Fault(60030, "no privilege to access the kf account")
    return found


def add_servicers(call: Call) -> Answer:
    account, results = _account(call), []
    for userid in call.texts("userid_list", most=100):
        is_known = call.corp.is_visible(userid)
        if is_known:
            account.servicers.setdefault(userid, 0)
        code, text = (0, "success") if is_known else (60111, "userid not found")
        results.append({"userid": userid, "errcode": code, "errmsg": text})
    return {"result_list": results}


def del_servicers(call: Call) -> Answer:
    account, results = _account(call), []
    for userid in call.texts("userid_list", most=100):
        is_known = account.servicers.pop(userid, None) is not None
        code, text = (0, "success") if is_known else (95014, "not a servicer")
        results.append({"userid": userid, "errcode": code, "errmsg": text})
    return {"result_list": results}


def list_servicers(call: Call) -> Answer:
    account = _account(call, call.query.get("open_kfid", "-"))
    shown = [{"userid": userid, "status": status} for userid, status in account.servicers.items()]
    return {"servicer_list": shown}


def add_contact_way(call: Call) -> Answer:
    account, scene = _account(call), str(call.body.get("scene", ""))
    if len(scene.encode()) > 32:
        raise Fault(40058, "scene exceed max length 32")
    return {"url": f"https://work.weixin.qq.com/kfid/{account.open_kfid}?enc_scene={scene}"}


def sync_msg(call: Call) -> Answer:
    account = _account(call)
    mark, most = f"kf/{account.open_kfid}", call.limit(1000, 1000)
    shown, cursor, has_more = resume(account.log, call.cursor, most, mark=mark)
    kept = [one for one in shown if one["send_time"] >= call.second - HISTORY]
    return {"next_cursor": cursor, "has_more": int(has_more), "msg_list": kept}


def send_msg(call: Call) -> Answer:
    account, who = _account(call), call.text("touser")
    talk = call.corp.desks.talks.get((account.open_kfid, who))
    if talk is None or call.second - talk.spoke_at > WINDOW:
        raise Fault(95002, "the session is older than 48 hours")
    if talk.state not in {NEW, 1}:
        raise Fault(95018, "send msg session status invalid")
    if talk.replies >= MAX_REPLIES:
        raise Fault(95001, "send msg count limit")
    msgid = _msgid(call, account)
    talk.replies += 1
    _receive(call, who, account, msgid)
    return {"msgid": msgid}


def send_msg_on_event(call: Call) -> Answer:
    code = call.corp.desks.codes.get(call.text("code"))
    if code is None or code.is_used or call.second > code.ends_at:
        raise Fault(95007, "invalid msg code")
    account = _account(call, code.open_kfid)
    msgid = _msgid(call, account)
    code.is_used = True
    _receive(call, code.external_userid, account, msgid)
    return {"msgid": msgid}


def _msgid(call: Call, account: DeskAccount) -> str:
    msgid = str(call.body.get("msgid") or call.corp.next_id("kfm"))
    if len(msgid) > 32 or (account.open_kfid, msgid) in call.corp.desks.said:
        raise Fault(40058, "msgid is too long or was used before")
    _text(call)
    call.corp.desks.said.add((account.open_kfid, msgid))
    return msgid


def _text(call: Call) -> str:
    kind = call.body.get("msgtype")
    body = call.body.get(str(kind))
    if not isinstance(body, Mapping):
        raise Fault(40058, "msgtype is invalid")
    text = str(body.get("content") or body.get("title") or body.get("media_id") or "")
    if not text or len(text.encode()) > 2048:
        raise Fault(40058, "text.content is empty or exceed max length 2048")
    return text


def _receive(call: Call, who: str, account: DeskAccount, msgid: str) -> None:
    """The message is on the customer's phone."""
    corp = call.corp
    corp.desks.answered += 1
    corp.received.append(
        Received(
            len(corp.received) + 1, who, account.open_kfid, "kf", msgid, _text(call), call.second
        )
    )


def get_state(call: Call) -> Answer:
    talk = _talk(call)
    is_over = call.second - max(talk.spoke_at, talk.entered_at) > WINDOW
    state = ENDED if is_over else talk.state
    return {"service_state": state, "servicer_userid": talk.servicer if state == HUMAN else ""}


def trans_state(call: Call) -> Answer:
    account, talk = _account(call), _talk(call)
    state, userid = call.body.get("service_state"), str(call.body.get("servicer_userid") or "")
    if state not in _ALLOWED[talk.state]:
        raise Fault(95016, "service state change is not allowed")
    if state == HUMAN and account.servicers.get(userid) != 0:
        raise Fault(95014, "servicer is not active")
    before, talk.state, talk.servicer = talk.servicer, int(state), userid
    code = call.corp.next_id("kfc")
    life = 20 if state == ENDED else QUEUE_LIFE
    call.corp.desks.codes[code] = DeskCode(
        account.open_kfid, talk.external_userid, call.second + life
    )
    change = {HUMAN: 2 if before else 1, ENDED: 3}.get(talk.state)
    if change:
        log_change(call, account, talk, (change, before))
    return {"msg_code": code}


def log_change(call: Call, account: DeskAccount, talk: DeskTalk, change: tuple[int, str]) -> None:
    """Keep the change of a session for sync_msg."""
    account.log.append(
        {
            "msgid": call.corp.next_id("kfe"),
            "open_kfid": account.open_kfid,
            "external_userid": talk.external_userid,
            "send_time": call.second,
            "origin": 4,
            "msgtype": "event",
            "event": {
                "event_type": "session_status_change",
                "open_kfid": account.open_kfid,
                "external_userid": talk.external_userid,
                "change_type": change[0],
                "old_servicer_userid": change[1],
                "new_servicer_userid": talk.servicer,
            },
        }
    )


def _talk(call: Call) -> DeskTalk:
    account, who = _account(call), call.text("external_userid")
    talk = call.corp.desks.talks.get((account.open_kfid, who))
    if talk is None:
        raise Fault(40096, "invalid external userid")
    return talk


def batchget_customers(call: Call) -> Answer:
    found, unknown = [], []
    for external in call.texts("external_userid_list", most=100):
        person = call.corp.people.get(external)
        has_asked = any(key[1] == external for key in call.corp.desks.talks)
        if person is None or not has_asked:
            unknown.append(external)
            continue
        shown: dict[str, Any] = {
            "external_userid": external,
            "nickname": person.name,
            "avatar": person.avatar,
            "gender": person.gender,
        }
        if call.corp.knobs.is_developer_bound:
            shown["unionid"] = person.unionid
        found.append(shown)
    return {"customer_list": found, "invalid_external_userid": unknown}


CALLS: Mapping[str, tuple[str, Callable[[Call], Answer]]] = {
    "kf/account/add": ("POST", add_account),
    "kf/account/update": ("POST", update_account),
    "kf/account/del": ("POST", del_account),
    "kf/account/list": ("POST", list_accounts),
    "kf/servicer/add": ("POST", add_servicers),
    "kf/servicer/del": ("POST", del_servicers),
    "kf/servicer/list": ("GET", list_servicers),
    "kf/add_contact_way": ("POST", add_contact_way),
    "kf/sync_msg": ("POST", sync_msg),
    "kf/send_msg": ("POST", send_msg),
    "kf/send_msg_on_event": ("POST", send_msg_on_event),
    "kf/service_state/get": ("POST", get_state),
    "kf/service_state/trans": ("POST", trans_state),
    "kf/customer/batchget": ("POST", batchget_customers),
}
