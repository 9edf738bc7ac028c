"""The builder's catalogue: what may be asked, of which type, and the values known here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from siyu.core.access import Actor
from siyu.core.runtime import runtime
from siyu.lake.session import open_session
from siyu.ports.manifest import list_platforms, load_manifest
from siyu.segments.fields import (
    CMPS,
    EVENT_MEASURES,
    EVENTS,
    LINE_PROPERTIES,
    NEVER_MISSING,
    ORDER_MEASURES,
    ORDER_PROPERTIES,
    SIGNS,
    STAGES,
    TOUCH_MEASURES,
    TRAITS,
    Field,
    Kind,
    custom_fields,
    group_names,
)
from siyu.segments.queries import list_segments
from siyu.segments.types import (
    MAX_DAYS,
    MAX_DEPTH,
    MAX_LIST,
    MAX_NODES,
    MAX_STEPS,
    MAX_TEXT,
)

MAX_EVENTS = 200
MAX_VALUES = 500
MAX_AGE_S = 60.0
SAMPLED = 20_000
MISSING = {
    "zh": "没有值的客户不满足该条件; 只有“≠、∉、不包含”和“没有值”例外。次数与金额从不缺失, 没有就是 0。",
    "en": "Who has no value does not fulfil the condition, except for ≠, ∉, 'does not contain' and "
    "'has no value'. Counts and sums are never missing: they are 0.",
}
LIMITS = {
    "nodes": MAX_NODES,
    "depth": MAX_DEPTH,
    "list": MAX_LIST,
    "text": MAX_TEXT,
    "days": MAX_DAYS,
    "steps": MAX_STEPS,
}
_TAKES = {"in": "many", "not_in": "many", "between": "two", "exists": "bool"}
_SIGNS_EN = {
    "in": "is one of",
    "not_in": "is none of",
    "between": "between",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "matches": "matches (RE2)",
    "exists": "has a value",
}
_TOUCH_STATES = (
    ("planned", "已计划", "Planned"),
    ("accepted", "待确认", "Accepted"),
    ("delivered", "已送达", "Delivered"),
    ("failed", "失败", "Failed"),
    ("suppressed", "未发 (规则)", "Suppressed"),
    ("expired", "过期", "Expired"),
    ("unknown", "不明", "Unknown"),
)
_CONSENTS = (
    ("granted", "已同意", "Granted"),
    ("withdrawn", "已拒绝", "Withdrawn"),
    ("unknown", "未表态", "Never said"),
)


@dataclass
class Known:
    """Values this deployment has seen."""

    tags: list[dict[str, Any]] = field(default_factory=list)
    tag_groups: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)


def build_catalogue(actor: Actor) -> dict[str, Any]:
    """Groups of fields, comparisons, limits and the rule for missing values."""
    known = _seen()
    platforms = _platforms()
    return {
        "groups": [
            _group("profile", "客户", "Customer", _profile(platforms)),
            _group("tag", "标签", "Tags", _tags(known)),
            _group("platform", "平台与触达", "Platforms and reach", _platform(platforms, known)),
            _group("order", "订单", "Orders", _orders()),
            _group("event", "行为", "Events", _events(known)),
            _group("touch", "触达记录", "Touches", _touches(known)),
            _group(
                "rfm", "RFM", "RFM", [_entry("rfm", "rfm", ("RFM 分值", "RFM scores"), "scores")]
            ),
            _group("group", "社群", "Customer groups", _groups(actor)),
            _group("segment", "其他人群", "Other segments", _segments(actor)),
        ],
        "cmps": [
            {
                "value": cmp,
                "zh": sign,
                "en": _SIGNS_EN.get(cmp, sign),
                "takes": _TAKES.get(cmp, "one"),
            }
            for cmp, sign in SIGNS.items()
        ],
        "missing": MISSING,
        "limits": LIMITS,
    }


def _entry(op: str, name: str, names: tuple[str, str], kind: str, **rest: Any) -> dict[str, Any]:
    """One field of the builder; `rest` overrides what is usual."""
    return {
        "op": op,
        "field": name,
        "zh": names[0],
        "en": names[1],
        "type": kind,
        "cmps": [],
        "values": [],
        "missing": "never",
        "windows": False,
        "has": False,
        "where": [],
    } | rest


def _group(key: str, zh: str, en: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"key": key, "zh": zh, "en": en, "fields": fields}


def _value(value: Any, zh: str = "", en: str = "") -> dict[str, Any]:
    return {"value": value, "zh": zh or str(value), "en": en or zh or str(value)}


def _profile(platforms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        _entry(
            "trait",
            found.name,
            (found.zh, found.en),
            _shown_kind(found.name, found.kind),
            cmps=list(found.cmps),
            values=_trait_values(found, platforms),
            missing="never" if found.kind == "number" and not found.key else "fails",
        )
        for found in (*TRAITS.values(), *custom_fields().values())
    ]


def _trait_values(found: Field, platforms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if found.name == "stage":
        return [_value(*row) for row in STAGES]
    if found.name == "first_platform":
        return platforms
    return [_value(*row) for row in found.choices]


def _shown_kind(name: str, kind: Kind) -> str:
    return "money" if name.endswith("_fen") else kind


def _tags(known: Known) -> list[dict[str, Any]]:
    groups = [_value(name) for name in known.tag_groups]
    common = {"has": True, "windows": True}
    return [
        _entry("tag", "tag_id", ("标签", "Tag"), "choice", values=known.tags, **common),
        _entry("tag", "group", ("标签组", "Tag group"), "choice", values=groups, **common),
    ]


def _platform(platforms: list[dict[str, Any]], known: Known) -> list[dict[str, Any]]:
    namespaces = [_value(rule.name, rule.zh, rule.en) for rule in runtime().namespaces]
    channels = [_value("any", "任一渠道", "Any channel"), *platforms]
    asked = [_value("*", "全部渠道", "All channels"), *map(_value, known.channels)]
    states = [_value(*row) for row in _CONSENTS]
    return [
        _entry(
            "platform",
            "platform",
            ("出现过的平台", "Seen on platform"),
            "choice",
            values=platforms,
            has=True,
        ),
        _entry(
            "identity",
            "namespace",
            ("拥有的身份", "Has identity"),
            "choice",
            values=namespaces,
            has=True,
        ),
        _entry(
            "reachable", "channel", ("可触达", "Reachable"), "choice", values=channels, has=True
        ),
        _entry(
            "consent",
            "state",
            ("同意与拒绝", "Consent"),
            "choice",
            values=states,
            where=[
                {
                    "property": "channel",
                    "zh": "渠道",
                    "en": "Channel",
                    "type": "choice",
                    "values": asked,
                },
                {
                    "property": "purpose",
                    "zh": "用途",
                    "en": "Purpose",
                    "type": "choice",
                    "values": [
                        _value("marketing", "营销", "Marketing"),
                        _value("service", "服务", "Service"),
                    ],
                },
            ],
        ),
    ]


def _measures(
    op: str, measures: dict[str, tuple[str, str, Kind]], **rest: Any
) -> list[dict[str, Any]]:
    return [
        _entry(
            op,
            name,
            (zh, en),
            _shown_kind(name, kind),
            cmps=list(CMPS[kind]),
            missing="never" if name in NEVER_MISSING else "fails",
            windows=True,
            **rest,
        )
        for name, (zh, en, kind) in measures.items()
    ]


def _orders() -> list[dict[str, Any]]:
    where = [
        {
            "property": name,
            "zh": zh,
            "en": en,
            "type": _shown_kind(name, kind),
            "values": [],
            "of_line": name in LINE_PROPERTIES,
        }
        for name, (zh, en, kind) in ORDER_PROPERTIES.items()
    ]
    return _measures("order", ORDER_MEASURES, where=where)


def _events(known: Known) -> list[dict[str, Any]]:
    names = {name: _value(name, zh, en) for name, (zh, en) in EVENTS.items()}
    for name in known.events:
        names.setdefault(name, _value(name))
    where = [
        {"property": name, "event": event, "zh": name, "en": name, "type": kind, "values": []}
        for event, name, kind in known.properties
    ]
    values = list(names.values())
    return [
        *_measures("event", EVENT_MEASURES, values=values, where=where),
        _entry(
            "sequence",
            "steps",
            ("行为序列", "Sequence of events"),
            "steps",
            values=values,
            where=where,
            windows=True,
        ),
    ]


def _touches(known: Known) -> list[dict[str, Any]]:
    listed = (
        ("campaign", "活动", "Campaign", [_value(name) for name in known.campaigns]),
        ("channel", "渠道", "Channel", [_value(name) for name in known.channels]),
        (
            "purpose",
            "用途",
            "Purpose",
            [_value("marketing", "营销", "Marketing"), _value("service", "服务", "Service")],
        ),
        ("states", "状态", "State", [_value(*row) for row in _TOUCH_STATES]),
    )
    where = [
        {"property": name, "zh": zh, "en": en, "type": "choice", "values": values}
        for name, zh, en, values in listed
    ]
    return _measures("touch", TOUCH_MEASURES, where=where)


def _groups(actor: Actor) -> list[dict[str, Any]]:
    values = [_value(0, "任一社群", "Any group"), *(_value(*row) for row in group_names(actor))]
    return [
        _entry("in_group", "group_id", ("在社群里", "In group"), "choice", values=values, has=True)
    ]


def _segments(actor: Actor) -> list[dict[str, Any]]:
    values = [_value(row.id, row.name) for row in list_segments(actor)]
    return [
        _entry(
            "segment", "segment_id", ("属于人群", "In segment"), "choice", values=values, has=True
        )
    ]


def _platforms() -> list[dict[str, Any]]:
    known = [load_manifest(name) for name in list_platforms()]
    named = [_value(found.name, found.zh, found.en) for found in known]
    return [*named, _value("web", "网站/商城", "Web")]


def _seen() -> Known:
    """What is there, at most a minute old; properties as in a sample of the newest events."""
    with open_session(max_age=MAX_AGE_S) as session:

        def rows(sql: str) -> list[Any]:
            return session.execute(sql).fetchall()

        tags = rows("SELECT DISTINCT tag_id, tag_group, tag_name FROM tags ORDER BY 2, 3, 1")
        events = rows(
            f"SELECT name FROM events GROUP BY name ORDER BY count(*) DESC LIMIT {MAX_EVENTS}"  # noqa: S608
        )
        properties = rows(_PROPERTIES_SQL)
        campaigns = rows(
            f"SELECT DISTINCT campaign FROM touches ORDER BY 1 LIMIT {MAX_VALUES}"  # noqa: S608
        )
        channels = rows("SELECT DISTINCT channel FROM touches WHERE channel <> '' ORDER BY 1")
    return Known(
        tags=[_value(tag, f"{group} / {name}") for tag, group, name in tags],
        tag_groups=list(dict.fromkeys(group for _, group, _ in tags)),
        events=[row[0] for row in events],
        properties=[
            (event, name, _KINDS.get(kind, "text"))
            for event, name, kind in properties
            if re.fullmatch(r"[\w$][\w$ .\-]{0,63}", name)
        ],
        campaigns=[row[0] for row in campaigns],
        channels=[row[0] for row in channels],
    )


_KINDS = dict.fromkeys(("BIGINT", "UBIGINT", "DOUBLE", "HUGEINT"), "number") | {"BOOLEAN": "bool"}
_PROPERTIES_SQL = f"""
SELECT name, property, max(kind) FROM (
  SELECT name, property, json_type(properties, '$."' || property || '"') AS kind FROM (
    SELECT name, properties, unnest(json_keys(properties)) AS property
    FROM (SELECT name, properties FROM events WHERE properties <> '{{}}' LIMIT {SAMPLED})))
WHERE kind NOT IN ('NULL', 'OBJECT', 'ARRAY') GROUP BY ALL ORDER BY 1, 2 LIMIT {MAX_VALUES}
"""  # noqa: S608 - constants only
