"""What a custom field is, and what is handed out of its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KINDS = (
    "text",
    "number",
    "integer",
    "date",
    "datetime",
    "bool",
    "choice",
    "choices",
    "phone",
    "email",
)
PERSONAL_KINDS = frozenset(("phone", "email"))
ORDERED_KINDS = frozenset(("number", "integer", "date", "datetime"))
LATEST, FIRST, PRIORITY, MAX, MIN, UNION = "latest", "first", "priority", "max", "min", "union"
RULES = (LATEST, FIRST, PRIORITY, MAX, MIN, UNION)


def rules_of(kind: str) -> tuple[str, ...]:
    """The conflict rules a kind of value can have."""
    if kind in ORDERED_KINDS:
        return (LATEST, FIRST, PRIORITY, MAX, MIN)
    return (LATEST, FIRST, PRIORITY, UNION) if kind == "choices" else (LATEST, FIRST, PRIORITY)


@dataclass(frozen=True)
class FieldChoice:
    value: str
    zh: str
    en: str


@dataclass(frozen=True)
class FieldInfo:
    """A custom field. sources: who is believed first under the rule `priority`."""

    id: int
    key: str
    zh: str
    en: str
    type: str
    choices: tuple[FieldChoice, ...] = ()
    is_personal: bool = False
    is_archived: bool = False
    is_listed: bool = False
    rule: str = LATEST
    sources: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class FieldRow:
    """A field on its page. filled: customers with a value; rejected: values refused.

    progress: 0 to 1 while its values are being recomputed, else None.
    """

    field: FieldInfo
    filled: int
    rejected: int
    progress: float | None


@dataclass(frozen=True, order=True)
class Observed:
    """One word about one field of one person; `value` is canonical JSON. Times in ms.

    The order of the fields is the order in which words count. rank: plain values 0, "nothing"
    1, steps 2.
    """

    at: int
    rank: int
    value: str
    source: str
    mode: str


@dataclass(frozen=True)
class Told:
    """What a field's value is, by whose word and since when (ms)."""

    value: Any
    source: str
    at: int


@dataclass(frozen=True)
class FieldValueRow:
    """The value of now; `value` is None where nothing is known. Personal values are masked."""

    field: FieldInfo
    value: Any = None
    source: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class ObservationRow:
    """A line of a value's history. reason: why it was refused, "" when it counts."""

    mode: str
    value: Any
    source: str
    at: datetime
    reason: str
    is_current: bool = field(default=False)
