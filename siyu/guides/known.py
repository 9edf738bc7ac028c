"""What the pulls know of each relation: enough to skip what is unchanged and to see who is gone.

Whether a platform still lists a relation that the customer ended is unconfirmed (WeCom, path/92130:
`del_follow_user`), so that end is remembered: what began before it and is listed still, is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db.models import Q, QuerySet

from siyu.core.pipeline import Batch
from siyu.guides.models import Known
from siyu.guides.pulling import Pull
from siyu.kernel.clock import from_ms, to_ms
from siyu.kernel.ids import digest
from siyu.pool.queries import erased_among
from siyu.ports import facts
from siyu.ports.facts import Fact

SETTLING = timedelta(minutes=10)
"""A platform repeats a callback for seconds; a relation older than this is not on its way."""
LATE = timedelta(hours=24)
_BEGINS = (facts.FRIEND_ADDED, facts.FOLLOWED)
_ENDS = (facts.FRIEND_LOST, facts.FRIEND_REMOVED, facts.UNFOLLOWED)
_Place = tuple[str, str, str]


@dataclass(frozen=True)
class Page:
    """A page of a pull, compared with what was known. submit: what the pool has yet to hear;
    missed: additions among it that no callback told of."""

    submit: list[Fact]
    rows: list[Known]
    missed: int = 0


def note_callbacks(batch: Batch) -> None:
    """Keep in step with what callbacks told: the last word on each relation counts."""
    last: dict[_Place, Fact] = {}
    for seen in batch.named(*_BEGINS, *_ENDS):
        fact = seen.fact
        if fact.account and fact.identities and seen.customer_id is not None:
            place = _place(fact)
            if place not in last or last[place].at <= fact.at:
                last[place] = fact
    added = {place: from_ms(fact.at) for place, fact in last.items() if fact.name in _BEGINS}
    ended = {place: from_ms(fact.at) for place, fact in last.items() if _is_theirs(fact)}
    _forget({place for place, fact in last.items() if fact.name in _ENDS})
    _forget_ends(added)
    Known.objects.bulk_create(
        [
            Known(
                account=account,
                staff=staff,
                remote_id=remote,
                noted_at=batch.now,
                ended_at=ended.get((account, staff, remote)),
            )
            for account, staff, remote in (*added, *ended)
        ],
        ignore_conflicts=True,
    )


def compare(found: Sequence[Fact], pull: Pull, since: datetime | None) -> Page:
    """The facts of a page that say something new. Of erased people nothing is remembered.

    since: when the pull before this one began, None for the first: a relation that began after
    it and that no callback told of is an addition we missed, and is told as one too.
    """
    known = _known(found)
    found = [fact for fact in found if not _is_over(fact, known)]
    known = {place: row for place, row in known.items() if row.ended_at is None}
    erased = erased_among(fact.identities[0] for fact in found)
    submit: list[Fact] = []
    rows: list[Known] = []
    missed = 0
    for fact in found:
        print_ = _fingerprint(fact)
        before = known.get(_place(fact))
        if before is None or before.fingerprint != print_:
            submit.append(fact)
        if before is None and since is not None and _is_missed(fact, pull, since):
            submit.append(_addition(fact, pull))
            missed += 1
        if fact.identities[0] in erased:
            continue
        account, staff, remote = _place(fact)
        rows.append(
            Known(
                account=account,
                staff=staff,
                remote_id=remote,
                fingerprint=print_,
                sync_id=pull.id,
                noted_at=pull.started_at,
            )
        )
    return Page(submit, rows, missed)


def living(found: Sequence[Fact]) -> list[Fact]:
    """Relations as asked for one by one, but for those that the customer has ended."""
    known = _known(found)
    return [fact for fact in found if not _is_over(fact, known)]


def remember(page: Page) -> None:
    """Write a page down; inside the transaction that moves the checkpoint."""
    Known.objects.bulk_create(
        page.rows,
        update_conflicts=True,
        unique_fields=["account", "staff", "remote_id"],
        update_fields=["fingerprint", "sync_id", "ended_at"],
    )


def count_gone(pull: Pull, staff: Collection[str]) -> tuple[int, int]:
    """Relations of these staff a pull did not meet, and how many were known in all."""
    own = Known.objects.filter(account=pull.account, staff__in=staff, ended_at__isnull=True)
    return _gone(pull, staff).count(), own.count()


def list_gone(pull: Pull, staff: Collection[str], limit: int) -> list[Known]:
    """Some of the relations of these staff that a pull did not meet."""
    return list(_gone(pull, staff).order_by("pk")[:limit])


def forget(rows: Iterable[Known]) -> None:
    """They are gone and told."""
    Known.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _gone(pull: Pull, staff: Collection[str]) -> QuerySet[Known]:
    return Known.objects.filter(
        ~Q(sync_id=pull.id),
        ended_at__isnull=True,
        account=pull.account,
        staff__in=staff,
        noted_at__lt=pull.started_at,
    )


def _known(found: Sequence[Fact]) -> dict[_Place, Known]:
    rows = _rows({_place(fact) for fact in found}) if found else []
    return {(row.account, row.staff, row.remote_id): row for row in rows}


def _is_theirs(fact: Fact) -> bool:
    """Whether the customer ended it, as a callback said; of pulls nobody knows who did."""
    return fact.name == facts.FRIEND_LOST and "found_by" not in fact.properties


def _is_over(fact: Fact, known: Mapping[_Place, Known]) -> bool:
    row = known.get(_place(fact))
    if row is None or row.ended_at is None:
        return False
    return 0 < int(fact.properties.get("added_at") or 0) < to_ms(row.ended_at)


def _forget(places: Collection[_Place]) -> None:
    forget(row for row in _rows(places))


def _forget_ends(added: Mapping[_Place, datetime]) -> None:
    """Who came back after the end is a friend anew."""
    forget(
        row
        for row in _rows(added)
        if row.ended_at and row.ended_at <= added[row.account, row.staff, row.remote_id]
    )


def _rows(places: Collection[_Place]) -> list[Known]:
    """The rows of these places."""
    rows = Known.objects.filter(
        account__in={account for account, _, _ in places},
        remote_id__in={remote for _, _, remote in places},
    )
    return [row for row in rows if (row.account, row.staff, row.remote_id) in places]


def _place(fact: Fact) -> _Place:
    return fact.account, fact.staff, fact.identities[0].value


def _fingerprint(fact: Fact) -> str:
    content = [fact.identities, fact.properties, fact.traits, fact.private]
    return digest(msgspec.json.encode(content)).hex()


def _is_missed(fact: Fact, pull: Pull, since: datetime) -> bool:
    began = int(fact.properties.get("added_at") or 0)
    return to_ms(since - SETTLING) <= began < to_ms(pull.started_at - SETTLING)


def _addition(fact: Fact, pull: Pull) -> Fact:
    """The addition that no callback told of; too old a one starts no journey."""
    began = int(fact.properties["added_at"])
    account, staff, remote = _place(fact)
    state = fact.properties.get("state")
    return Fact(
        name=facts.FRIEND_ADDED if staff else facts.FOLLOWED,
        at=began,
        received_at=fact.received_at,
        source=fact.source,
        message_id=f"missed:{digest(f'{account}|{staff}|{remote}|{began}'.encode()).hex()}",
        platform=fact.platform,
        account=account,
        staff=staff,
        identities=fact.identities,
        evidence=fact.evidence,
        properties={"found_by": "sync", **({"state": state} if state else {})},
        is_late=from_ms(began) < pull.started_at - LATE,
    )
