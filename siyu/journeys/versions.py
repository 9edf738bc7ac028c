"""Published definitions, read once and kept: a version never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from siyu.journeys.models import Journey, Version
from siyu.journeys.rules import read_definition
from siyu.journeys.types import Definition

_known: dict[str, Definition] = {}


def definitions(journey_ids: Iterable[int]) -> dict[tuple[int, int], Definition]:
    """All published definitions of some journeys, by journey and version."""
    rows = Version.objects.filter(journey_id__in=list(journey_ids)).values_list(
        "journey_id", "version", "digest"
    )
    return {(journey_id, version): _read(digest) for journey_id, version, digest in rows}


def add_version(journey_id: int, definition: dict[str, Any], now: datetime) -> int:
    """Keep a definition as the journey's next version; its number."""
    last = Version.objects.filter(journey_id=journey_id).order_by("-version").first()
    number = (last.version if last else 0) + 1
    raw = msgspec.json.encode(definition, order="sorted")
    Version.objects.create(
        journey_id=journey_id,
        version=number,
        definition=definition,
        digest=hashlib.blake2b(raw, digest_size=16).hexdigest(),
        published_at=now,
    )
    return number


def running() -> dict[int, Journey]:
    """Journeys that are live or paused."""
    return {row.pk: row for row in Journey.objects.exclude(state="draft").defer("draft")}


def _read(digest: str) -> Definition:
    if digest not in _known:
        row = Version.objects.filter(digest=digest).values_list("definition", flat=True)[0]
        _known[digest] = read_definition(row)
    return _known[digest]
