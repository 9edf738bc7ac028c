"""Messages and events of an official account → facts; fans → facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from siyu.kernel.ids import digest
from siyu.platforms.wechat_oa import wire
from siyu.ports import facts
from siyu.ports.capabilities import AccountConfig
from siyu.ports.facts import Fact
from siyu.wechat.bodies import many
from siyu.wechat.callbacks import required
from siyu.wechat.origin import Origin, person, seconds_ms
from siyu.wechat.permits import permit_change

NAMESPACE = "wechat_oa_openid"
SUBSCRIBE = "wechat_oa.subscribe"
SCENE_PREFIX = "qrscene_"
EVIDENCE = "公众号粉丝资料里同时有 OpenID 与 UnionID"
FORGET: dict[str, Any] = {"name": None, "avatar": None}
"""What the account told of a person and must not keep once he or she leaves or revokes it
(developers.weixin.qq.com 关注/取消关注事件, read 2026-11)."""
_WORDS = {"text": "Content", "voice": "Recognition", "link": "Title", "location": "Label"}
_Read = Callable[[Mapping[str, Any], Origin], list[Fact]]


def event_facts(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    """The facts of a message; [] for events we do not know. Refused when malformed."""
    kind = required(fields, "MsgType")
    if kind != "event":
        return [_message(fields, origin, kind)]
    read = _EVENTS.get(str(fields.get("Event", "")).lower())
    return read(fields, origin) if read else []


def fan_fact(fan: wire.Fan, account: AccountConfig, tags: Mapping[int, str], seen_at: int) -> Fact:
    """A fan as a pull found it. seen_at: ms, taken before the platform was asked."""
    at = seen_at // 1000 * 1000
    properties = {
        "state": fan.qr_scene_str or (str(fan.qr_scene) if fan.qr_scene else ""),
        "follow_scene": fan.subscribe_scene.removeprefix("ADD_SCENE_").lower(),
        "added_at": fan.subscribe_time * 1000,
    }
    named = [
        {"remote_id": str(tag_id), "group": "公众号标签", "name": tags[tag_id]}
        for tag_id in fan.tagid_list
        if tags.get(tag_id)
    ]
    private: dict[str, Any] = {"tags": named, **({"remark": fan.remark} if fan.remark else {})}
    key = [at, account.key, fan.openid, properties, private, fan.unionid]
    return Fact(
        name=facts.FRIEND_SYNCED,
        at=at,
        received_at=seen_at,
        source=account.key,
        message_id=f"sync:{digest(msgspec.json.encode(key)).hex()}",
        platform=account.platform,
        identities=person(account, NAMESPACE, fan.openid, fan.unionid),
        account=account.key,
        evidence=EVIDENCE if fan.unionid else "",
        properties={name: value for name, value in properties.items() if value},
        private=private,
    )


def gone_fact(account: AccountConfig, openid: str, seen_at: int) -> Fact:
    """A fan that a pull begun at `seen_at` (ms) no longer found."""
    at = seen_at // 1000 * 1000
    return Fact(
        name=facts.UNFOLLOWED,
        at=at,
        received_at=seen_at,
        source=account.key,
        message_id=f"gone:{digest(f'{account.key}|{openid}|{at}'.encode()).hex()}",
        platform=account.platform,
        identities=person(account, NAMESPACE, openid),
        account=account.key,
        properties={"found_by": "sync", "trait_mode": "unset"},
        traits=dict(FORGET),
    )


def _message(fields: Mapping[str, Any], origin: Origin, kind: str) -> Fact:
    words = fields.get(_WORDS.get(kind, ""), "")
    return _fact(
        fields,
        origin,
        facts.MESSAGE_RECEIVED,
        properties={"message_type": kind},
        private={"text": str(words or ""), "server_message_id": str(fields.get("MsgId", ""))},
    )


def _followed(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    scene = str(fields.get("EventKey") or "").removeprefix(SCENE_PREFIX)
    return [_fact(fields, origin, facts.FOLLOWED, properties={"state": scene} if scene else {})]


def _unfollowed(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    forgotten = {"properties": {"trait_mode": "unset"}, "traits": dict(FORGET)}
    return [_fact(fields, origin, facts.UNFOLLOWED, **forgotten)]


def _scanned(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    scene = required(fields, "EventKey")
    return [_fact(fields, origin, facts.CODE_SCANNED, properties={"state": scene})]


def _clicked(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    return [_fact(fields, origin, facts.MENU_CLICKED, properties={"key": _key(fields)})]


def _viewed(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    return [_fact(fields, origin, facts.MENU_VIEWED, properties={"target": _key(fields)})]


def _located(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    """Where somebody is stays among what is private."""
    place = {name.lower(): str(fields.get(name, "")) for name in ("Latitude", "Longitude")}
    return [_fact(fields, origin, facts.LOCATION_REPORTED, private=place)]


def _template_finished(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    status = str(fields.get("Status", ""))
    failure = "" if status == "success" else status.removeprefix("failed:").strip()
    properties = {"remote_id": str(fields.get("MsgID", "")), "failure": failure.replace(" ", "_")}
    return [_fact(fields, origin, facts.SEND_FINISHED, properties=properties)]


def _mass_finished(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    counts = {
        name: int(str(fields.get(wire_name) or 0))
        for name, wire_name in (
            ("total", "TotalCount"),
            ("filtered", "FilterCount"),
            ("sent", "SentCount"),
            ("failed", "ErrorCount"),
        )
    }
    properties = {
        "remote_id": str(fields.get("MsgID", "")),
        "status": str(fields.get("Status", "")),
        **counts,
    }
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    return [origin.fact(facts.MASS_SEND_FINISHED, at, properties=properties)]


def _permits(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    """Answers to a subscribe pop-up, or a change in the settings; one fact for each template."""
    is_popup = str(fields["Event"]).lower() == "subscribe_msg_popup_event"
    body = fields.get("SubscribeMsgPopupEvent" if is_popup else "SubscribeMsgChangeEvent")
    found = []
    for number, item in enumerate(many(_items(body))):
        properties = {"template": required(item, "TemplateId"), "channel": SUBSCRIBE}
        change = permit_change(item, is_popup=is_popup)
        found.append(
            _fact(
                fields,
                origin,
                facts.PERMIT_CHANGED,
                properties={**properties, "change": change},
                message_id=f"{origin.message_id}:{number}",
            )
        )
    return found


def _notice_sent(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    found = []
    for number, item in enumerate(many(_items(fields.get("SubscribeMsgSentEvent")))):
        is_sent = str(item.get("ErrorCode", "0")) == "0"
        failure = "" if is_sent else str(item.get("ErrorStatus") or item.get("ErrorCode"))
        found.append(
            _fact(
                fields,
                origin,
                facts.SEND_FINISHED,
                properties={"remote_id": str(item.get("MsgID", "")), "failure": failure[:40]},
                message_id=f"{origin.message_id}:{number}",
            )
        )
    return found


def _revoked(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    """The person took back the authorisation of data: nothing more may be sent, and what the
    account told of him or her is forgotten."""
    properties = {
        "channel": "*",
        "purpose": "marketing",
        "is_granted": False,
        "trait_mode": "unset",
    }
    openid = str(fields.get("OpenID") or fields.get("FromUserName") or "")
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    identities = person(origin.account, NAMESPACE, openid) if openid else ()
    told = {"identities": identities, "properties": properties, "traits": dict(FORGET)}
    return [origin.fact("consent_changed", at, **told)]


_EVENTS: dict[str, _Read] = {
    "subscribe": _followed,
    "unsubscribe": _unfollowed,
    "scan": _scanned,
    "click": _clicked,
    "view": _viewed,
    "view_miniprogram": _viewed,
    "location": _located,
    "templatesendjobfinish": _template_finished,
    "masssendjobfinish": _mass_finished,
    "subscribe_msg_popup_event": _permits,
    "subscribe_msg_change_event": _permits,
    "subscribe_msg_sent_event": _notice_sent,
    "user_authorization_revoke": _revoked,
}


def _fact(fields: Mapping[str, Any], origin: Origin, name: str, **more: Any) -> Fact:
    openid = required(fields, "FromUserName")
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    return origin.fact(name, at, identities=person(origin.account, NAMESPACE, openid), **more)


def _items(body: Any) -> Any:
    """`List` comes once or repeated; in JSON it may be the body itself."""
    return body.get("List") if isinstance(body, Mapping) else body


def _key(fields: Mapping[str, Any]) -> str:
    return str(fields.get("EventKey") or "")[:500]
