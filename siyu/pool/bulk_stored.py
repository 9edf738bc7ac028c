"""What the pool holds of whole columns of identity values, as columns.

Found by few statements, some thousand values each, so that memory does not grow with the batch;
an import of many batches asks for a value once (`Acquaintances`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from siyu.pool.bulk_rows import Ints
from siyu.pool.rows import fetch, is_postgres, listed

Flags = npt.NDArray[np.bool_]
AT_ONCE = 20_000
MOST_REMEMBERED = 2_000_000


@dataclass(frozen=True)
class Teller:
    """Who tells of people: what first sightings are called, and the platform."""

    source: str
    platform: str


@dataclass(frozen=True)
class Stored:
    """Known values of one namespace and scope, each once.

    first, last: sightings, ms. is_open: neither quarantined nor in a crowd. is_here: the teller's
    platform met it before. is_after: at the time of the first sighting the teller comes no earlier.
    """

    values: pa.Array
    ids: Ints
    homes: Ints
    first: Ints
    last: Ints
    is_open: Flags
    is_here: Flags
    is_after: Flags

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, asked: pa.Array) -> Ints:
        """Where each of these values stands; -1 for one that is not known."""
        found = pc.index_in(asked, value_set=self.values)
        return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)

    def joined(self, other: Stored) -> Stored:
        """Both; no value may be in both."""
        if not len(self) or not len(other):
            return self if len(self) else other
        numbers = {
            name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _NUMBERS
        }
        return Stored(pa.concat_arrays([self.values, other.values]), **numbers)

    def at(self, places: Ints) -> Stored:
        """Those at these places."""
        numbers = {name: getattr(self, name)[places] for name in _NUMBERS}
        return Stored(self.values.take(pa.array(places)), **numbers)


_NUMBERS = ("ids", "homes", "first", "last", "is_open", "is_here", "is_after")
Key = tuple[str, str]
StoredByKey = dict[Key, Stored]


def load_stored(key: Key, values: pa.Array, teller: Teller) -> Stored:
    """What is known of these distinct values."""
    found = _made(pa.array([], pa.string()), [])
    if not fetch("SELECT 1 FROM pool_identity LIMIT 1"):
        return found
    for start in range(0, len(values), AT_ONCE):
        part = values.slice(start, AT_ONCE)
        rows = fetch(
            _statement(),
            teller.platform,
            teller.source,
            teller.platform,
            listed(part.to_pylist()),
            *key,
        )
        found = found.joined(_made(part, rows))
    return found


def _made(asked: pa.Array, rows: list[tuple[Any, ...]]) -> Stored:
    columns = list(zip(*rows, strict=True)) or [()] * (1 + len(_NUMBERS))
    places, ids, homes, first, last, *told = columns
    is_open, is_here, is_after = (np.array(each, dtype=bool) for each in told)
    return Stored(
        asked.take(pa.array(places, pa.int64())),
        np.array(ids, np.int64),
        np.array(homes, np.int64),
        read_times(list(first)),
        read_times(list(last)),
        is_open,
        is_here,
        is_after,
    )


def _statement() -> str:
    """Place among the asked values, and the columns of `Stored`."""
    is_pg = is_postgres()
    place, asked = (
        ("asked.place - 1", "unnest(%s::text[]) WITH ORDINALITY AS asked(value, place)")
        if is_pg
        else ("asked.key", "json_each(%s) AS asked")
    )
    within = "strpos" if is_pg else "instr"
    plain = ' COLLATE "C"' if is_pg else ""
    return (
        f"SELECT {place}, i.id, i.customer_id, {moment('i.first_seen_at')},"  # noqa: S608
        f" {moment('i.last_seen_at')}, NOT (i.is_quarantined OR i.is_crowded),"
        f" {within}(',' || i.platforms || ',', ',' || %s || ',') > 0,"
        f" (i.source{plain}, i.platform{plain}) <= (%s, %s)"
        f" FROM {asked} CROSS JOIN pool_identity i"
        " WHERE i.value = asked.value AND i.namespace = %s AND i.scope = %s"
    )


def moment(column: str) -> str:
    """SQL of a time column as `read_times` takes it."""
    if is_postgres():
        return f"CAST(EXTRACT(EPOCH FROM {column}) * 1000 AS BIGINT)"
    return f"CAST({column} AS TEXT)"


def read_times(times: list[Any]) -> Ints:
    """Times selected by `moment`, in ms."""
    kind = "datetime64[ms]" if times and isinstance(times[0], str) else np.int64
    return np.array(times, dtype=kind).astype(np.int64)


class Acquaintances:
    """Known values that an import met in its batches before: they are not asked for again.

    Only a memory: it holds for one epoch (see `memory`) and is kept once the transaction in which
    it was read has committed. Last sightings are those of the first meeting.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._epoch = 0
        self._held: dict[tuple[Key, Teller], list[Stored]] = {}

    def load(self, key: Key, values: pa.Array, teller: Teller, epoch: int) -> Stored:
        """What is known of these distinct values, from memory where they were met before."""
        if epoch != self._epoch:
            self._epoch, self._held = epoch, {}
        is_strange = np.ones(len(values), dtype=bool)
        found = _made(pa.array([], pa.string()), [])
        for part in self._held.get((key, teller), ()):
            asked = pc.fill_null(pc.index_in(part.values, value_set=values), -1).to_numpy()
            places = np.flatnonzero(asked >= 0)
            is_strange[asked[places]] = False
            found = found.joined(part.at(places))
        fresh = load_stored(key, values.filter(pa.array(is_strange)), teller)
        if len(fresh):
            transaction.on_commit(lambda: self._keep(key, teller, fresh, epoch))
        return found.joined(fresh)

    def forget(self) -> None:
        """The import is over."""
        self._held = {}

    def _keep(self, key: Key, teller: Teller, fresh: Stored, epoch: int) -> None:
        """In few parts, each much larger than the next."""
        if epoch != self._epoch:
            return
        parts = self._held.setdefault((key, teller), [])
        if sum(map(len, parts)) + len(fresh) > self._most:
            return
        parts.append(fresh)
        while len(parts) > 1 and len(parts[-2]) <= 2 * len(parts[-1]):
            last = parts.pop()
            parts[-1] = parts[-1].joined(last)


ACQUAINTANCES = Acquaintances()
