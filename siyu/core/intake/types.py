"""What a request brings along for all of its items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Arrival:
    """source: name of the write key; received_at, sent_at: milliseconds.

    default_type: the call a path names (`/v1/track`). context: shared by all items of a batch.
    """

    source: str
    platform: str
    received_at: int
    sent_at: int | None = None
    default_type: str = ""
    context: dict[str, Any] = field(default_factory=dict)
