"""Remark, description and tags of new friends, told to the platform after the addition.

Locally the tags hang already; the platform is told by one duty, which may repeat itself safely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from siyu.core.accounts import connector
from siyu.core.runtime import runtime
from siyu.growth.attribution import Arrival
from siyu.growth.models import Chore
from siyu.kernel.errors import NotFound, PlatformRefused, Refused, SiyuError, WaitUntil
from siyu.pool import queries as pool
from siyu.pool.tag_words import platform_tag_ids
from siyu.ports.capabilities import Connector, TagWriter
from siyu.reach import actions as reach

AT_ONCE = 20
FIRST = timedelta(seconds=2)
NAME_WAIT = timedelta(minutes=2)
LATE = timedelta(days=2)
"""A friend found by a pull, whose callback was lost, is written to when he is newer than this."""
BACK_OFF_SECONDS = (5, 30, 120, 600, 3600, 6 * 3600)
Asked = dict[tuple[str, int], list[str]]
"""The platform's ids of a code's tags, by account and code: asked once a turn."""


def queue_chores(fresh: Iterable[Arrival], now: datetime) -> None:
    """Put new friends on the work list whose code has something to write; a remark that somebody
    wrote in the meantime stays."""
    rows = [
        Chore(
            account=arrival.seen.fact.account,
            staff=arrival.seen.fact.staff,
            remote_id=arrival.seen.fact.identities[0].value,
            identity_id=arrival.identity_id,
            customer_id=arrival.customer_id,
            code=arrival.code,
            added_at=arrival.added_at,
            due_at=now + FIRST,
            is_remarked=_is_remarked(arrival),
        )
        for arrival in fresh
        if arrival.code.is_active
        and (arrival.is_event or arrival.added_at > now - LATE)
        and (arrival.code.remark or arrival.code.description or arrival.code.tag_ids)
    ]
    if rows:
        Chore.objects.bulk_create(rows, ignore_conflicts=True)


def _is_remarked(arrival: Arrival) -> bool:
    """Whether a pull shows a remark other than the name, which the platform itself puts there."""
    fact = arrival.seen.fact
    return fact.private.get("remark", "") not in {"", fact.traits.get("name", "")}


def do_chores() -> bool:
    """Duty: write what is due."""
    return work(runtime().clock.now())


def work(now: datetime) -> bool:
    """Write remarks and tags of some new friends; True when there may be more."""
    due = list(
        Chore.objects.select_related("code").filter(due_at__lte=now).order_by("due_at")[:AT_ONCE]
    )
    done: list[int] = []
    asked: Asked = {}
    for chore in due:
        try:
            if _do(chore, now, asked):
                done.append(chore.pk)
        except SiyuError as error:
            if _put_off(chore, error, now):
                done.append(chore.pk)
    Chore.objects.filter(pk__in=done).delete()
    return len(due) == AT_ONCE


def _do(chore: Chore, now: datetime, asked: Asked) -> bool:
    """False when the name is worth another moment's wait."""
    needs_name = not chore.is_remarked and "name" in chore.code.remark + chore.code.description
    name = _name_of(chore) if needs_name else ""
    if needs_name and not name and now < chore.added_at + NAME_WAIT:
        chore.due_at = now + FIRST
        chore.save(update_fields=["due_at"])
        return False
    platform = connector(chore.account)
    _write_remark(chore, platform, name)
    _mark(chore, platform, asked)
    return True


def _name_of(chore: Chore) -> str:
    known = pool.current_customer_id(chore.customer_id)
    return pool.names_of([known]).get(known, "")


def _write_remark(chore: Chore, platform: Connector, name: str) -> None:
    code = chore.code
    if platform.remarks is None or chore.is_remarked or not (code.remark or code.description):
        return
    values = {"name": name or "客户", "channel": code.channel, "code": code.name}
    platform.remarks.write_remark(
        chore.staff,
        chore.remote_id,
        remark=_text(code.remark, values),
        description=_text(code.description, values),
    )


def _text(template: str, values: Mapping[str, str]) -> str:
    return reach.render(template, values).text if template else ""


def _mark(chore: Chore, platform: Connector, asked: Asked) -> None:
    if platform.tags is None or not chore.code.tag_ids:
        return
    key = (chore.account, chore.code.pk)
    if key not in asked:
        asked[key] = _remote_tags(chore.account, platform.tags, chore.code.tag_ids)
    if asked[key]:
        platform.tags.mark(chore.staff, chore.remote_id, asked[key], [])


def _remote_tags(account: str, writer: TagWriter, tag_ids: Sequence[int]) -> list[str]:
    """Their ids there; the platform may call them otherwise. Those it has not are made."""
    named = {tag.id: tag for tag in pool.list_tags()}
    known = platform_tag_ids(account, [tag_id for tag_id in tag_ids if tag_id in named])
    groups: dict[str, list[str]] = {}
    for tag_id in tag_ids:
        if tag_id in named and tag_id not in known:
            groups.setdefault(named[tag_id].group, []).append(named[tag_id].name)
    made = [
        tag.remote_id for group, names in groups.items() for tag in writer.create_tags(group, names)
    ]
    return [*known.values(), *made]


def _put_off(chore: Chore, error: SiyuError, now: datetime) -> bool:
    """Try again later; True when it will never succeed."""
    if isinstance(error, PlatformRefused | Refused | NotFound):
        return True
    if chore.tries >= len(BACK_OFF_SECONDS):
        return True
    wait = timedelta(seconds=BACK_OFF_SECONDS[chore.tries])
    chore.due_at = max(now + wait, error.until) if isinstance(error, WaitUntil) else now + wait
    chore.tries, chore.error = chore.tries + 1, error.reason[:200]
    chore.save(update_fields=["due_at", "tries", "error"])
    return False
