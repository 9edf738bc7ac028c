"""The queue's other end: wishes become calls, answers become results."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction

from siyu.core.accounts import connector
from siyu.core.leases import claim
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import (
    PlatformRefused,
    Reauth,
    RetryLater,
    SiyuError,
    UnknownOutcome,
    WaitUntil,
)
from siyu.pool.tag_words import learn_platform_tags, platform_tag_ids
from siyu.ports.capabilities import TagWriter
from siyu.ports.remarks import RemarkChange
from siyu.writeback.models import Queued, RelationTag, Remark
from siyu.writeback.switches import switches
from siyu.writeback.types import Relation

AT_ONCE = 100
THREADS = 4
BACK_OFF_SECONDS = (2, 10, 60, 300, 1800)
REAUTH_PAUSE = timedelta(minutes=5)
WAITING, REFUSED = "waiting", "refused"
Item = TypeVar("Item")


@dataclass
class Marking:
    """All wishes on one relation: one call."""

    relation: Relation
    remote_id: str
    rows: list[RelationTag]
    add: list[str]
    remove: list[str]


def push_tags(now: datetime) -> bool:
    """Write some waiting tags; True when there was any."""
    due = RelationTag.objects.filter(state=WAITING, due_at__lte=now)
    rows = claim(due.order_by("due_at", "account", "staff", "identity_id"), AT_ONCE)
    if not rows:
        return False
    by_account: dict[str, list[RelationTag]] = defaultdict(list)
    for row in rows:
        by_account[row.account].append(row)
    for account, wishes in by_account.items():
        _push_account(account, wishes, now)
    return True


def _push_account(account: str, rows: list[RelationTag], now: datetime) -> None:
    try:
        writer = connector(account).tags
        if writer is None:
            raise PlatformRefused("writeback.platform", "这个平台不能打标签")
        markings = _markings(rows, _remote_ids(account, rows, writer))
    except SiyuError as error:
        settle_failures([(row, error) for row in rows], now)
        return
    answers = ask_all(
        markings,
        lambda one: writer.mark(one.relation[1], one.remote_id, one.add, one.remove),
    )
    done = [row for one, error in answers if error is None for row in one.rows]
    _finish_tags(done, now)
    failed = [(row, error) for one, error in answers if error is not None for row in one.rows]
    settle_failures(failed, now)
    nameless = {id(row) for one in markings for row in one.rows}
    unknown = PlatformRefused("writeback.tag", "标签在平台上不存在, 名称可能超过 30 个字")
    settle_failures([(row, unknown) for row in rows if id(row) not in nameless], now)


def _remote_ids(account: str, rows: Sequence[RelationTag], writer: TagWriter) -> dict[int, str]:
    """The platform's ids of the tags; those it does not have yet are made, group by group."""
    wanted = {row.tag_id for row in rows}
    known = platform_tag_ids(account, wanted)
    missing: dict[str, dict[str, int]] = defaultdict(dict)
    names = switches().accounts.get(account, {})
    for tag in wanted - known.keys():
        if tag in names and len(names[tag][2]) <= 30 and len(names[tag][1]) <= 30:
            missing[names[tag][1]][names[tag][2]] = tag
    for group, tags in missing.items():
        made = writer.create_tags(group, list(tags))
        learned = {one.remote_id: tags[one.name] for one in made if one.name in tags}
        learn_platform_tags(account, learned)
        known |= {tag: remote for remote, tag in learned.items()}
    return known


def _markings(rows: Iterable[RelationTag], remote: Mapping[int, str]) -> list[Marking]:
    found: dict[Relation, Marking] = {}
    for row in rows:
        if row.tag_id not in remote:
            continue
        relation = (row.account, row.staff, row.identity_id)
        one = found.setdefault(relation, Marking(relation, row.remote_id, [], [], []))
        one.rows.append(row)
        (one.add if row.wanted else one.remove).append(remote[row.tag_id])
    return list(found.values())


def _finish_tags(rows: Sequence[RelationTag], now: datetime) -> None:
    """The platform has them now. It sends no callback for what we do: kept here at once."""
    for wanted in (True, False):
        ids = [row.pk for row in rows if row.wanted is wanted]
        mine = RelationTag.objects.filter(pk__in=ids, lease__in={row.lease for row in rows})
        mine.filter(wanted=wanted).update(
            state="",
            wanted=None,
            reason="",
            is_remote=wanted,
            by_us=wanted,
            known_at=to_ms(now),
            done_at=now,
        )
        mine.update(lease="", lease_until=0)


def push_remarks(now: datetime) -> bool:
    """Write some waiting remarks; True when there was any."""
    rows = claim(Remark.objects.filter(state=WAITING, due_at__lte=now).order_by("due_at"), AT_ONCE)
    answers = ask_all(rows, _write_remark)
    for row, error in answers:
        if error is None:
            _finish_remark(row, now)
    settle_failures([(row, error) for row, error in answers if error is not None], now)
    return bool(rows)


def _write_remark(row: Remark) -> None:
    writer = connector(row.account).remarks
    if writer is None:
        raise PlatformRefused("writeback.platform", "这个平台不能写备注")
    writer.change_remark(row.staff, row.remote_id, RemarkChange(**(row.wanted or {})))


def _finish_remark(row: Remark, now: datetime) -> None:
    with transaction.atomic():
        found = Remark.objects.filter(pk=row.pk, lease=row.lease)
        found.update(
            **(row.wanted or {}),
            known_at=to_ms(now),
            state="",
            reason="",
            done_at=now,
            wanted=None,
            lease="",
            lease_until=0,
        )


def ask_all(
    items: Sequence[Item], call: Callable[[Item], None]
) -> list[tuple[Item, SiyuError | None]]:
    """Call for each, some at a time; what came of it."""
    asking = threading.current_thread()

    def ask(item: Item) -> SiyuError | None:
        try:
            call(item)
        except SiyuError as error:
            return error
        finally:
            if threading.current_thread() is not asking:
                connection.close()
        return None

    if len(items) < 2:
        return [(item, ask(item)) for item in items]
    first = ask(items[0])
    with ThreadPoolExecutor(min(len(items), THREADS), thread_name_prefix="write") as threads:
        return list(zip(items, [first, *threads.map(ask, items[1:])], strict=True))


def settle_failures(failed: Sequence[tuple[Queued, SiyuError]], now: datetime) -> None:
    """Failed wishes wait, longer each time, or are refused with the reason shown."""
    for row, error in failed:
        row.tries += 1
        row.reason = error.reason[:200]
        row.due_at = _next_try(error, row.tries, now)
        row.state = WAITING if row.due_at is not None else REFUSED
        row.lease, row.lease_until = "", 0
        row.save(update_fields=["tries", "reason", "due_at", "state", "lease", "lease_until"])


def _next_try(error: SiyuError, tries: int, now: datetime) -> datetime | None:
    """When to try again; None = never by itself."""
    if isinstance(error, WaitUntil):
        return error.until
    if isinstance(error, Reauth):
        return now + REAUTH_PAUSE
    if isinstance(error, RetryLater | UnknownOutcome) and tries <= len(BACK_OFF_SECONDS):
        return now + timedelta(seconds=BACK_OFF_SECONDS[tries - 1])
    return None
