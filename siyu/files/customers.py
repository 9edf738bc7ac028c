"""Files of customers, of identities and of tags: rows about people into the pool."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.core.tabular.stream import Rows
from siyu.files.cells import flags, json_texts
from siyu.files.checking import Checked, check_rows, chosen
from siyu.files.kinds import TRAIT, FileMapping
from siyu.files.types import Outcome
from siyu.kernel.errors import Refused
from siyu.pool.actions import ensure_tags, hang_tags
from siyu.pool.belongings import tell_changed
from siyu.pool.bulk import Taken, count_known, take_people
from siyu.pool.bulk_consents import record_import_consents
from siyu.pool.bulk_fresh import IdentityColumn, People
from siyu.pool.bulk_spans import TAGS, grown, last_ids
from siyu.pool.queries import check_traits, field_catalogue

EVIDENCE = "客户文件"
_SPLIT = re.compile(r"[,;|，；、\n]+")
_YES = frozenset({"是", "y", "yes", "true", "1", "同意", "已授权"})
_NO = frozenset({"否", "n", "no", "false", "0", "不同意", "拒绝", "未授权"})


def source_of(mapping: FileMapping) -> str:
    """The source everything of this mapping is kept under."""
    return f"import:{mapping.source}"


def check_customers(rows: Rows, mapping: FileMapping, at: datetime) -> Checked:
    """Rows of people; without a time they count as seen when the import began."""
    checked = check_rows(rows, mapping, default_at=at)
    for name, field in mapping.columns.items():
        if field.startswith(TRAIT):
            checked.refuse(_wrong_traits(checked, name, field.removeprefix(TRAIT)))
        elif field == "consent:marketing":
            checked.refuse(_wrong_consents(checked, name))
        elif field in {"tags", "tag"}:
            checked.refuse(_wrong_tags(checked, name, mapping))
    if "tag" in mapping.columns.values():
        told = mapping.column_of("tag")
        empty = flags(pc.equal(checked.column(told), "")) & checked.is_good
        reason = Refused("tag.name", "缺少标签名", field=told)
        checked.refuse(dict.fromkeys(np.flatnonzero(empty).tolist(), reason))
    return checked


def look_at_customers(checked: Checked, mapping: FileMapping) -> Outcome:
    """What writing would do, without writing."""
    people = people_of(checked, mapping)
    known = count_known(people)
    return Outcome(taken=len(people), known=known, fresh=len(people) - known)


def write_customers(checked: Checked, mapping: FileMapping, now: datetime) -> Outcome:
    """Into the pool, in the caller's transaction."""
    people = people_of(checked, mapping)
    taken, before = take_people(people, now), last_ids(TAGS)
    _write_tags(checked, mapping, taken, now)
    taken.spans |= grown(before)
    _write_consents(checked, mapping, taken, people)
    tell_changed(_changed(mapping, taken), now)
    fresh = int(taken.is_new.sum())
    return Outcome(
        taken=len(people),
        fresh=fresh,
        known=len(people) - fresh,
        customers=taken.customers_created,
        spans=[(table, first, last) for table, (first, last) in taken.spans.items()],
    )


def _changed(mapping: FileMapping, taken: Taken) -> set[int]:
    """Customers of whom the rows said something new; tags and consent may always be."""
    says_more = mapping.tag or {"tags", "tag", "consent:marketing"} & set(mapping.columns.values())
    who = taken.customer_ids if says_more else taken.customer_ids[~taken.is_same]
    return set(who[who > 0].tolist())


def people_of(checked: Checked, mapping: FileMapping) -> People:
    """The good rows as the pool takes them."""
    good = checked.is_good
    traits = {
        field.removeprefix(TRAIT): _trait_texts(
            field.removeprefix(TRAIT), chosen(checked.column(name), good)
        )
        for name, field in mapping.columns.items()
        if field.startswith(TRAIT)
    }
    columns = [
        IdentityColumn(each.namespace, each.scope, chosen(each.values, good))
        for each in checked.identities
    ]
    return People(
        identities=columns,
        at=checked.at[good],
        source=source_of(mapping),
        platform=mapping.platform,
        evidence=EVIDENCE,
        traits=traits,
    )


# --- traits ----------------------------------------------------------------------------------


def _is_custom(field: str) -> bool:
    return any(each.key == field for each in field_catalogue(personal=True))


def _wrong_traits(checked: Checked, name: str, field: str) -> dict[int, Refused]:
    if not _is_custom(field):
        return {}
    return _refusals(checked, name, lambda text: check_traits({field: text}))


def _trait_texts(field: str, texts: pa.Array) -> list[str]:
    if not _is_custom(field):
        return json_texts(texts)
    codes = texts.dictionary_encode()
    told = []
    for text in codes.dictionary.to_pylist():
        value: Any = check_traits({field: text})[field] if text else None
        told.append(msgspec.json.encode(value, order="sorted").decode() if text else "")
    return [told[code] for code in codes.indices.to_pylist()]


def _refusals(checked: Checked, name: str, read: Callable[[str], object]) -> dict[int, Refused]:
    """The rows whose cell is refused; every distinct cell is read once."""
    codes = checked.column(name).dictionary_encode()
    wrong: dict[int, Refused] = {}
    for code, text in enumerate(codes.dictionary.to_pylist()):
        try:
            if text:
                read(text)
        except Refused as refusal:
            wrong[code] = Refused(refusal.code, refusal.reason, field=name)
    if not wrong:
        return {}
    places = codes.indices.to_numpy()
    rows = np.flatnonzero(np.isin(places, list(wrong)))
    return {row: wrong[int(places[row])] for row in rows.tolist()}


# --- tags and consent ------------------------------------------------------------------------


def split_tags(text: str, group: str = "") -> list[tuple[str, str]]:
    """`会员:金卡, 常客` as (group, name) pairs; names without a group take the default one."""
    pairs = []
    for part in filter(None, (each.strip() for each in _SPLIT.split(text))):
        head, sign, tail = part.replace("：", ":").partition(":")
        pairs.append((head.strip(), tail.strip()) if sign and tail.strip() else (group, part))
    return pairs


def _wrong_tags(checked: Checked, name: str, mapping: FileMapping) -> dict[int, Refused]:
    def read(text: str) -> None:
        for group, tag in split_tags(text, mapping.group):
            if not tag or len(tag) > 64 or len(group) > 64:
                raise Refused("tag.name", "标签和分组名称须为 1 至 64 个字")

    return _refusals(checked, name, read)


def _write_tags(checked: Checked, mapping: FileMapping, taken: Taken, now: datetime) -> None:
    by_tag: dict[tuple[str, str], set[int]] = defaultdict(set)
    for text, group, who in zip(*_tag_cells(checked, mapping, taken), strict=True):
        if who:
            for pair in split_tags(text, group or mapping.group):
                by_tag[pair].add(who)
    if by_tag:
        ids = ensure_tags(by_tag, now=now)
        hangings = [(ids[pair], people, "import") for pair, people in by_tag.items()]
        hang_tags(hangings, now=now, source=source_of(mapping))


def _tag_cells(
    checked: Checked, mapping: FileMapping, taken: Taken
) -> tuple[Sequence[str], Sequence[str], Sequence[int]]:
    name = mapping.column_of("tags") or mapping.column_of("tag")
    if name is None and not mapping.tag:
        return (), (), ()
    size = len(taken.customer_ids)
    texts = (
        chosen(checked.column(name), checked.is_good).to_pylist() if name else [mapping.tag] * size
    )
    groups = chosen(checked.column(mapping.column_of("group")), checked.is_good).to_pylist()
    return texts, groups, taken.customer_ids.tolist()


def _read_consent(text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise Refused("import.consent", "授权须为 是 或 否")
    return word in _YES


def _wrong_consents(checked: Checked, name: str) -> dict[int, Refused]:
    return _refusals(checked, name, _read_consent)


def _write_consents(checked: Checked, mapping: FileMapping, taken: Taken, people: People) -> None:
    name = mapping.column_of("consent:marketing")
    if name is None:
        return
    cells = chosen(checked.column(name), checked.is_good).to_pylist()
    told: Mapping[int, bool] = {n: _read_consent(cell) for n, cell in enumerate(cells) if cell}
    record_import_consents(people, taken, told)
