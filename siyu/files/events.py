"""Files of events: whom they are about from the pool, then straight into the history.

Names that change more than the history (orders, friends, messages, consent) go through the
same stages as events of the intake, as late facts: journeys are not triggered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from siyu.core.pipeline import Stage, run_stages
from siyu.core.tabular.stream import Rows
from siyu.files.cells import Flags, Ints, flags, json_objects, json_values
from siyu.files.checking import Checked, check_rows, chosen
from siyu.files.customers import source_of
from siyu.files.kinds import PROPERTY, FileMapping
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.lake.bulk import append_events, appended_version, known_messages, told_by
from siyu.lake.parquet import months_of
from siyu.lake.privacy import MASK, encode_properties
from siyu.pool.belongings import tell_bulk, tell_changed
from siyu.pool.bulk import Taken, take_people
from siyu.pool.bulk_events import STATEFUL, note_views
from siyu.pool.bulk_fresh import IdentityColumn, People
from siyu.pool.bulk_meetings import Meetings, forget_acquaintances, settle_meetings
from siyu.pool.stages import VIEW_FACTS, VIEWS_FOR_DELIGHT
from siyu.ports.facts import Fact

EVIDENCE = "事件文件"
MAX_NAME = 128
PEOPLE_AT_ONCE = 50_000
_SUSPECT = (
    r"(?i)1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|\+[0-9]{8}|@|%40|[0-9]{17}[0-9x]|\"[a-z_]*("
    r"phone|mobile|tel|mail|addr|name|text|content|message|remark|comment|token|pass|card|birth"
    r"|avatar|street|receiver|consignee|wechat|id_no|\"ip|姓名|手机|电话|地址|邮箱|身份证|昵称|微信|收货|备注)"
)
_NAME = r"^[^\x00-\x1f]{1,128}$"


def check_events(rows: Rows, mapping: FileMapping, _at: datetime) -> Checked:
    """Rows of events; a row without a time or a name is refused."""
    checked = check_rows(rows, mapping, default_at=None)
    name = mapping.column_of("event")
    if name is not None:
        filled = flags(pc.match_substring_regex(names_of(checked, mapping), _NAME))
        reason = Refused("import.event", "事件名为空或过长", field=name)
        checked.refuse(dict.fromkeys(np.flatnonzero(~filled & checked.is_good).tolist(), reason))
    told = mapping.column_of("properties")
    if told is not None:
        checked.refuse(_wrong_objects(checked.column(told), told))
    return checked


def names_of(checked: Checked, mapping: FileMapping) -> pa.Array:
    """The event's name of every row."""
    told = checked.column(mapping.column_of("event"))
    return pc.if_else(pc.equal(told, ""), mapping.event, told) if mapping.event else told


class EventRows:
    """The good rows of one batch on their way to pool and history."""

    def __init__(self, checked: Checked, mapping: FileMapping) -> None:
        good = checked.is_good
        self.mapping = mapping
        self.at: Ints = checked.at[good]
        self.names = chosen(names_of(checked, mapping), good)
        self.identities = [
            IdentityColumn(each.namespace, each.scope, chosen(each.values, good))
            for each in checked.identities
        ]
        self.properties = _properties(checked, mapping, good)
        told = chosen(checked.column(mapping.column_of("message_id")), good)
        self.ids = self._message_ids(told)
        self.hashes = _hashes(f"{source_of(mapping)}\n{each}" for each in self.ids)
        self.repeated = 0

    def __len__(self) -> int:
        return len(self.at)

    def months(self) -> list[str]:
        """The months of the history these rows belong to."""
        times = pa.array(self.at, pa.timestamp("ms", "UTC"))
        return list(months_of(times).dictionary.to_pylist())

    def leave_out_known(self) -> None:
        """Keep each message once, and only those that are not in the history."""
        _, first = np.unique(self.hashes, return_index=True)
        keep = np.zeros(len(self), dtype=bool)
        keep[first] = True
        keep &= ~np.isin(self.hashes, known_messages(self.hashes, self.months()))
        self.repeated = int((~keep).sum())
        if self.repeated:
            self._filter(keep)

    def people(self, *, is_part: bool = False) -> tuple[People, Ints]:
        """Each combination of identities once, and which of them every row is.

        They come sorted, so that the pool finds one beside the other.
        is_part: of an import of several batches, at whose end it is told who was last seen when.
        """
        codes = np.zeros(len(self), np.int64)
        for column in self.identities:
            encoded = column.values.dictionary_encode()
            place = np.empty(len(encoded.dictionary), np.int64)
            place[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(place))
            codes = codes * len(place) + place[encoded.indices.to_numpy()]
            codes = np.unique(codes, return_inverse=True)[1]
        order = np.lexsort((self.at, codes))
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        ends = np.append(starts[1:], len(order)) - 1
        firsts = pa.array(order[starts])
        return (
            People(
                identities=[
                    IdentityColumn(c.namespace, c.scope, c.values.take(firsts))
                    for c in self.identities
                ],
                at=self.at[order[starts]],
                until=self.at[order[ends]],
                source=source_of(self.mapping),
                platform=self.mapping.platform,
                evidence=EVIDENCE,
                name="event_imported",
                sees_later=not is_part,
            ),
            codes,
        )

    def table(self, customers: Ints, identities: Ints, received: datetime) -> pa.Table:
        """Rows of the history."""
        size = len(self)
        times = pa.timestamp("us", "UTC")
        constant = {
            "source": source_of(self.mapping),
            "platform": self.mapping.platform,
            "account": "",
            "staff": "",
        }
        return pa.table(
            {
                "customer_id": pa.array(customers),
                "identity_id": pa.array(identities),
                "name": self.names,
                "occurred_at": pa.array(self.at * 1000, pa.int64()).cast(times),
                "received_at": pa.array(np.full(size, to_ms(received) * 1000)).cast(times),
                **{name: pa.repeat(value, size) for name, value in constant.items()},
                "message_hash": pa.array(self.hashes),
                "properties": self.properties,
            }
        )

    def facts(self, which: Flags, now: datetime) -> list[Fact]:
        """Rows that change more than the history."""
        rows = np.flatnonzero(which).tolist()
        columns = [(c.namespace, c.scope, c.values.to_pylist()) for c in self.identities]
        names, properties = self.names.to_pylist(), self.properties.to_pylist()
        return [
            Fact(
                name=names[row],
                at=int(self.at[row]),
                received_at=to_ms(now),
                source=source_of(self.mapping),
                message_id=self.ids[row],
                platform=self.mapping.platform,
                identities=tuple(Identity(n, s, v[row]) for n, s, v in columns if v[row]),
                properties=msgspec.json.decode(properties[row]),
                is_late=True,
            )
            for row in rows
        ]

    def keep(self, which: Flags) -> None:
        """Only these rows."""
        self._filter(which)

    def _filter(self, keep: Flags) -> None:
        mask = pa.array(keep)
        self.at, self.hashes = self.at[keep], self.hashes[keep]
        self.ids = [self.ids[row] for row in np.flatnonzero(keep).tolist()]
        self.names, self.properties = self.names.filter(mask), self.properties.filter(mask)
        self.identities = [
            IdentityColumn(c.namespace, c.scope, c.values.filter(mask)) for c in self.identities
        ]

    def _message_ids(self, told: pa.Array) -> list[str]:
        """The file's own id of every row, else a hash of everything the row says."""
        ids: list[str] = told.to_pylist()
        empty = [row for row, each in enumerate(ids) if not each]
        if not empty:
            return ids
        whole = [self.names, pa.array(self.at).cast(pa.string()), self.properties]
        whole += [column.values for column in self.identities]
        texts = pc.binary_join_element_wise(*whole, "\x1f").take(pa.array(empty)).to_pylist()
        for row, text in zip(empty, texts, strict=True):
            ids[row] = blake2b(text.encode(), digest_size=12).hexdigest()
        return ids


@dataclass
class Settled:
    """Whom each row of a batch is about, and what that made."""

    customers: Ints
    identities: Ints
    taken: Taken


def settle(batch: EventRows, now: datetime, *, is_first: bool, is_part: bool) -> Settled:
    """People of a batch, in the caller's transaction; views count at the first attempt only.

    is_part: of an import of several batches; `finish` tells the rest.
    """
    if not len(batch):
        nobody = np.zeros(0, np.int64)
        return Settled(nobody, nobody, Taken(nobody, nobody))
    people, places = batch.people(is_part=is_part)
    taken = take_people(people, now)
    customers, identities = taken.customer_ids[places], taken.identity_ids[places]
    if is_first and is_part:
        tell_bulk(is_over=False)
    elif is_first:
        note_views(batch.names, customers, identities, batch.at, now)
        tell_changed({who for who in taken.customer_ids.tolist() if who}, now)
    return Settled(customers, identities, taken)


def finish(
    mapping: FileMapping, since: datetime, *, after: int, moved: Callable[[int], None]
) -> None:
    """After the last batch of several: what they told of known people, and that they changed.

    since: the events received later are those to settle. after: the identities up to here are
    settled; `moved` notes how far it has come, in the transaction that writes it.
    """
    forget_acquaintances()
    views, source = sorted(VIEW_FACTS), source_of(mapping)
    for told in told_by(
        source, views, VIEWS_FOR_DELIGHT, since=since, after=after, rows=PEOPLE_AT_ONCE
    ):
        with transaction.atomic():
            settle_meetings(Meetings(told.identities, told.last, told.counted, told.reached))
            moved(int(told.identities[-1]))
    tell_bulk(is_over=True)


def append(batch: EventRows, settled: Settled, writer: str, end: int, now: datetime) -> None:
    """Rows with a customer into the history, once per (writer, end)."""
    is_known = settled.customers > 0
    table = batch.table(settled.customers, settled.identities, now)
    append_events(table.filter(pa.array(is_known)), writer=writer, version=end)


def is_appended(run: str, end: int) -> bool:
    """Whether the history has this commit already."""
    return appended_version(run) >= end


def split_stateful(batch: EventRows) -> Flags:
    """Rows whose names change more than the history."""
    names = pa.array(sorted(STATEFUL), pa.string())
    return flags(pc.is_in(batch.names, value_set=names))


def tell_stages(batch: EventRows, which: Flags, stages: Sequence[Stage], now: datetime) -> None:
    """Stateful rows through the stages, in the caller's transaction."""
    facts = batch.facts(which, now) if which.any() else []
    for start in range(0, len(facts), 4_000):
        run_stages(facts[start : start + 4_000], stages, now)


def _hashes(texts: Iterable[str]) -> Ints:
    """Eight bytes of each, as the history keeps of a message."""
    raw = b"".join(blake2b(each.encode(), digest_size=8).digest() for each in texts)
    return np.frombuffer(raw, dtype=">i8").astype(np.int64)


def _wrong_objects(texts: pa.Array, name: str) -> dict[int, Refused]:
    wrong: dict[int, Refused] = {}
    for row, text in enumerate(texts.to_pylist()):
        if not text:
            continue
        try:
            is_object = isinstance(msgspec.json.decode(text), dict)
        except msgspec.DecodeError:
            is_object = False
        if not is_object:
            wrong[row] = Refused("import.properties", "属性不是 JSON 对象", field=name)
    return wrong


def _properties(checked: Checked, mapping: FileMapping, good: Flags) -> pa.Array:
    """JSON objects without anything personal."""
    told = mapping.column_of("properties")
    columns = {
        rest: json_values(chosen(checked.column(name), good))
        for name, rest in mapping.starting(PROPERTY)
    }
    objects = json_objects(columns) if columns else pa.array(["{}"] * int(good.sum()), pa.string())
    if told is not None:
        objects = _joined(chosen(checked.column(told), good), objects)
    suspect = flags(pc.match_substring_regex(objects, _SUSPECT)) if len(objects) else good[:0]
    rows = np.flatnonzero(suspect)
    if not len(rows):
        return objects
    clean = [encode_properties(_decoded(text)) for text in objects.take(pa.array(rows)).to_pylist()]
    return pc.replace_with_mask(objects, pa.array(suspect), pa.array(clean, pa.string()))


def _joined(first: pa.Array, second: pa.Array) -> pa.Array:
    """The objects of a JSON column with those of the other columns."""
    made = []
    for one, other in zip(first.to_pylist(), second.to_pylist(), strict=True):
        told: dict[str, Any] = (_decoded(one) if one else {}) | _decoded(other)
        made.append(encode_properties(told))
    return pa.array(made, pa.string())


def _decoded(text: str) -> dict[str, Any]:
    value = msgspec.json.decode(text)
    return value if isinstance(value, dict) else {"value": MASK}
