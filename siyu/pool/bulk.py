"""Many people at once: who is who for whole columns of identities.

The rules are those of `resolve`. Rows whose identities nobody has seen, and which share none
with another row, depend on nothing but their *shape* (which namespaces are filled): the rules
are asked once per shape, on an example, and such rows are written set-based. A single identity
that is known is looked up. Every other row goes through `resolve` as a fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.core.pipeline import Batch, Seen
from siyu.kernel.identity import Identity
from siyu.kernel.ids import digest
from siyu.pool import profile, tombstones
from siyu.pool.advancing import advance_stages
from siyu.pool.bulk_fresh import IdentityColumn, Newcomers, People, Texts
from siyu.pool.bulk_known import Recognition
from siyu.pool.bulk_rows import Ints, times_of
from siyu.pool.bulk_shapes import Shape, judge_shape
from siyu.pool.bulk_spans import PEOPLE, grown, last_ids
from siyu.pool.bulk_stored import (
    ACQUAINTANCES,
    Stored,
    StoredByKey,
    Teller,
    load_stored,
    moment,
    read_times,
)
from siyu.pool.bulk_values import listed_flags
from siyu.pool.memory import read_epoch
from siyu.pool.models import StageEntry
from siyu.pool.resolving import resolve
from siyu.pool.rows import among, fetch, insert_rows, listed, raise_times
from siyu.pool.ruling import deciding
from siyu.pool.sightings import load_by_id, store
from siyu.pool.sources import name_source
from siyu.pool.stages import CONTACT_NAMESPACES, Stage
from siyu.pool.traits import record_traits
from siyu.ports.facts import Fact

Flags = npt.NDArray[np.bool_]
_EARLIEST = (
    "(identity_id, stage) DO UPDATE SET at = excluded.at WHERE excluded.at < pool_stageentry.at"
)


@dataclass
class Taken:
    """customer_ids, identity_ids: per row, 0 where nobody is known. is_new: rows of new people.

    is_same: rows that changed nothing.
    spans: first and last id of the rows made, by table; a concurrent writer may share the span.
    """

    customer_ids: Ints
    identity_ids: Ints
    customers_created: int = 0
    is_new: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    is_same: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


def take_people(people: People, now: datetime) -> Taken:
    """Resolve every row and keep its traits. Runs inside the caller's transaction.

    The outcome is that of `resolve` and `advance_stages` on one fact a row.
    """
    size = len(people)
    taken = Taken(np.zeros(size, np.int64), np.zeros(size, np.int64))
    taken.is_new, taken.is_same = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    if not size:
        return taken
    with deciding(is_part=True):
        before = last_ids(PEOPLE)
        filled = [np.asarray(pc.not_equal(c.values, "")) for c in people.identities]
        quick, known, stored = _sort_out(people, filled)
        _write_fresh(people, filled, quick, taken)
        slow = ~quick & np.logical_or.reduce(filled)
        slow = _take_known(people, filled, taken, now, among_these=(slow, known), stored=stored)
        _resolve_rest(people, np.flatnonzero(slow), taken, now)
        taken.spans = grown(before)
    return taken


def count_known(people: People) -> int:
    """How many rows name somebody who is known; writes nothing."""
    filled = [np.asarray(pc.not_equal(c.values, "")) for c in people.identities]
    return int(_sort_out(people, filled)[1].sum()) if len(people) else 0


# --- which rows are simple -------------------------------------------------------------------


def _sort_out(people: People, filled: list[Flags]) -> tuple[Flags, Flags, StoredByKey]:
    """Rows of strangers alone with their identities, rows where something is known, and what."""
    stored: StoredByKey = {}
    alone = np.logical_or.reduce(filled)
    known = np.zeros(len(people), dtype=bool)
    for key in {(c.namespace, c.scope) for c in people.identities}:
        columns = [
            (place, column)
            for place, column in enumerate(people.identities)
            if (column.namespace, column.scope) == key
        ]
        rows = np.concatenate([np.flatnonzero(filled[place]) for place, _ in columns])
        if not len(rows):
            continue
        values = pa.concat_arrays([c.values.filter(pa.array(filled[p])) for p, c in columns])
        codes = values.dictionary_encode()
        places = codes.indices.to_numpy()
        repeated = np.bincount(places)[places] > 1
        stored[key] = _stored_of(people, key, codes.dictionary)
        is_known = _known_flags(key, codes.dictionary, stored[key])[places]
        is_listed = listed_flags(key[0], codes.dictionary)[places]
        alone[rows[repeated | is_known | is_listed]] = False
        known[rows[is_known]] = True
    return alone & _shape_allows(people, filled, alone), known, stored


def _stored_of(people: People, key: tuple[str, str], values: pa.Array) -> Stored:
    teller = _teller(people)
    if people.sees_later:
        return load_stored(key, values, teller)
    return ACQUAINTANCES.load(key, values, teller, read_epoch())


def _teller(people: People) -> Teller:
    return Teller(_source_name(people), people.platform)


def _known_flags(key: tuple[str, str], values: pa.Array, found: Stored) -> Flags:
    """Which values are stored, or were erased and must not come back this way."""
    is_known: Flags = found.places(values) >= 0
    if _has_erased():
        texts: Texts = values.to_pylist()
        asked = (Identity(key[0], key[1], text) for text in texts)
        erased = {identity.value for identity in tombstones.find_erased(asked)}
        is_known |= np.array([text in erased for text in texts], dtype=bool)
    return is_known


def _has_erased() -> bool:
    return bool(fetch("SELECT 1 FROM pool_tombstone LIMIT 1"))


def _stored(key: tuple[str, str], texts: Texts, columns: str) -> list[tuple[Any, ...]]:
    sql = (
        f"SELECT {columns} FROM pool_identity"  # noqa: S608 - names of columns
        f" WHERE {among('value')} AND namespace = %s AND scope = %s"
    )
    return fetch(sql, listed(texts), *key)


def _shape_allows(people: People, filled: list[Flags], wanted: Flags) -> Flags:
    allowed = np.zeros(len(people), dtype=bool)
    for shape_rows, shape in _shapes(people, filled, wanted):
        if shape is not None:
            allowed[shape_rows] = True
    return allowed


def _shapes(
    people: People, filled: list[Flags], wanted: Flags
) -> list[tuple[npt.NDArray[np.int64], Shape | None]]:
    """The wanted rows by which identities they fill."""
    weights = 1 << np.arange(len(filled), dtype=np.int64)
    masks = sum(
        (w * f for w, f in zip(weights, filled, strict=True)), np.zeros(len(people), np.int64)
    )
    keys = tuple((c.namespace, c.scope) for c in people.identities)
    found = []
    for mask in np.unique(masks[wanted]).tolist():
        rows = np.flatnonzero(wanted & (masks == mask))
        places = tuple(place for place in range(len(keys)) if mask >> place & 1)
        found.append((rows, judge_shape(keys, places)))
    return found


# --- strangers -------------------------------------------------------------------------------


def _write_fresh(people: People, filled: list[Flags], quick: Flags, taken: Taken) -> None:
    """Rows of people nobody has seen."""
    source = _source_name(people)
    for rows, shape in _shapes(people, filled, quick) if quick.any() else ():
        assert shape is not None
        new = Newcomers.make(people, shape, rows, source)
        new.write()
        _observe(people, new)
        taken.customer_ids[rows], taken.identity_ids[rows] = new.customers, new.best
        taken.is_new[rows] = True
        taken.customers_created += len(rows)


def _observe(people: People, new: Newcomers) -> None:
    """Values of custom fields are observations, told the way of all facts."""
    if not new.custom:
        return
    told = []
    rows = zip(new.rows.tolist(), new.customers.tolist(), new.best.tolist(), strict=True)
    for row, customer, identity in rows:
        words = {name: texts[row] for name, texts in new.custom.items() if texts[row]}
        if words:
            at = int(people.at[row])
            fact = Fact(
                name=people.name,
                at=at,
                received_at=at,
                source=people.source,
                message_id=f"{identity}:{at}",
                platform=people.platform,
                traits={name: msgspec.json.decode(text) for name, text in words.items()},
                is_late=True,
            )
            told.append(Seen(fact, customer, identity))
    record_traits(told)


def _source_name(people: People) -> str:
    fact = Fact(
        name=people.name,
        at=0,
        received_at=0,
        source=people.source,
        message_id="",
        platform=people.platform,
    )
    return name_source(fact)[:160]


# --- people known already --------------------------------------------------------------------


def _take_known(
    people: People,
    filled: list[Flags],
    taken: Taken,
    now: datetime,
    *,
    among_these: tuple[Flags, Flags],
    stored: StoredByKey,
) -> Flags:
    """Settle the rows that say what is known; which rows are left to `resolve`.

    among_these: the rows that are nobody new, and those that name somebody known.
    stored: what the pool knows of their identities.
    """
    slow, known = among_these
    recognition = Recognition(people, filled, _teller(people), stored)
    found = recognition.look(slow & known)
    rest = slow & ~found.is_known
    if not people.traits:
        rest &= ~_look_up(people, filled, rest & known, taken)
    if found.is_known.any() and rest.any():
        epoch, before = read_epoch(), found.is_known.copy()
        touched = _resolve_rest(people, np.flatnonzero(rest), taken, now)
        is_near = np.isin(found.customers, sorted(touched))
        recognition.look_again(found, before & (is_near | (read_epoch() != epoch)))
        rest = before & ~found.is_known
    recognition.settle(found)
    rows = found.is_known
    taken.customer_ids[rows] = found.customers[rows]
    taken.identity_ids[rows] = found.identities[rows]
    taken.is_same = rows & ~found.is_changed
    return rest


def _look_up(people: People, filled: list[Flags], wanted: Flags, taken: Taken) -> Flags:
    """Rows with one identity, which is known: whom it belongs to. Sightings follow."""
    single = wanted & (np.sum(filled, axis=0) == 1)
    done = np.zeros(len(people), dtype=bool)
    for column, has in zip(people.identities, filled, strict=True):
        rows = np.flatnonzero(single & has)
        if not len(rows):
            continue
        codes = column.values.take(pa.array(rows)).dictionary_encode()
        texts = codes.dictionary.to_pylist()
        times = f"{moment('first_seen_at')}, {moment('last_seen_at')}"
        columns = f"value, id, customer_id, is_quarantined, {times}, platforms"
        found = {row[0]: row for row in _stored((column.namespace, column.scope), texts, columns)}
        open_rows = [found.get(text) for text in texts]
        homes = np.array([row[2] if row and not row[3] else 0 for row in open_rows], np.int64)
        ids = np.array([row[1] if row and not row[3] else 0 for row in open_rows], np.int64)
        places = codes.indices.to_numpy()
        usable = homes[places] > 0
        at = rows[usable]
        taken.customer_ids[at], taken.identity_ids[at] = homes[places][usable], ids[places][usable]
        done[at] = True
        sighted = [row for row in open_rows if row and not row[3]]
        _see_again(people, column, at, taken, sighted)
    return done


def _see_again(
    people: People,
    column: IdentityColumn,
    rows: Ints,
    taken: Taken,
    sighted: Sequence[tuple[Any, ...]],
) -> None:
    """First and last sightings of known identities, and the contact stage."""
    if not len(rows):
        return
    ids, at, until = taken.identity_ids[rows], people.at[rows], people.last[rows]
    order = np.lexsort((at, ids))
    ids, at, until = ids[order], at[order], until[order]
    starts = np.flatnonzero(np.diff(ids, prepend=-1))
    latest = np.maximum.reduceat(until, starts)
    news, later = _compare(ids[starts], at[starts], latest, people.platform, sighted)
    bounds = zip(
        ids[starts][news].tolist(), at[starts][news].tolist(), latest[news].tolist(), strict=True
    )
    _meet_anew(people, {one: (low, high) for one, low, high in bounds})
    homes = dict(
        zip(taken.identity_ids[rows].tolist(), taken.customer_ids[rows].tolist(), strict=True)
    )
    if people.sees_later:
        _see_later(ids[starts][later], latest[later], homes)
    if column.namespace in CONTACT_NAMESPACES:
        stamps = times_of(at[starts])
        told = [
            (homes[i], i, int(Stage.ATTRACT), stamp)
            for i, stamp in zip(ids[starts].tolist(), stamps, strict=True)
        ]
        columns = ("customer_id", "identity_id", "stage", "at")
        insert_rows(StageEntry, columns, told, on_conflict=_EARLIEST)
        profile.refresh_stages(set(homes.values()))


def _compare(
    ids: Ints, first: Ints, last: Ints, platform: str, sighted: Sequence[tuple[Any, ...]]
) -> tuple[Flags, Flags]:
    """Which of these were met earlier or elsewhere than known, and which only later."""
    known = sorted(sighted, key=lambda row: int(row[1]))
    assert [int(row[1]) for row in known] == ids.tolist()
    since, seen = read_times([row[4] for row in known]), read_times([row[5] for row in known])
    is_new_place = np.array([platform not in row[6].split(",") for row in known], dtype=bool)
    news = (first <= since) | is_new_place
    return news, ~news & (last > seen)


def _meet_anew(people: People, spans: dict[int, tuple[int, int]]) -> None:
    source = _source_name(people)
    changed = []
    for node in load_by_id(spans) if spans else ():
        low, high = spans[node.id]
        news = [node.see(low, source, people.platform), node.see(high, source, people.platform)]
        if any(news):
            changed.append(node)
    if changed:
        store(changed)
        profile.reload_sightings({node.customer_id for node in changed})


def _see_later(ids: Ints, last: Ints, homes: dict[int, int]) -> None:
    if not len(ids):
        return
    stamps, people = times_of(last), ids.tolist()
    raise_times("pool_identity", "last_seen_at", list(zip(stamps, people, strict=True)))
    customers = [homes[one] for one in people]
    raise_times("pool_customer", "last_seen_at", list(zip(stamps, customers, strict=True)))


# --- all others ------------------------------------------------------------------------------


def _resolve_rest(people: People, rows: Ints, taken: Taken, now: datetime) -> set[int]:
    """Rows one by one; the customers of whom they said something."""
    if not len(rows):
        return set()
    before = int(fetch("SELECT COUNT(*) FROM pool_customer")[0][0])
    facts = _facts(people, rows)
    again = _seen_later(people, rows, facts)
    batch = Batch([Seen(fact) for fact in (*facts, *again)], now)
    resolve(batch)
    advance_stages(batch)
    seen = batch.seen[: len(facts)]
    taken.customer_ids[rows] = [each.customer_id or 0 for each in seen]
    taken.identity_ids[rows] = [each.identity_id or 0 for each in seen]
    after = int(fetch("SELECT COUNT(*) FROM pool_customer")[0][0])
    taken.customers_created += max(0, after - before)
    return batch.touched


def _seen_later(people: People, rows: Ints, facts: list[Fact]) -> list[Fact]:
    """The last sighting of rows that stand for several."""
    if people.until is None:
        return []
    last = zip(people.last[rows].tolist(), facts, strict=True)
    return [
        msgspec.structs.replace(fact, at=until, received_at=until, traits={})
        for until, fact in last
        if until > fact.at
    ]


def _facts(people: People, rows: Ints) -> list[Fact]:
    chosen = pa.array(rows)
    columns = [(c.namespace, c.scope, c.values.take(chosen).to_pylist()) for c in people.identities]
    facts = []
    for n, row in enumerate(rows.tolist()):
        identities = tuple(
            _identity(namespace, scope, values[n])
            for namespace, scope, values in columns
            if values[n]
        )
        at = int(people.at[row])
        keys = [identity.key.encode() for identity in identities]
        facts.append(
            Fact(
                name=people.name,
                at=at,
                received_at=at,
                source=people.source,
                message_id=digest(*keys, str(at).encode()).hex(),
                platform=people.platform,
                identities=identities,
                evidence=people.evidence,
                traits={
                    trait: msgspec.json.decode(values[row])
                    for trait, values in people.traits.items()
                    if values[row]
                },
                is_late=True,
            )
        )
    return facts


@lru_cache(maxsize=65_536)
def _identity(namespace: str, scope: str, value: str) -> Identity:
    return Identity(namespace, scope, value)
