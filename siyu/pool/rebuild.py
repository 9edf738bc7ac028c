"""Recompute all customers from the edge log, and say what would change.

Components come from union-find over the whole table, or from a cluster (`labelling.py`); only those where identities clash are
settled edge by edge with the rules. Nothing is written here: see `rebuilding.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from siyu.pool import ruling
from siyu.pool.edges import load_around
from siyu.pool.labelling import label
from siyu.pool.rules import MAX_COMPONENT, MAX_GROUP, Node, cluster
from siyu.pool.ruling import Overrides
from siyu.pool.sightings import load_by_id
from siyu.pool.snapshot import Flags, Ids, Numbers, Progress, Snapshot, read_snapshot

_AT_ONCE = 20_000
EXAMPLES = 20


@dataclass(frozen=True)
class Report:
    """What a rebuild changes.

    merges: groups that take in more than one of today's customers. splits: today's customers
    that fall into more than one group. largest: sizes of the largest groups. joined, refused:
    edges whose verdict changes. merging, splitting: examples, by customer id.
    """

    identities: int = 0
    edges: int = 0
    customers_before: int = 0
    customers: int = 0
    merges: int = 0
    splits: int = 0
    quarantined: int = 0
    released: int = 0
    joined: int = 0
    refused: int = 0
    largest: list[int] = field(default_factory=list)
    merging: list[list[int]] = field(default_factory=list)
    splitting: list[list[int]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Rebuilt:
    """groups: for each of `ids` the group it belongs to, named by its smallest identity.

    changed: the identities to recompute; parts: the component of each, in order.
    """

    ids: Ids
    groups: Ids
    changed: Ids
    parts: Numbers
    report: Report

    @property
    def homes(self) -> dict[int, int]:
        """Identity id → group."""
        return dict(zip(self.ids.tolist(), self.groups.tolist(), strict=True))

    @property
    def customers(self) -> int:
        return self.report.customers

    @property
    def merges(self) -> int:
        return self.report.merges

    @property
    def splits(self) -> int:
        return self.report.splits


def _silent(_phase: str, _done: int, _total: int) -> None:
    return None


def preview_rebuild(overrides: Overrides | None = None, progress: Progress = _silent) -> Rebuilt:
    """What the rules make of the edge log, compared with the customers there are.

    overrides: rules to try out, by namespace; None: those in force. Refused when they are wrong.
    """
    tried = ruling.load(overrides=overrides)
    with ruling.trying(tried):
        return _Rebuilding(read_snapshot(tried, progress), progress).run()


class _Rebuilding:
    def __init__(self, snapshot: Snapshot, progress: Progress) -> None:
        self._seen = snapshot
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._is_changed = (snapshot.is_blocked != snapshot.was_blocked) | snapshot.is_stale

    def run(self) -> Rebuilt:
        seen = self._seen
        used = seen.is_used
        labels = label(seen.left[used], seen.right[used], len(seen.ids))
        homes = seen.ids[labels]
        is_clashing = self._settle(labels, homes)
        self._compare_states(used, is_clashing[seen.left])
        self._mark_crowds(labels)
        report = self._compare(homes)
        changed = np.flatnonzero(self._is_changed)
        changed = changed[np.argsort(labels[changed], kind="stable")]
        return Rebuilt(seen.ids, homes, seen.ids[changed], labels[changed], report)

    def _settle(self, labels: Numbers, homes: Ids) -> Flags:
        """Settle the components that clash, many at once; which identities were settled."""
        seen = self._seen
        is_clashing = np.zeros(len(seen.ids), np.bool_)
        components = list(find_clashing(seen, labels))
        total = sum(len(component) for component in components)
        done = 0
        for batch in _batches(components):
            places = np.concatenate(batch)
            is_clashing[places] = True
            self._settle_batch(seen.ids[places], seen.is_blocked[places], homes)
            done += len(places)
            self._progress("settling", done, total)
        return is_clashing

    def _settle_batch(self, ids: Ids, is_blocked: Flags, homes: Ids) -> None:
        blocked = dict(zip(ids.tolist(), is_blocked.tolist(), strict=True))
        nodes: dict[int, Node] = {}
        for node in load_by_id(blocked):
            node.is_quarantined = blocked[node.id]
            nodes[node.id] = node
        links = [link for link in load_around(nodes) if link.a in nodes and link.b in nodes]
        outcome = cluster(nodes, links)
        for group in outcome.groups:
            homes[np.searchsorted(self._seen.ids, group)] = min(group)
        for link in links:
            verdict = outcome.verdicts.get(link.id)
            if verdict is not None and verdict != (link.state, link.reason):
                self._is_changed[np.searchsorted(self._seen.ids, [link.a, link.b])] = True
                if verdict[0] != link.state:
                    self._counts[verdict[0]] += 1

    def _compare_states(self, used: Flags, is_settled: Flags) -> None:
        """Edges of components without a clash are joined, those of quarantined ids are not."""
        seen = self._seen
        should = np.where(used, 0, 2)
        wrong = (seen.state != should) & ~(is_settled & used)
        self._is_changed[seen.left[wrong]] = True
        self._is_changed[seen.right[wrong]] = True
        self._counts["joined"] += int((wrong & used).sum())

    def _mark_crowds(self, labels: Numbers) -> None:
        sizes = np.bincount(labels, minlength=len(labels))
        is_crowded = (sizes[labels] > MAX_COMPONENT) & ~self._seen.is_blocked
        changed = np.zeros(len(labels), np.bool_)
        changed[labels[self._is_changed | (is_crowded != self._seen.was_crowded)]] = True
        whole = changed[labels] & (is_crowded | self._seen.was_crowded)
        self._is_changed |= whole

    def _compare(self, homes: Ids) -> Report:
        seen = self._seen
        pairs = np.unique(np.stack((homes, seen.customers), axis=1), axis=0)
        merging, splitting = _repeated(pairs, 0), _repeated(pairs, 1)
        moved = np.isin(homes, merging) | np.isin(seen.customers, splitting)
        self._is_changed |= moved
        sizes = np.sort(np.unique(homes, return_counts=True)[1])[::-1]
        return Report(
            identities=len(seen.ids),
            edges=len(seen.left),
            customers_before=len(np.unique(seen.customers)),
            customers=len(np.unique(homes)),
            merges=len(merging),
            splits=len(splitting),
            quarantined=int((seen.is_blocked & ~seen.was_blocked).sum()),
            released=int((seen.was_blocked & ~seen.is_blocked).sum()),
            joined=self._counts["joined"],
            refused=self._counts["refused"],
            largest=sizes[:10].tolist(),
            merging=[pairs[pairs[:, 0] == g, 1].tolist() for g in merging[:EXAMPLES]],
            splitting=[
                [int(customer), int((pairs[:, 1] == customer).sum())]
                for customer in splitting[:EXAMPLES]
            ],
        )


def _repeated(pairs: Ids, column: int) -> Ids:
    values, counts = np.unique(pairs[:, column], return_counts=True)
    return np.asarray(values[counts > 1])


def find_clashing(seen: Snapshot, labels: Numbers) -> Iterator[Ids]:
    """Positions of each component that the rules might cut.

    Cut may be what holds more identities of one kind than a person may have, weak edges between
    two of one strong kind, pairs kept apart, or more identities than a group may have.
    """
    if not len(labels):
        return
    order = np.lexsort((seen.keys, labels))
    in_order, keys = labels[order], seen.keys[order]
    first = np.flatnonzero(np.r_[True, (np.diff(in_order) != 0) | (np.diff(keys) != 0)])
    runs = np.diff(np.r_[first, len(order)])
    limits = seen.limits[order][first]
    keyed = keys[first] >= 0
    clashing = [in_order[first][keyed & (limits > 0) & (runs > limits)]]
    with_weak = np.unique(labels[seen.left[seen.is_weak & seen.is_used]])
    repeated = in_order[first][keyed & (limits != 1) & (runs > 1)]
    clashing.append(repeated[np.isin(repeated, with_weak)])
    found, sizes = np.unique(labels, return_counts=True)
    clashing.append(found[sizes > MAX_GROUP])
    if len(seen.apart):
        one, other = labels[seen.apart[:, 0]], labels[seen.apart[:, 1]]
        clashing.append(one[one == other])
    several = np.unique(np.concatenate(clashing))
    starts = np.searchsorted(in_order, several, "left")
    ends = np.searchsorted(in_order, several, "right")
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield order[start:end]


def _batches(components: list[Ids]) -> Iterator[list[Ids]]:
    batch: list[Ids] = []
    size = 0
    for component in components:
        if batch and size + len(component) > _AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(component)
        size += len(component)
    if batch:
        yield batch
