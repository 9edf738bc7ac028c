"""Who is meant: evaluated once, then frozen in packed parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from siyu.broadcasts.models import AudiencePart, Broadcast
from siyu.broadcasts.types import MISSED, PREFIX
from siyu.core.access import SYSTEM, Actor
from siyu.groups import queries as groups
from siyu.groups.types import GroupFilter, GroupRef
from siyu.pool import queries as pool
from siyu.reach import queries as reach
from siyu.reach.cohorts import CHUNK
from siyu.reach.types import GroupTarget
from siyu.segments import queries as segments

Ids = npt.NDArray[np.int64]


def find_customers(audience: Mapping[str, Any], *, now: datetime) -> Ids:
    """The sorted ids of the customers meant, as of `now`."""
    kind = audience["kind"]
    if kind == "customers":
        current = pool.current_customer_ids(audience["ids"])
        return np.unique(np.fromiter(current.values(), np.int64))
    if kind == MISSED:
        customers, _ = _missed(audience)
        return np.unique(np.fromiter(pool.current_customer_ids(customers).values(), np.int64))
    definition = (
        segments.get_definition(audience["segment_id"])
        if kind == "segment"
        else audience["definition"]
    )
    found = np.asarray(segments.evaluate(definition, now=now), np.int64)
    excluded = audience.get("exclude_segment_id")
    if isinstance(excluded, int):
        other = segments.evaluate(segments.get_definition(excluded), now=now)
        found = np.setdiff1d(found, np.asarray(other, np.int64), assume_unique=True)
    return found


def find_groups(actor: Actor, account: str, audience: Mapping[str, Any]) -> list[GroupTarget]:
    """The living groups meant, of one account."""
    found = _group_refs(actor, account, audience)
    return [GroupTarget(ref.remote_id, ref.owner, ref.name) for ref in found]


def find_group_ids(actor: Actor, account: str, audience: Mapping[str, Any]) -> Ids:
    """The sorted ids of the groups that `find_groups` finds."""
    found = _group_refs(actor, account, audience)
    return np.unique(np.fromiter((ref.id for ref in found), np.int64))


def groups_of(account: str, group_ids: Sequence[int]) -> list[GroupTarget]:
    """Those of these groups that still live, with their present owners."""
    frozen = {"kind": "groups", "ids": list(group_ids)}
    return find_groups(SYSTEM, account, frozen) if group_ids else []


def _group_refs(actor: Actor, account: str, audience: Mapping[str, Any]) -> list[GroupRef]:
    ids = set(audience.get("ids") or ())
    owners = set(audience.get("owners") or ())
    labels = [str(one) for one in audience.get("labels") or ()] or [""]
    refs = {
        ref.id: ref
        for label in labels
        for ref in groups.list_refs(actor, GroupFilter(account=account, label=label))
    }
    if audience.get("kind") == MISSED:
        _, chats = _missed(audience)
        refs = {key: ref for key, ref in refs.items() if ref.remote_id in chats}
    return [
        ref
        for ref in refs.values()
        if (not ids or ref.id in ids) and (not owners or ref.owner in owners)
    ]


def _missed(audience: Mapping[str, Any]) -> tuple[set[int], set[str]]:
    """Customers, or the addresses of groups, that an earlier broadcast surely did not reach."""
    return reach.missed_by(f"{PREFIX}{audience['broadcast_id']}", audience["reasons"])


def freeze(broadcast: Broadcast, ids: Ids) -> None:
    """Keep who is meant; replaces what was frozen before. In the caller's transaction."""
    AudiencePart.objects.filter(broadcast=broadcast).delete()
    AudiencePart.objects.bulk_create(
        [
            AudiencePart(broadcast=broadcast, number=number, size=len(part), ids=pack(part))
            for number, part in enumerate(_parts(ids))
        ]
    )


def pack(ids: Ids) -> bytes:
    """Sorted ids as bytes."""
    return np.ascontiguousarray(ids, dtype="<i8").tobytes()


def unpack(raw: bytes) -> list[int]:
    """The ids of `pack`."""
    found: list[int] = np.frombuffer(raw, dtype="<i8").tolist()
    return found


def _parts(ids: Ids) -> Iterator[Ids]:
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]
