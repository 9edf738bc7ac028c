"""What platforms tell of tags and remarks, kept as what they have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from siyu.core.pipeline import Batch, Seen
from siyu.pool.rows import insert_rows
from siyu.pool.tag_words import StaffWord, TagList, drop_own_words
from siyu.ports import facts
from siyu.writeback.models import ChangedCustomer, RelationTag, Remark
from siyu.writeback.rules import is_taken_off_there
from siyu.writeback.switches import Switches, switches
from siyu.writeback.types import Mirror

_RELATION = ("account", "staff", "identity_id", "remote_id")
_NEWER = (
    "(account, staff, identity_id) DO UPDATE SET remark = excluded.remark,"
    " description = excluded.description, company = excluded.company,"
    " mobiles = excluded.mobiles, known_at = excluded.known_at,"
    " customer_id = excluded.customer_id WHERE excluded.known_at >= writeback_remark.known_at"
)


def hear(batch: Batch) -> None:
    """Stage: remarks of pulls, and who must be compared because a relation is new."""
    _keep_remarks(batch.named(facts.FRIEND_SYNCED))
    if switches().accounts:
        known = batch.named(facts.FRIEND_ADDED, facts.FRIEND_SYNCED)
        mark_changed({one.customer_id for one in known if one.customer_id}, batch.now)


def mark_changed(customer_ids: set[int], _now: datetime) -> None:
    """These customers' tags are to be compared with the platforms'."""
    if customer_ids and switches().accounts:
        ChangedCustomer.objects.bulk_create(
            [ChangedCustomer(customer_id=one) for one in sorted(customer_ids)],
            ignore_conflicts=True,
        )


def hear_tag_lists(
    lists: Mapping[StaffWord, TagList], now: datetime
) -> dict[StaffWord, frozenset[int]]:
    """See `pool.tag_words.Ear`: tags that we ourselves put there are only an echo.

    A tag that was there and is no longer listed was taken off at the platform: that is the last
    word, and ours on it that is older goes, too.
    """
    on = switches()
    wanted = {word: told for word, told in lists.items() if on.accounts.get(word[0])}
    if not wanted:
        return {}
    mirrors = _mirrors(wanted)
    echoes: dict[StaffWord, frozenset[int]] = {}
    for word, told in wanted.items():
        rows = mirrors.get(word, {})
        echoes[word] = _hear_list(word, told, rows, on)
    _drop(wanted, mirrors)
    mark_changed({told.customer_id for told in wanted.values()}, now)
    return echoes


def _mirrors(words: Iterable[StaffWord]) -> dict[StaffWord, dict[int, RelationTag]]:
    found: dict[StaffWord, dict[int, RelationTag]] = {}
    rows = RelationTag.objects.filter(identity_id__in={identity for _, _, identity in words})
    for row in rows:
        found.setdefault((row.account, row.staff, row.identity_id), {})[row.tag_id] = row
    return found


def _hear_list(
    word: StaffWord, told: TagList, rows: Mapping[int, RelationTag], on: Switches
) -> frozenset[int]:
    """Keep what one list says of the tags that are kept equal; those that are an echo."""
    account, staff, identity = word
    fresh = [
        RelationTag(
            account=account,
            staff=staff,
            identity_id=identity,
            tag_id=tag,
            is_remote=True,
            known_at=told.at,
        )
        for tag in told.tag_ids & set(on.accounts[account])
        if tag not in rows
    ]
    RelationTag.objects.bulk_create(fresh, ignore_conflicts=True)
    echoes = set()
    for tag, row in rows.items():
        if told.at <= row.known_at:
            echoes |= {tag} if row.by_us or not row.is_remote else set()
        elif tag in told.tag_ids:
            echoes |= {tag} if row.by_us else set()
            RelationTag.objects.filter(pk=row.pk).update(is_remote=True, known_at=told.at)
    return frozenset(echoes)


def _drop(
    lists: Mapping[StaffWord, TagList], mirrors: Mapping[StaffWord, Mapping[int, RelationTag]]
) -> None:
    """Tags taken off at the platform: its word is the last one."""
    until: dict[tuple[int, int], int] = {}
    gone: list[int] = []
    for word, told in lists.items():
        for tag, row in mirrors.get(word, {}).items():
            mirror = Mirror(row.is_remote, row.by_us)
            is_off = is_taken_off_there(mirror=mirror, known_at=row.known_at, told_at=told.at)
            if tag not in told.tag_ids and is_off:
                gone.append(row.pk)
                until[told.customer_id, tag] = told.at
                RelationTag.objects.filter(pk=row.pk).update(known_at=told.at)
    RelationTag.objects.filter(pk__in=gone).update(
        is_remote=False, by_us=False, wanted=None, state="", reason=""
    )
    drop_own_words(until, until)


def _keep_remarks(people: Iterable[Seen]) -> None:
    """The latest remark of each relation that has one, or had one."""
    latest: dict[StaffWord, Seen] = {}
    for seen in people:
        if seen.identity_id is not None and seen.customer_id is not None and seen.fact.staff:
            word = (seen.fact.account, seen.fact.staff, seen.identity_id)
            if word not in latest or seen.fact.at >= latest[word].fact.at:
                latest[word] = seen
    if not latest:
        return
    had = {
        (row["account"], row["staff"], row["identity_id"])
        for row in Remark.objects.filter(
            identity_id__in={identity for _, _, identity in latest}
        ).values("account", "staff", "identity_id")
    }
    rows = [
        _remark_row(word, seen)
        for word, seen in latest.items()
        if word in had or any(_fields(seen).values())
    ]
    columns = (*_RELATION, "customer_id", *_FIELDS, "known_at", "state", "reason")
    insert_rows(
        Remark,
        (*columns, "tries", "lease", "lease_until"),
        [(*row, "", "", 0, "", 0.0) for row in rows],
        on_conflict=_NEWER,
    )


_FIELDS = ("remark", "description", "company", "mobiles")


def _fields(seen: Seen) -> dict[str, Any]:
    private = seen.fact.private
    return {
        "remark": str(private.get("remark") or "")[:64],
        "description": str(private.get("description") or "")[:200],
        "company": str(private.get("remark_company") or "")[:64],
        "mobiles": [str(one)[:32] for one in private.get("remark_mobiles") or []][:5],
    }


def _remark_row(word: StaffWord, seen: Seen) -> tuple[Any, ...]:
    fields = _fields(seen)
    remote = seen.fact.identities[0].value
    mobiles = json.dumps(fields.pop("mobiles"), ensure_ascii=False)
    return (*word, remote, seen.customer_id, *fields.values(), mobiles, seen.fact.at)
