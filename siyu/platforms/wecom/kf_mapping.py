"""Messages and events of service desks → facts; pure. Texts stay in `private`."""

from __future__ import annotations

from typing import Any

import msgspec

from siyu.kernel.identity import Identity
from siyu.kernel.ids import digest
from siyu.platforms.wecom import wire_kf as wire
from siyu.platforms.wecom.mapping import GENDERS, LATE_MS, PLATFORM, customer_identity
from siyu.ports import facts
from siyu.ports.capabilities import AccountConfig
from siyu.ports.desk import DeskState
from siyu.ports.facts import Fact

CUSTOMER, EVENT, SERVICER = 3, 4, 5
STATES = {
    0: DeskState.NEW,
    1: DeskState.ASSISTANT,
    2: DeskState.QUEUED,
    3: DeskState.HUMAN,
    4: DeskState.ENDED,
}
_CHANGES = {1: DeskState.HUMAN, 2: DeskState.HUMAN, 3: DeskState.ENDED, 4: DeskState.HUMAN}
_FAILURES = {
    1: "desk_deleted",
    2: "app_closed",
    4: "window_closed",
    5: "session_ended",
    6: "window_full",
    8: "not_verified",
    10: "refused_by_customer",
}
_EVIDENCE = "微信客服客户资料里同时有客户 ID 与 UnionID"


def thread_of(open_kfid: str, external_userid: str) -> str:
    """The conversation of one customer at one desk."""
    return f"kf:{open_kfid}:{external_userid}"


def desk_of(thread: str) -> tuple[str, str]:
    """Desk and customer of a thread; empty strings when it is none."""
    kind, _, rest = thread.partition(":")
    desk, _, customer = rest.partition(":")
    return (desk, customer) if kind == "kf" else ("", "")


def message_facts(message: wire.Message, account: AccountConfig, seen_at: int) -> list[Fact]:
    """The facts of one item of sync_msg; [] for kinds that say nothing about a customer.

    seen_at: ms.
    """
    if message.origin in {CUSTOMER, SERVICER}:
        return [_said(message, account, seen_at)] if message.external_userid else []
    kind = str(message.event.get("event_type", ""))
    make = _EVENTS.get(kind)
    external = message.external_userid or str(message.event.get("external_userid", ""))
    if make is None or not external:
        return []
    name, properties, private = make(message.event)
    return [_fact(message, account, seen_at, name=name, properties=properties, private=private)]


def profile_fact(customer: wire.Customer, account: AccountConfig, seen_at: int) -> Fact:
    """Who a customer is, as `IDENTIFIED`."""
    own = customer_identity(account, customer.external_userid)
    scope = account.fields.get("open_account", "")
    union = (Identity("wx_unionid", scope, customer.unionid),) if customer.unionid else ()
    traits = {
        "name": customer.nickname,
        "avatar": customer.avatar,
        "gender": GENDERS.get(customer.gender, ""),
    }
    key = msgspec.json.encode([account.key, msgspec.to_builtins(customer), seen_at // 86_400_000])
    return Fact(
        name=facts.IDENTIFIED,
        at=seen_at,
        received_at=seen_at,
        source=account.key,
        message_id=f"kf:{digest(key).hex()}",
        platform=PLATFORM,
        identities=(own, *union),
        account=account.key,
        evidence=_EVIDENCE if union else "",
        traits={name: value for name, value in traits.items() if value},
    )


def _said(message: wire.Message, account: AccountConfig, seen_at: int) -> Fact:
    is_ours = message.origin == SERVICER
    return _fact(
        message,
        account,
        seen_at,
        name=facts.MESSAGE_SENT if is_ours else facts.MESSAGE_RECEIVED,
        properties={
            "message_type": message.msgtype,
            **({"is_manual": True} if is_ours else {}),
        },
        private={"text": text_of(message), "server_message_id": message.msgid},
    )


def text_of(message: wire.Message) -> str:
    """What people read of a message: its text, title or address; "" for pictures and the like."""
    body: dict[str, Any] = getattr(message, message.msgtype, {}) or {}
    for field in ("content", "title", "name", "head_content", "address"):
        if body.get(field):
            return str(body[field])
    return ""


def _entered(event: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    code = str(event.get("welcome_code") or "")
    scene = str(event.get("scene") or "")
    return (
        facts.CHAT_ENTERED,
        {"scene": scene} if scene else {},
        {"welcome_code": code} if code else {},
    )


def _changed(event: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    change = event.get("change_type")
    state = _CHANGES.get(change if isinstance(change, int) else 0, DeskState.NEW)
    staff = str(event.get("new_servicer_userid") or "")
    return facts.DESK_SESSION_CHANGED, {"session": str(state), "servicer": staff}, {}


def _failed(event: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    kind = event.get("fail_type")
    reason = _FAILURES.get(kind if isinstance(kind, int) else 0, "not_delivered")
    failed = str(event.get("fail_msgid") or "")
    return facts.SEND_FINISHED, {"failure": reason, "remote_id": failed}, {}


_EVENTS = {
    "enter_session": _entered,
    "session_status_change": _changed,
    "msg_send_fail": _failed,
}


def _fact(
    message: wire.Message,
    account: AccountConfig,
    seen_at: int,
    *,
    name: str,
    properties: dict[str, Any],
    private: dict[str, Any],
) -> Fact:
    external = message.external_userid or str(message.event.get("external_userid", ""))
    desk = message.open_kfid or str(message.event.get("open_kfid", ""))
    at = message.send_time * 1000
    return Fact(
        name=name,
        at=at,
        received_at=seen_at,
        source=account.key,
        message_id=f"kf:{message.msgid}",
        platform=PLATFORM,
        identities=(customer_identity(account, external),),
        account=account.key,
        staff=message.servicer_userid,
        properties={"desk": desk, **{key: value for key, value in properties.items() if value}},
        private={**private, "conversation_id": thread_of(desk, external)},
        is_late=at < seen_at - LATE_MS,
    )
