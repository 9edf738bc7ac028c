"""Rows that say of people what is known already, told apart for whole columns.

Such a row names identities that are one customer's, at a time and place that change nothing, ties
them by edges that stand, and needs no stage that is not there. `resolve` would at most move on
when they were last seen and what their traits are: that is done here, set-based. Every other row
is left to `resolve`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa

from siyu.core.pipeline import Seen
from siyu.pool import traits
from siyu.pool.bulk_fresh import IdentityColumn, People
from siyu.pool.bulk_rows import Ints, times_of
from siyu.pool.bulk_stored import Flags, StoredByKey, Teller, load_stored, moment, read_times
from siyu.pool.fields.catalogue import load_fields
from siyu.pool.linking import MAX_TEXT
from siyu.pool.rows import among, fetch, listed, raise_times
from siyu.pool.ruling import current
from siyu.pool.stages import CONTACT_NAMESPACES, Stage
from siyu.ports.facts import Fact

NOBODY = 0
NEVER = np.iinfo(np.int64).max


@dataclass
class _Column:
    """What is stored of one column's identities, per row; 0 where the row has none.

    is_quiet: no earlier time and no other place than known.
    """

    ids: Ints
    homes: Ints
    last: Ints
    is_quiet: Flags
    rank: tuple[bool, int]


@dataclass
class Recognised:
    """Per row: whether it was recognised, whose it is, and whether anything changed by it."""

    is_known: Flags
    customers: Ints
    identities: Ints
    is_changed: Flags


class Recognition:
    """Some rows beside what the pool knows.

    stored: all identities that the rows name, as they are now; only the first look trusts it.
    """

    def __init__(
        self, people: People, filled: Sequence[Flags], teller: Teller, stored: StoredByKey
    ) -> None:
        self.people, self.filled, self.teller = people, filled, teller
        self.stored = stored
        self.size = len(people)

    def look(self, wanted: Flags) -> Recognised:
        """Which of the wanted rows say nothing new of who is who. Writes nothing."""
        found = Recognised(wanted.copy(), *self._nobody(), np.zeros(self.size, dtype=bool))
        columns = [
            self._column(column, has & wanted)
            for column, has in zip(self.people.identities, self.filled, strict=True)
        ]
        for column, has in zip(columns, self.filled, strict=True):
            is_first = has & (found.customers == NOBODY)
            found.customers[is_first] = column.homes[is_first]
            found.is_known &= ~has | (column.is_quiet & (column.homes == found.customers))
        self.stored = {}
        self._choose(columns, found)
        self._check_edges(columns, found)
        self._check_stages(found)
        self.columns = columns
        return found

    def look_again(self, found: Recognised, wanted: Flags) -> None:
        """Look once more at some rows that were recognised; the others stay as they are."""
        held = self.columns
        now = self.look(wanted)
        for old, new in zip(held, self.columns, strict=True):
            for name in ("ids", "homes", "last", "is_quiet"):
                getattr(old, name)[wanted] = getattr(new, name)[wanted]
        self.columns = held
        found.is_known[wanted] = now.is_known[wanted]
        found.customers[wanted] = now.customers[wanted]
        found.identities[wanted] = now.identities[wanted]

    def settle(self, found: Recognised) -> None:
        """Write what recognised rows change: when they were last seen, and their traits."""
        self._see_later(found)
        self._keep_traits(found)

    def _nobody(self) -> tuple[Ints, Ints]:
        return np.zeros(self.size, np.int64), np.zeros(self.size, np.int64)

    # --- who they are ------------------------------------------------------------------------

    def _column(self, column: IdentityColumn, wanted: Flags) -> _Column:
        is_strong = current().kind_of(column.namespace)[0]
        rank = current().rank_of(column.namespace, is_strong)
        made = _Column(*self._nobody(), np.zeros(self.size, np.int64), wanted & False, rank)
        rows = np.flatnonzero(wanted)
        if not len(rows):
            return made
        key, values = (column.namespace, column.scope), column.values.take(pa.array(rows))
        known = self.stored.get(key)
        if known is None:
            known = load_stored(key, values.unique(), self.teller)
        places = known.places(values)
        rows, places = rows[places >= 0], places[places >= 0]
        at, first = self.people.at[rows], known.first[places]
        is_later = (at > first) | ((at == first) & known.is_after[places])
        is_open = known.is_open[places]
        made.ids[rows], made.last[rows] = known.ids[places], known.last[places]
        made.homes[rows] = np.where(is_open, known.homes[places], NOBODY)
        made.is_quiet[rows] = is_open & known.is_here[places] & is_later
        return made

    def _choose(self, columns: list[_Column], found: Recognised) -> None:
        """What the rows tell hangs on the best identity: the first of the best rank."""
        for place in sorted(range(len(columns)), key=lambda n: columns[n].rank):
            free = found.is_known & (found.identities == NOBODY) & self.filled[place]
            found.identities[free] = columns[place].ids[free]
        found.is_known &= found.identities != NOBODY

    # --- what ties them ----------------------------------------------------------------------

    def _check_edges(self, columns: list[_Column], found: Recognised) -> None:
        """Every other identity of a row is tied to the best one, by this source, no later."""
        for column, has in zip(columns, self.filled, strict=True):
            rows = np.flatnonzero(found.is_known & has & (column.ids != found.identities))
            if not len(rows):
                continue
            a = np.minimum(column.ids[rows], found.identities[rows])
            b = np.maximum(column.ids[rows], found.identities[rows])
            tied = self._edges(a)
            pairs = zip(a.tolist(), b.tolist(), strict=True)
            since = np.array([tied.get(pair, NEVER) for pair in pairs], np.int64)
            found.is_known[rows] = since <= self.people.at[rows]

    def _edges(self, low: Ints) -> dict[tuple[int, int], int]:
        """Since when the pairs with this lower end are tied."""
        sql = (
            f"SELECT a, b, {moment('at')} FROM pool_edge WHERE retracted_at IS NULL"  # noqa: S608
            f" AND {among('a')} AND source = %s AND evidence = %s"
        )
        told = (
            self.people.source[:MAX_TEXT],
            (self.people.evidence or self.people.name)[:MAX_TEXT],
        )
        rows = fetch(sql, listed(np.unique(low).tolist()), *told)
        times = read_times([row[2] for row in rows])
        return {(row[0], row[1]): at for row, at in zip(rows, times.tolist(), strict=True)}

    def _check_stages(self, found: Recognised) -> None:
        """Rows with a way to reach the person need the stage that comes with it."""
        has_contact = np.zeros(self.size, dtype=bool)
        for column, has in zip(self.people.identities, self.filled, strict=True):
            if column.namespace in CONTACT_NAMESPACES:
                has_contact |= has
        rows = np.flatnonzero(found.is_known & has_contact)
        if not len(rows):
            return
        sql = (
            f"SELECT identity_id, {moment('at')} FROM pool_stageentry"  # noqa: S608
            f" WHERE stage = {int(Stage.ATTRACT)} AND {among('identity_id')}"
        )
        ids = found.identities[rows]
        entries = fetch(sql, listed(np.unique(ids).tolist()))
        times = dict(
            zip([row[0] for row in entries], read_times([row[1] for row in entries]), strict=True)
        )
        since = np.array([times.get(one, NEVER) for one in ids.tolist()], np.int64)
        found.is_known[rows] = since <= self.people.at[rows]

    # --- what they change --------------------------------------------------------------------

    def _see_later(self, found: Recognised) -> None:
        if not self.people.sees_later:
            return
        until = self.people.last
        for column, has in zip(self.columns, self.filled, strict=True):
            rows = np.flatnonzero(found.is_known & has & (until > column.last))
            if not len(rows):
                continue
            found.is_changed[rows] = True
            stamps = times_of(until[rows])
            ids, homes = column.ids[rows].tolist(), found.customers[rows].tolist()
            raise_times("pool_identity", "last_seen_at", list(zip(stamps, ids, strict=True)))
            raise_times("pool_customer", "last_seen_at", list(zip(stamps, homes, strict=True)))

    def _keep_traits(self, found: Recognised) -> None:
        told = self._news(found) if self.people.traits else {}
        rows = sorted(told)
        found.is_changed[rows] = True
        traits.record_traits([self._seen(row, told[row], found) for row in rows])

    def _news(self, found: Recognised) -> dict[int, dict[str, str]]:
        """The traits of each row that are not what is stored: field to JSON text."""
        rows = np.flatnonzero(found.is_known)
        stored, custom = self._stored_traits(found.identities[rows]), load_fields()
        source = self.people.source[:MAX_TEXT]
        news: dict[int, dict[str, str]] = {}
        at, ids = self.people.at[rows].tolist(), found.identities[rows].tolist()
        for field, texts in self.people.traits.items():
            for row, when, identity in zip(rows.tolist(), at, ids, strict=True):
                text = texts[row]
                if not text:
                    continue
                known = stored.get((identity, field))
                if field in custom or known is None or (when, text, source) > known:
                    news.setdefault(row, {})[field] = text
        return news

    def _stored_traits(self, ids: Ints) -> dict[tuple[int, str], tuple[int, str, str]]:
        """(time, value, source) of stored traits; those made step by step are left out."""
        sql = (
            f"SELECT identity_id, field, {moment('at')}, value, source FROM pool_trait"  # noqa: S608
            f" WHERE steps = '' AND {among('identity_id')}"
        )
        rows = fetch(sql, listed(np.unique(ids).tolist()))
        times = read_times([row[2] for row in rows]).tolist()
        return {(row[0], row[1]): (at, row[3], row[4]) for row, at in zip(rows, times, strict=True)}

    def _seen(self, row: int, texts: dict[str, str], found: Recognised) -> Seen:
        people, identity = self.people, int(found.identities[row])
        at = int(people.at[row])
        fact = Fact(
            name=people.name,
            at=at,
            received_at=at,
            source=people.source,
            message_id=f"{identity}:{at}",
            platform=people.platform,
            traits={field: msgspec.json.decode(text) for field, text in texts.items()},
            is_late=True,
        )
        return Seen(fact, int(found.customers[row]), identity)
