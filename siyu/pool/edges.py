"""The edge log: read by pair or by neighbourhood, appended, judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from siyu.pool.models import ConflictEntry
from siyu.pool.models import Edge as EdgeTable
from siyu.pool.rows import (
    among,
    execute,
    fetch,
    insert_rows,
    is_postgres,
    listed,
    ms_of,
    stamper,
    update_rows,
)
from siyu.pool.rules import APART, CROWDED, EdgeState, Link

_COLUMNS = "e.id, e.a, e.b, e.strength, e.at, e.source, e.evidence, e.state, e.reason"
_LOGGED = ("id", "a", "b", "evidence", "source", "strength", "at", "state", "reason")
REVIEWED = frozenset({"single_valued", "limit", "too_large", CROWDED})
Pair = tuple[int, int]


@dataclass(slots=True, eq=False)
class LoggedLink(Link):
    """An edge with the verdict that is stored for it; "" when it is new."""

    state: str = ""
    reason: str = ""
    is_retracted: bool = False
    retracted_by: str = ""
    is_changed: bool = False


def _link(row: tuple[Any, ...]) -> LoggedLink:
    node_id, a, b, strength, at, source, evidence, state, reason = row[:9]
    return LoggedLink(node_id, a, b, strength, ms_of(at), source, evidence, state, reason)


def _ends(link: Link) -> tuple[int, int, int]:
    return link.id, link.a, link.b


def load_between(pairs: Iterable[Pair]) -> list[LoggedLink]:
    """All edges of these pairs, the retracted ones marked."""
    many = list(pairs)
    if not many:
        return []
    if is_postgres():
        source = "unnest(%s::bigint[], %s::bigint[]) AS p(a, b)"
        parameters: list[Any] = [[a for a, _ in many], [b for _, b in many]]
    else:
        source = "(SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(%s)) AS p"
        parameters = [msgspec.json.encode(many).decode()]
    rows = fetch(
        f"SELECT {_COLUMNS}, e.retracted_at, e.retracted_by FROM {source}"  # noqa: S608
        " CROSS JOIN pool_edge e WHERE e.a = p.a AND e.b = p.b",
        *parameters,
    )
    links = []
    for row in rows:
        link = _link(row)
        link.is_retracted, link.retracted_by = row[9] is not None, row[10]
        links.append(link)
    return links


def load_around(ids: Iterable[int]) -> list[LoggedLink]:
    """The edges in force at these identities."""
    parameter = listed(ids)
    rows = fetch(
        f"SELECT {_COLUMNS} FROM pool_edge e WHERE {among('e.a')} AND e.retracted_at IS NULL"  # noqa: S608
        f" UNION SELECT {_COLUMNS} FROM pool_edge e"
        f" WHERE {among('e.b')} AND e.retracted_at IS NULL",
        parameter,
        parameter,
    )
    return [_link(row) for row in rows]


def count_neighbours(ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Distinct neighbours and strong ones of each identity; those without any are left out."""
    parameter = listed(ids)
    rows = fetch(
        "SELECT x.id, COUNT(*), SUM(CASE WHEN i.strength = 'strong' THEN 1 ELSE 0 END) FROM ("  # noqa: S608
        f"SELECT e.a AS id, e.b AS other FROM pool_edge e WHERE {among('e.a')}"
        " AND e.retracted_at IS NULL AND e.strength <> 'apart' UNION"
        f" SELECT e.b, e.a FROM pool_edge e WHERE {among('e.b')}"
        " AND e.retracted_at IS NULL AND e.strength <> 'apart') x"
        " JOIN pool_identity i ON i.id = x.other GROUP BY x.id",
        parameter,
        parameter,
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def load_apart(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Pairs with one end among these that a person keeps apart."""
    return [
        (row[0], row[1])
        for row in fetch(
            "SELECT e.a, e.b FROM pool_edge e WHERE e.strength = %s"  # noqa: S608
            f" AND e.retracted_at IS NULL AND {among('e.a')}",
            APART,
            listed(ids),
        )
    ]


def append(links: Iterable[LoggedLink]) -> None:
    """Write new edges with their verdicts."""
    stamp = stamper()
    insert_rows(
        EdgeTable,
        (*_LOGGED, "retracted_by", "retracted_reason"),
        [
            (*_ends(e), e.evidence, e.source, e.strength, stamp(e.at), e.state, e.reason, "", "")
            for e in links
        ],
    )


def judge(
    verdicts: Mapping[int, tuple[str, str]], links: Mapping[int, LoggedLink], *, at: Any
) -> None:
    """Store verdicts (and earlier times) that changed and keep the review queue in step."""
    stamp = stamper()
    rows = []
    opened, closed = [], []
    for node_id, (state, reason) in verdicts.items():
        link = links[node_id]
        if (state, reason) == (link.state, link.reason) and not link.is_changed:
            continue
        is_new = not link.state
        if _is_reviewed(state, reason):
            opened.append(link)
        elif not is_new and _is_reviewed(link.state, link.reason):
            closed.append(node_id)
        link.state, link.reason = state, reason
        if not is_new:
            rows.append((state, reason, stamp(link.at), node_id))
    update_rows(EdgeTable, ("state", "reason", "at"), "id", rows)
    insert_rows(
        ConflictEntry,
        ("kind", "edge_id", "namespace", "at"),
        [(link.reason, link.id, "", at) for link in opened],
        on_conflict="(edge_id) DO UPDATE SET kind = excluded.kind",
    )
    close_conflicts(closed)


def close_conflicts(edge_ids: list[int]) -> None:
    if edge_ids:
        execute(f"DELETE FROM pool_conflictentry WHERE {among('edge_id')}", listed(edge_ids))  # noqa: S608


def _is_reviewed(state: str, reason: str) -> bool:
    return state == EdgeState.REFUSED.value and reason in REVIEWED
