"""The builder's catalogue with the values this deployment knows."""

from __future__ import annotations

from typing import Any

from siyu.core.access import Actor
from siyu.core.runtime import runtime
from siyu.lake.session import open_session
from siyu.ports.manifest import list_platforms, load_manifest
from siyu.segments.fields import catalogue
from siyu.segments.queries import list_segments

MAX_EVENTS = 200
MAX_AGE_S = 60.0


def build_catalogue(actor: Actor) -> list[dict[str, Any]]:
    """Groups of fields; tags and event names as seen in the last minute."""
    tags, events = _seen()
    return catalogue(
        platforms=_platforms(),
        namespaces=[
            {"value": rule.name, "zh": rule.zh, "en": rule.en} for rule in runtime().namespaces
        ],
        tags=tags,
        events=events,
        segments=[
            {"value": row.id, "zh": row.name, "en": row.name} for row in list_segments(actor)
        ],
    )


def _platforms() -> list[dict[str, str]]:
    known = [load_manifest(name) for name in list_platforms()]
    named = [{"value": found.name, "zh": found.zh, "en": found.en} for found in known]
    return [*named, {"value": "web", "zh": "网站/商城", "en": "Web"}]


def _seen() -> tuple[list[dict[str, Any]], list[str]]:
    with open_session(max_age=MAX_AGE_S) as session:
        tags = session.execute(
            "SELECT DISTINCT tag_id, tag_group, tag_name FROM tags ORDER BY 2, 3, 1"
        ).fetchall()
        events = session.execute(
            f"SELECT name FROM events GROUP BY name ORDER BY count(*) DESC LIMIT {MAX_EVENTS}"  # noqa: S608
        ).fetchall()
    shown = [
        {"value": tag_id, "zh": f"{group} / {name}", "en": f"{group} / {name}"}
        for tag_id, group, name in tags
    ]
    return shown, [row[0] for row in events]
