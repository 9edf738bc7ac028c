"""What people do at service desks: enter, ask; staff answer and end in their client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import Corp, Person
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.desk_books import (
    ENDED,
    HUMAN,
    NEW,
    WINDOW,
    DeskAccount,
    DeskCode,
    DeskTalk,
)
from siyu.platforms.wecom.sandbox.events import Repeated, emit

WELCOME_LIFE = 20


def kf_open(people: People, *, name: str, staff: list[str]) -> Any:
    """A desk that was there before, with servicers."""
    account = DeskAccount(people.corp.next_id("wk"), name, dict.fromkeys(staff, 0))
    people.corp.desks.accounts[account.open_kfid] = account
    return {"open_kfid": account.open_kfid}


def kf_enter(
    people: People,
    *,
    open_kfid: str,
    unionid: str,
    name: str,
    scene: str = "",
    scene_param: str = "",
) -> Any:
    """A customer opens the chat; a new session may be greeted within 20 seconds."""
    account, talk = _visit(people, open_kfid, unionid, name)
    second = _second(people)
    event = {"event_type": "enter_session", "scene": scene, "scene_param": scene_param}
    if second - max(talk.spoke_at, talk.entered_at) > WINDOW or not talk.entered_at:
        code = people.corp.next_id("kfw")
        people.corp.desks.codes[code] = DeskCode(
            open_kfid, talk.external_userid, second + WELCOME_LIFE
        )
        event["welcome_code"] = code
    talk.entered_at = second
    ids = {"open_kfid": open_kfid, "external_userid": talk.external_userid}
    _log(people, account, talk, {"origin": 4, "msgtype": "event", "event": {**event, **ids}})
    return {"external_userid": talk.external_userid}


def kf_ask(
    people: People, *, open_kfid: str, unionid: str, name: str, text: str, is_silent: bool = False
) -> Any:
    """A customer writes; an ended session begins anew. is_silent: the doorbell is lost."""
    account, talk = _visit(people, open_kfid, unionid, name)
    second = _second(people)
    is_over = second - max(talk.spoke_at, talk.entered_at) > WINDOW
    if talk.state == ENDED or is_over:
        talk.state, talk.servicer = NEW, ""
    talk.spoke_at, talk.replies = second, 0
    people.corp.desks.asked += 1
    body = {"origin": 3, "msgtype": "text", "text": {"content": text, "menu_id": ""}}
    _log(people, account, talk, body, is_silent=is_silent)
    return {"external_userid": talk.external_userid}


def kf_answer(people: People, *, open_kfid: str, external_userid: str, text: str) -> Any:
    """The servicer in charge writes in the client."""
    account, talk = _talk(people.corp, open_kfid, external_userid)
    if talk.state != HUMAN:
        raise Refused("sandbox.kf", "nobody is in charge", field="external_userid")
    body = {
        "origin": 5,
        "servicer_userid": talk.servicer,
        "msgtype": "text",
        "text": {"content": text},
    }
    _log(people, account, talk, body)
    return {}


def kf_end(people: People, *, open_kfid: str, external_userid: str) -> Any:
    """The servicer ends the session in the client."""
    account, talk = _talk(people.corp, open_kfid, external_userid)
    before, talk.state, talk.servicer = talk.servicer, ENDED, ""
    event = {
        "event_type": "session_status_change",
        "open_kfid": open_kfid,
        "external_userid": external_userid,
        "change_type": 3,
        "old_servicer_userid": before,
    }
    _log(people, account, talk, {"origin": 4, "msgtype": "event", "event": event})
    return {}


def kf_fail(
    people: People, *, open_kfid: str, external_userid: str, msgid: str, fail_type: int = 10
) -> Any:
    """A message the platform had taken does not reach the customer: he refuses messages, or
    another `fail_type` (4 too late, 5 session over, 6 too many)."""
    account, talk = _talk(people.corp, open_kfid, external_userid)
    event = {
        "event_type": "msg_send_fail",
        "open_kfid": open_kfid,
        "external_userid": external_userid,
        "fail_msgid": msgid,
        "fail_type": fail_type,
    }
    _log(people, account, talk, {"origin": 4, "msgtype": "event", "event": event})
    return {}


def kf_grant(
    people: People, *, add: list[str] | None = None, remove: list[str] | None = None
) -> Any:
    """An administrator lets the app answer at desks, or takes that away; told by one callback."""
    told = {"AuthAddOpenKfId": list(add or ()), "AuthDelOpenKfId": list(remove or ())}
    for field, desks in told.items():
        for open_kfid in desks:
            _account(people.corp, open_kfid).is_granted = field == "AuthAddOpenKfId"
    event = {field: Repeated(desks) for field, desks in told.items() if desks}
    if event:
        emit(people.world, people.corp, {"Event": "kf_account_auth_change", **event})
    return {"granted": [one.open_kfid for one in _accounts(people.corp) if one.is_granted]}


def kf_accounts(people: People) -> Any:
    """The desks, their servicers, and who is in charge of each customer there."""
    return [
        {
            "open_kfid": one.open_kfid,
            "name": one.name,
            "servicers": one.servicers,
            "is_granted": one.is_granted,
            "sessions": _sessions(people.corp, one.open_kfid),
        }
        for one in _accounts(people.corp)
    ]


def _accounts(corp: Corp) -> list[DeskAccount]:
    return list(corp.desks.accounts.values())


def _account(corp: Corp, open_kfid: str) -> DeskAccount:
    account = corp.desks.accounts.get(open_kfid)
    if account is None:
        raise Refused("sandbox.kf", f"no such desk {open_kfid!r}", field="open_kfid")
    return account


def _sessions(corp: Corp, open_kfid: str) -> list[dict[str, Any]]:
    return [
        {"external_userid": one.external_userid, "state": one.state, "servicer": one.servicer}
        for one in corp.desks.talks.values()
        if one.open_kfid == open_kfid
    ]


def desk_counts(corp: Corp) -> dict[str, int]:
    """Desks in numbers."""
    return {"kf_asked": corp.desks.asked, "kf_answered": corp.desks.answered}


def _visit(people: People, open_kfid: str, unionid: str, name: str) -> tuple[DeskAccount, DeskTalk]:
    account = _account(people.corp, open_kfid)
    external = people.corp.external_id(unionid)
    people.corp.people.setdefault(external, Person(external, unionid, name))
    return account, people.corp.desks.talk(open_kfid, external)


def _talk(corp: Corp, open_kfid: str, external_userid: str) -> tuple[DeskAccount, DeskTalk]:
    talk = corp.desks.talks.get((open_kfid, external_userid))
    if talk is None:
        raise Refused("sandbox.kf", "this customer was never here", field="external_userid")
    return corp.desks.accounts[open_kfid], talk


def _second(people: People) -> int:
    return int(people.world.clock.now().timestamp())


def _log(
    people: People,
    account: DeskAccount,
    talk: DeskTalk,
    body: Mapping[str, Any],
    *,
    is_silent: bool = False,
) -> None:
    """Keep it for sync_msg, and ring."""
    head = {
        "msgid": people.corp.next_id("kfm"),
        "open_kfid": account.open_kfid,
        "external_userid": talk.external_userid,
        "send_time": _second(people),
    }
    account.log.append({**head, **body})
    if not is_silent and account.is_granted:
        token = people.corp.next_id("ENC")
        ring = {"Event": "kf_msg_or_event", "Token": token, "OpenKfId": account.open_kfid}
        emit(people.world, people.corp, ring)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "kf_open": kf_open,
    "kf_enter": kf_enter,
    "kf_ask": kf_ask,
    "kf_answer": kf_answer,
    "kf_end": kf_end,
    "kf_fail": kf_fail,
    "kf_grant": kf_grant,
    "kf_accounts": kf_accounts,
}
