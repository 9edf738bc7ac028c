"""Every word about a custom field is kept, by whatever way it came; bad ones with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from siyu.core.pipeline import Seen
from siyu.kernel.errors import Refused
from siyu.kernel.ids import digest
from siyu.pool.fields import current
from siyu.pool.fields.catalogue import load_fields
from siyu.pool.fields.models import Observation
from siyu.pool.fields.rules import SET, STEPS, UNSET
from siyu.pool.fields.types import FieldInfo
from siyu.pool.fields.values import parse_value
from siyu.pool.rows import insert_rows, stamper

NOTHING = "null"
MAX_SHOWN = 200
_COLUMNS = (
    "customer_id",
    "identity_id",
    "field_id",
    "mode",
    "value",
    "source",
    "at",
    "reason",
    "digest",
)


@dataclass(frozen=True)
class Word:
    """What somebody said of a field, not yet checked."""

    customer_id: int
    identity_id: int
    field: FieldInfo
    value: Any
    source: str
    at: int
    mode: str = SET
    message_id: str = ""


def record_facts(people: Collection[Seen]) -> Collection[str]:
    """Keep what these facts say of custom fields; the keys that are custom fields."""
    if not any(seen.fact.traits for seen in people):
        return ()
    fields = load_fields()
    if fields:
        observe(_words(people, fields))
    return fields.keys()


def _words(people: Iterable[Seen], fields: Mapping[str, FieldInfo]) -> Iterable[Word]:
    for seen in people:
        fact = seen.fact
        if seen.identity_id is None or seen.customer_id is None:
            continue
        told = fact.properties.get("trait_mode")
        mode = told if told in STEPS or told == UNSET else SET
        for key in fact.traits.keys() & fields.keys():
            value = fact.traits[key]
            if mode == UNSET or value not in (None, "", []):
                yield Word(
                    seen.customer_id,
                    seen.identity_id,
                    fields[key],
                    value,
                    fact.source[:160],
                    fact.at,
                    mode,
                    fact.message_id,
                )


def observe(words: Iterable[Word]) -> None:
    """Keep words, the same one once, and settle the values they change."""
    stamp = stamper()
    rows = []
    touched: set[int] = set()
    fields: dict[int, FieldInfo] = {}
    for word in words:
        value, reason = _checked(word)
        rows.append(
            (
                word.customer_id,
                word.identity_id,
                word.field.id,
                word.mode,
                value,
                word.source,
                stamp(word.at),
                reason,
                _digest(word, value),
            )
        )
        if not reason:
            touched.add(word.customer_id)
            fields[word.field.id] = word.field
    insert_rows(
        Observation, _COLUMNS, rows, on_conflict="(identity_id, field_id, digest) DO NOTHING"
    )
    if touched:
        current.refresh(touched, fields.values())


def _checked(word: Word) -> tuple[str, str]:
    """(canonical JSON, "") or (what was told, the code of why it is refused)."""
    if word.mode == UNSET:
        return NOTHING, ""
    try:
        return encode(_parse(word)), ""
    except Refused as error:
        return _shown(word.value), error.code


def _parse(word: Word) -> Any:
    """A step's operand has the field's type; which steps fit depends on it."""
    kind = word.field.type
    fits = {"increment": {"number", "integer"}, "append": {"choices"}}.get(word.mode, {kind})
    if kind not in fits:
        raise Refused("field.step", "这种更新方式不适用于此字段", field=word.field.key)
    return parse_value(word.field, word.value)


def encode(value: Any) -> str:
    """A value as it is kept."""
    return msgspec.json.encode(value, order="sorted").decode()


def _shown(value: Any) -> str:
    """A refused value, short enough to keep."""
    try:
        text = encode(value)
    except (TypeError, ValueError):
        text = encode(str(value))
    if len(text) > MAX_SHOWN or "\\u0000" in text:
        text = encode(text[:MAX_SHOWN].replace("\\u0000", "") + "…")
    return text


def _digest(word: Word, value: str) -> str:
    message = word.message_id if word.mode in STEPS else ""
    parts = (str(word.at), word.source, word.mode, value, message)
    return digest(*(part.encode() for part in parts)).hex()[:32]
