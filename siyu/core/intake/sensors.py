"""神策 records (`/sa`) → facts.

https://manual.sensorsdata.cn/sa/latest/tech_super_data_import-17571950.html (数据格式)
"""

from __future__ import annotations

from typing import Any

from siyu.core.intake import privacy
from siyu.core.intake.names import fact_name
from siyu.core.intake.people import People, note_text
from siyu.core.intake.strict import check_caps
from siyu.core.intake.times import LATE_MS, read_time, settle_time
from siyu.core.intake.types import Arrival
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.kernel.ids import digest
from siyu.ports.facts import IDENTIFIED, IDENTITY_UNBOUND, MERGED_BY_ALIAS, Fact

VOLATILE = frozenset({"_flush_time", "token", "lib"})
_PROFILES = {
    "profile_set": "set",
    "profile_set_once": "set_once",
    "profile_increment": "increment",
    "profile_append": "append",
    "profile_unset": "unset",
}
_LINKS = {
    "track_signup": "signed_up",
    "track_id_bind": MERGED_BY_ALIAS,
    "track_id_unbind": IDENTITY_UNBOUND,
}
_NAMESPACES = {
    "$identity_login_id": "user_id",
    "$identity_mobile": "phone",
    "$identity_email": "email",
    "$identity_mp_unionid": "wx_unionid",
    "$identity_anonymous_id": "anonymous_id",
    "$identity_cookie_id": "anonymous_id",
    "$identity_android_id": "anonymous_id",
    "$identity_android_uuid": "anonymous_id",
    "$identity_idfv": "anonymous_id",
    "$identity_ios_uuid": "anonymous_id",
    "$identity_mp_id": "anonymous_id",
}
_SCOPED = frozenset({"user_id", "anonymous_id"})
_DROPPED = frozenset({"$lib_detail", "$lib_method", "$is_login_id", "$ip"})


def read_sensors(item: dict[str, Any], canonical: bytes, arrival: Arrival, people: People) -> Fact:
    """The fact of one record; Refused with code and field when it cannot be one."""
    kind = item.get("type")
    if kind != "track" and kind not in _PROFILES and kind not in _LINKS:
        raise Refused("event.type", f"不支持的 type {kind!r}", field="type")
    received_at = arrival.received_at
    values = item.get("properties") or {}
    if type(values) is not dict:
        raise Refused("event.type", "properties 须为对象", field="properties")
    check_caps(values, "properties", len(canonical))
    at = settle_time(read_time(item.get("time"), "time"), None, received_at)
    notes: list[str] = []
    identities = _identities({**item, "properties": values}, arrival.source, notes, people)
    properties, traits, private = _values(kind, values, canonical)
    if notes:
        private["notes"] = note_text(notes)
    return Fact(
        name=_name(kind, item),
        at=at,
        received_at=received_at,
        source=arrival.source,
        message_id=digest(canonical).hex(),
        platform=arrival.platform,
        identities=tuple(identities),
        evidence=f"sensors.{kind}",
        properties=properties,
        traits=traits,
        private=private,
        is_late=at < received_at - LATE_MS,
    )


def _name(kind: str, item: dict[str, Any]) -> str:
    if kind in _PROFILES:
        return IDENTIFIED
    if kind in _LINKS:
        return _LINKS[kind]
    event = item.get("event")
    if type(event) is not str:
        raise Refused("event.name", "track 需要 event", field="event")
    return fact_name(event)


def _identities(
    item: dict[str, Any], source: str, notes: list[str], people: People
) -> list[Identity]:
    found: list[Identity] = []
    kind, values = item["type"], item["properties"]
    given = item.get("identities")
    if isinstance(given, dict) and given:
        for key, value in given.items():
            namespace = _NAMESPACES.get(key) or key.removeprefix("$identity_")
            people.add(found, notes, namespace, value, source if namespace in _SCOPED else "")
    else:
        is_login = values.get("$is_login_id") is True or kind == "track_signup"
        distinct = "user_id" if is_login else "anonymous_id"
        people.add(found, notes, distinct, item.get("distinct_id"), source)
    people.add(found, notes, "user_id", item.get("login_id"), source)
    people.add(found, notes, "anonymous_id", item.get("anonymous_id"), source)
    people.add(found, notes, "anonymous_id", item.get("original_id"), source)
    if kind in {"profile_set", "profile_set_once"}:
        people.add_contacts(found, notes, values)
    if not found and not notes:
        raise Refused("event.no_identity", "缺少 distinct_id 或 identities", field="distinct_id")
    return found


def _values(
    kind: str, values: dict[str, Any], canonical: bytes
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """(properties, traits, private) of a record."""
    kept = {key.lstrip("$"): value for key, value in values.items() if key not in _DROPPED}
    mode = _PROFILES.get(kind)
    if mode:
        return ({} if mode == "set" else {"trait_mode": mode}), kept, {}
    properties, private = privacy.split(kept, canonical)
    return properties, {}, private
