"""Wire → facts; pure. Names and texts stay out of `properties`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.kernel.ids import digest
from siyu.platforms.wecom import wire
from siyu.ports import facts
from siyu.ports.capabilities import AccountConfig
from siyu.ports.facts import Fact

PLATFORM = "wecom"
NAMESPACE = "wecom_external_userid"
AHEAD_MS = 300_000
LATE_MS = 86_400_000
GENDERS = {1: "male", 2: "female"}
_CONTACT_EVENTS = {
    "add_external_contact": facts.FRIEND_ADDED,
    "add_half_external_contact": facts.FRIEND_HALF_ADDED,
    "edit_external_contact": facts.FRIEND_EDITED,
    "del_external_contact": facts.FRIEND_REMOVED,
    "del_follow_user": facts.FRIEND_LOST,
    "transfer_fail": facts.TRANSFER_FAILED,
    "msg_audit_approved": facts.ARCHIVE_AGREED,
}
LEFT = "del_member"
_LEAVES = {"0": "left", "1": "removed"}
_LINK_CHANGES = {
    "balance_low",
    "balance_exhausted",
    "balance_increased",
    "quota_expire_soon",
    "link_unavailable",
    "delete_link",
}
_DESK_RIGHTS = {"AuthAddOpenKfId": "granted", "AuthDelOpenKfId": "withdrawn"}
_EVIDENCE = "企业微信客户资料里同时有客户 ID 与 UnionID"
TagNames = Mapping[str, tuple[str, str]]
"""Tag id → (group name, tag name)."""


@dataclass(frozen=True)
class Arrival:
    """When and as what a callback came. received_at in milliseconds."""

    received_at: int
    message_id: str


def event_facts(event: Mapping[str, str], account: AccountConfig, arrival: Arrival) -> list[Fact]:
    """The facts of a decrypted event; [] for kinds we do not know."""
    read = _READERS.get(event.get("Event", ""))
    return read(event, account, arrival) if read else []


def _contact_facts(
    event: Mapping[str, str], account: AccountConfig, arrival: Arrival
) -> list[Fact]:
    is_known = event.get("ChangeType") in _CONTACT_EVENTS
    return [_contact_fact(event, account, arrival)] if is_known else []


def _contact_fact(event: Mapping[str, str], account: AccountConfig, arrival: Arrival) -> Fact:
    state, source = event.get("State", ""), event.get("Source") or event.get("FailReason", "")
    code = event.get("WelcomeCode", "")
    return _fact(
        event,
        account,
        arrival,
        name=_CONTACT_EVENTS[event["ChangeType"]],
        identities=(customer_identity(account, _required(event, "ExternalUserID")),),
        staff=_required(event, "UserID"),
        properties={
            **({"state": state} if state else {}),
            **({"reason": source.lower()} if source else {}),
        },
        private={"welcome_code": code} if code else {},
    )


def acquisition_facts(
    event: Mapping[str, str], account: AccountConfig, arrival: Arrival
) -> list[Fact]:
    """Events of acquisition links; clicks and requests, which name nobody, give none."""
    change = _required(event, "ChangeType")
    link = {"remote_id": event["LinkId"]} if event.get("LinkId") else {}
    if change == "customer_start_chat":
        who = customer_identity(account, _required(event, "ExternalUserID"))
        more = {"name": facts.FIRST_SPOKE, "identities": (who,), "staff": event.get("UserID", "")}
        return [_fact(event, account, arrival, properties=link, **more)]
    if change not in _LINK_CHANGES:
        return []
    properties = {"change": change, **link}
    return [_fact(event, account, arrival, name=facts.ACQUISITION_CHANGED, properties=properties)]


def _tag_fact(event: Mapping[str, str], account: AccountConfig, arrival: Arrival) -> Fact:
    return _fact(
        event,
        account,
        arrival,
        name=facts.TAG_CATALOG_CHANGED,
        properties={
            "change": _required(event, "ChangeType"),
            "tag_type": event.get("TagType", ""),
            "remote_id": event.get("Id", ""),
        },
    )


def _group_fact(event: Mapping[str, str], account: AccountConfig, arrival: Arrival) -> Fact:
    """A change of a group. Who joined or left is in `private`, where known: ids of the corp."""
    detail, members = event.get("UpdateDetail", ""), event.get("MemChangeList", "")
    properties = {
        "change": _required(event, "ChangeType"),
        "detail": detail,
        "remote_id": _required(event, "ChatId"),
        "version": event.get("CurMemVer", ""),
        "leave_kind": _LEAVES.get(event.get("QuitScene", ""), "") if detail == LEFT else "",
    }
    return _fact(
        event,
        account,
        arrival,
        name=facts.GROUP_CHANGED,
        properties={name: value for name, value in properties.items() if value},
        private={"members": [one for one in members.split(",") if one]} if members else {},
    )


def _desk_fact(event: Mapping[str, str], account: AccountConfig, arrival: Arrival) -> Fact:
    return _fact(
        event,
        account,
        arrival,
        name=facts.DESK_CALLED,
        properties={"desk": _required(event, "OpenKfId")},
        private={"token": event.get("Token", "")},
    )


def _desk_right_facts(
    event: Mapping[str, str], account: AccountConfig, arrival: Arrival
) -> list[Fact]:
    """One fact for each desk the app gained or lost (path/97712); what was lost comes last."""
    told = [
        (desk, change)
        for field, change in _DESK_RIGHTS.items()
        for desk in event.get(field, "").split(",")
        if desk
    ]
    return [
        _fact(
            event,
            account,
            replace(arrival, message_id=f"{arrival.message_id}:{number}"),
            name=facts.DESK_RIGHT_CHANGED,
            properties={"desk": desk, "change": change},
        )
        for number, (desk, change) in enumerate(told)
    ]


def _directory_facts(
    event: Mapping[str, str], account: AccountConfig, arrival: Arrival
) -> list[Fact]:
    change, _, what = event.get("ChangeType", "").partition("_")
    if what == "user":
        return [_staff_fact(event, account, arrival)]
    if what == "party":
        properties = {"change": change, "remote_id": _required(event, "Id")}
        name = facts.DEPARTMENT_CHANGED
        return [_fact(event, account, arrival, name=name, properties=properties)]
    return []


def _staff_fact(event: Mapping[str, str], account: AccountConfig, arrival: Arrival) -> Fact:
    after = event.get("NewUserID", "")
    if after and after != _required(event, "UserID"):
        properties = {"before": event["UserID"]}
        name = facts.STAFF_RENAMED
        return _fact(event, account, arrival, name=name, staff=after, properties=properties)
    return _fact(
        event,
        account,
        arrival,
        name=facts.STAFF_SYNCED,
        staff=_required(event, "UserID"),
        properties={"change": event["ChangeType"].removesuffix("_user")},
    )


def _fact(event: Mapping[str, str], account: AccountConfig, arrival: Arrival, **more: Any) -> Fact:
    at = _seconds(event, "CreateTime") * 1000
    is_ahead = at > arrival.received_at + AHEAD_MS
    properties = dict(more.pop("properties", {}))
    if is_ahead:
        properties["clock"] = "ahead"
    return Fact(
        at=arrival.received_at if is_ahead else at,
        received_at=arrival.received_at,
        source=account.key,
        message_id=arrival.message_id,
        platform=PLATFORM,
        account=account.key,
        properties=properties,
        is_late=at < arrival.received_at - LATE_MS,
        **more,
    )


def relation_fact(
    contact: wire.ExternalContact,
    follow: wire.FollowUser,
    *,
    account: AccountConfig,
    tag_names: TagNames,
    seen_at: int,
) -> Fact:
    """One relation as a pull found it. seen_at: ms, taken before the platform was asked.

    The fact's time is cut to the second, as the platform cuts the times of its events: a loss
    that happened while we were asking is then not older than this sighting. When the relation
    began is in `properties["added_at"]` (ms).
    """
    at = seen_at // 1000 * 1000
    properties = {
        "state": follow.state,
        "add_way": follow.add_way,
        "contact_type": contact.type,
        "added_at": follow.createtime * 1000,
    }
    traits, private = _traits(contact), _private(follow, tag_names)
    key = [at, account.key, follow.userid, contact.external_userid, properties, traits, private]
    return Fact(
        name=facts.FRIEND_SYNCED,
        at=at,
        received_at=seen_at,
        source=account.key,
        message_id=f"sync:{digest(msgspec.json.encode(key)).hex()}",
        platform=PLATFORM,
        identities=_identities(contact, account),
        account=account.key,
        staff=follow.userid,
        evidence=_EVIDENCE if contact.unionid else "",
        properties={name: value for name, value in properties.items() if value},
        traits=traits,
        private=private,
    )


def end_fact(external_userid: str, userid: str, seen_at: int, account: AccountConfig) -> Fact:
    """A relation that a pull begun at `seen_at` (ms) no longer found; nobody told who ended it."""
    at = seen_at // 1000 * 1000
    key = f"{account.key}|{userid}|{external_userid}|{at}"
    return Fact(
        name=facts.FRIEND_LOST,
        at=at,
        received_at=seen_at,
        source=account.key,
        message_id=f"gone:{digest(key.encode()).hex()}",
        platform=PLATFORM,
        identities=(customer_identity(account, external_userid),),
        account=account.key,
        staff=userid,
        properties={"found_by": "sync"},
    )


def customer_identity(account: AccountConfig, external_userid: str) -> Identity:
    """The customer's id inside this corp."""
    return Identity(NAMESPACE, account.remote_id, external_userid)


def _identities(contact: wire.ExternalContact, account: AccountConfig) -> tuple[Identity, ...]:
    own = customer_identity(account, contact.external_userid)
    if not contact.unionid:
        return (own,)
    scope = account.fields.get("open_account", "")
    return (own, Identity("wx_unionid", scope, contact.unionid))


def _traits(contact: wire.ExternalContact) -> dict[str, Any]:
    traits = {
        "name": contact.name,
        "avatar": contact.avatar,
        "gender": GENDERS.get(contact.gender, ""),
        "company": contact.corp_name,
    }
    return {name: value for name, value in traits.items() if value}


def _private(follow: wire.FollowUser, tag_names: TagNames) -> dict[str, Any]:
    private: dict[str, Any] = {
        "remark": follow.remark,
        "description": follow.description,
        "remark_company": follow.remark_corp_name,
        "remark_mobiles": [mobile for mobile in follow.remark_mobiles or [] if mobile],
        "tags": _tags(follow, tag_names),
    }
    return {name: value for name, value in private.items() if value or name == "tags"}


def _tags(follow: wire.FollowUser, tag_names: TagNames) -> list[dict[str, str]]:
    """Tags of the relation; personal ones have no id. `batch` gives ids only."""
    named = [
        {"remote_id": tag.tag_id, "group": tag.group_name, "name": tag.tag_name}
        for tag in follow.tags
    ]
    listed = [
        {"remote_id": tag_id, "group": tag_names[tag_id][0], "name": tag_names[tag_id][1]}
        for tag_id in follow.tag_id
        if tag_id in tag_names
    ]
    return [tag for tag in named + listed if tag["name"]]


def _required(event: Mapping[str, str], field: str) -> str:
    value = event.get(field, "")
    if not value:
        raise Refused("wecom.event", f"企业微信事件缺少 {field}", field=field)
    return value


def _seconds(event: Mapping[str, str], field: str) -> int:
    text = _required(event, field)
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise Refused("wecom.event", f"企业微信事件的 {field} 不是时间", field=field)
    return int(text)


_Reader = Callable[[Mapping[str, str], AccountConfig, Arrival], list[Fact]]
_READERS: dict[str, _Reader] = {
    "change_external_contact": _contact_facts,
    "change_external_tag": lambda *told: [_tag_fact(*told)],
    "change_external_chat": lambda *told: [_group_fact(*told)],
    "kf_msg_or_event": lambda *told: [_desk_fact(*told)],
    "kf_account_auth_change": _desk_right_facts,
    "customer_acquisition": acquisition_facts,
    "change_contact": _directory_facts,
}
