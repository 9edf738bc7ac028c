"""The first stage of a batch: whom is each fact about?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from siyu.core.pipeline import Batch, Seen
from siyu.pool import consents, relations, tags, traits
from siyu.pool.linking import Linking
from siyu.pool.memory import MEMORY, Remembered, forget_everybody, publish_after_commit, read_epoch
from siyu.pool.rows import raise_times, stamper
from siyu.pool.ruling import deciding
from siyu.pool.types import Move, customers_of
from siyu.ports.facts import IDENTITY_UNBOUND, Fact


def resolve(batch: Batch) -> None:
    """Identities → edges → customers; sets `customer_id` and `identity_id` of every fact.

    Then traits, relations, platform tags and consent. Must run inside a transaction.
    """
    with deciding(is_part=True):
        epoch = read_epoch()
        MEMORY.enter(epoch)
        known, unknown = _recall(batch.seen)
        if unknown:
            linking = Linking(unknown, batch.now)
            moves = linking.run()
            if linking.work.is_upset:
                epoch = forget_everybody()
                _follow(known, moves)
                batch.touched.update(customers_of(moves))
            publish_after_commit(epoch, _learnt(unknown, linking.unsettled))
        _keep_last_seen(known)
        people = [seen for seen in batch.seen if seen.customer_id is not None]
        batch.touched.update(seen.customer_id for seen in people if seen.customer_id)
        traits.record_traits(people)
        relations.record_relations(people)
        tags.record_platform_tags(people, batch.now)
        consents.record_consents(people)


def _key(fact: Fact) -> Hashable:
    return fact.identities, fact.source, fact.evidence or fact.name, fact.platform


def _recall(facts: Iterable[Seen]) -> tuple[list[Seen], list[Seen]]:
    known, unknown = [], []
    get = MEMORY.get
    for seen in facts:
        fact = seen.fact
        if not fact.identities:
            continue
        hit = get((fact.identities, fact.source, fact.evidence or fact.name, fact.platform))
        if hit is None or fact.at < hit.since or fact.name == IDENTITY_UNBOUND:
            unknown.append(seen)
        else:
            seen.customer_id, seen.identity_id = hit.customer_id, hit.identity_id
            known.append(seen)
    return known, unknown


def _learnt(unknown: Iterable[Seen], unsettled: set[int]) -> dict[Hashable, Remembered]:
    entries: dict[Hashable, Remembered] = {}
    takes_late = MEMORY.has_room_for_past()
    for seen in unknown:
        if seen.customer_id is None or seen.identity_id is None or id(seen) in unsettled:
            continue
        if seen.fact.is_late and not takes_late:
            continue
        key = _key(seen.fact)
        earlier = entries.get(key)
        since = min(seen.fact.at, earlier.since) if earlier else seen.fact.at
        entries[key] = Remembered(seen.customer_id, seen.identity_id, since)
    return entries


def _follow(known: Iterable[Seen], moves: Iterable[Move]) -> None:
    """Facts recalled before this batch moved their person."""
    homes = {move.identity_id: move.to_customer for move in moves}
    for seen in known:
        if seen.identity_id in homes:
            seen.customer_id = homes[seen.identity_id]


def _keep_last_seen(known: Iterable[Seen]) -> None:
    identities: dict[int, int] = {}
    customers: dict[int, int] = {}
    for seen in known:
        at, identity, customer = seen.fact.at, seen.identity_id, seen.customer_id
        assert identity is not None
        assert customer is not None
        if at > identities.get(identity, 0):
            identities[identity] = at
            customers[customer] = max(at, customers.get(customer, 0))
    stamp = stamper()
    raise_times("pool_identity", "last_seen_at", [(stamp(at), i) for i, at in identities.items()])
    raise_times("pool_customer", "last_seen_at", [(stamp(at), i) for i, at in customers.items()])
