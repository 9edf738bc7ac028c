"""Additions as a ledger: each once, those after a loss anew, whatever is repeated or pulled."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.pipeline import run_stages
from siyu.growth import actions, figures
from siyu.growth.chores import work
from siyu.growth.duty import tell_due
from siyu.growth.figures import Asked
from siyu.growth.models import Chore, CodeAdd
from siyu.kernel.clock import SHANGHAI, to_ms
from siyu.kernel.identity import Identity
from siyu.pool import actions as pool
from siyu.ports import facts
from siyu.ports.facts import Fact

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS, STEPS = 25, 8


def _day(at: datetime, _who: int) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


def _staff(_at: datetime, who: int) -> str:
    return ("mei", "lin")[who % 2]


KEYS: dict[figures.By, Callable[[datetime, int], str]] = {"day": _day, "staff": _staff}


def _fact(town: Any, name: str, customer: int, at: datetime, **more: Any) -> Fact:
    stamp = to_ms(at)
    return Fact(
        name=name,
        at=stamp,
        received_at=stamp,
        source=town.account,
        message_id=f"{name}:{customer}:{stamp}",
        platform="wecom",
        account=town.account,
        staff=("mei", "lin")[customer % 2],
        identities=(Identity("wecom_external_userid", "wwcorp", f"wm{customer}"),),
        **more,
    )


def _lives(chance: random.Random, start: datetime) -> list[tuple[datetime, int, bool]]:
    """When each customer came (True) and went (False), in the order of time."""
    told = []
    for customer in range(CUSTOMERS):
        at = start
        for step in range(chance.randrange(1, STEPS)):
            at += timedelta(minutes=chance.randrange(1, 1500))
            told.append((at, customer, step % 2 == 0))
    return sorted(told)


def _stays(
    lives: Sequence[tuple[datetime, int, bool]],
) -> list[tuple[datetime, datetime | None, int]]:
    """From when to when each was a friend, and who; None: he still is."""
    found = []
    for at, who, came in lives:
        if came:
            ends = [end for end, one, is_come in lives if one == who and not is_come and end > at]
            found.append((at, min(ends, default=None), who))
    return found


def _split(chance: random.Random, told: Sequence[Fact]) -> list[list[Fact]]:
    """The same in batches, with earlier ones repeated."""
    batches, start = [], 0
    while start < len(told):
        end = start + chance.randrange(1, 12)
        repeated = [told[chance.randrange(min(end, len(told)))] for _ in range(3)]
        batches.append([*told[start:end], *repeated])
        start = end
    return batches


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_days_and_staff_equal_what_happened(town, make_code, clock, seed):
    chance, code = random.Random(seed), make_code(staff=["mei", "lin"])
    lives = _lives(chance, clock.now())
    names = {True: facts.FRIEND_ADDED, False: facts.FRIEND_LOST}
    told = [
        _fact(town, names[came], who, at, properties={"state": code.state} if came else {})
        for at, who, came in lives
    ]
    clock.advance(days=9)
    for batch in _split(chance, told):
        run_stages(batch, (pool.resolve, actions.hear), clock.now())
    first = lives[0][0].astimezone(SHANGHAI).date()
    for by, key in KEYS.items():
        asked = Asked(codes=(code.id,), first=first, last=first + timedelta(days=12), by=by)
        found = figures.code_figures(SYSTEM, asked, now=clock.now())
        for row in found:
            of_row = [came for at, who, came in lives if key(at, who) == row.key]
            assert (row.added, row.lost) == (sum(of_row), len(of_row) - sum(of_row))
            stays = [(at, end) for at, end, who in _stays(lives) if key(at, who) == row.key]
            for days, due, kept in ((1, row.due_1, row.kept_1), (7, row.due_7, row.kept_7)):
                span = timedelta(days=days)
                old = [(at, end) for at, end in stays if at + span <= clock.now()]
                assert (due, kept) == (
                    len(old),
                    sum(end is None or end > at + span for at, end in old),
                )
        assert sum(row.added for row in found) == sum(came for _, _, came in lives)
    friends = sum(
        [came for _, who, came in lives if who == one][-1]
        for one in {customer for _, customer, _ in lives}
    )
    assert CodeAdd.objects.filter(lost_at__isnull=True).count() == friends


def test_who_comes_again_is_tagged_and_counts_for_the_daily_limit(town, make_code, clock):
    tag = pool.ensure_tag(SYSTEM, "来源", "门店", now=clock.now())
    code = make_code(plan={"staff": ["mei"], "backups": ["lin"], "cap": 2}, tag_ids=[tag])
    done = town.people("scan", state=code.state, unionid="oU1", name="客")
    town.hear()
    clock.advance(minutes=1)
    gone = {"userid": "mei", "external_userid": done["external_userid"], "by": "customer"}
    town.people("delete_friend", **gone)
    town.hear()
    Chore.objects.all().delete()
    clock.advance(minutes=1)
    town.people("scan", state=code.state, unionid="oU1", name="客")
    town.hear()
    assert Chore.objects.count() == 1
    assert CodeAdd.objects.count() == 2
    assert town.way(code.state)["user"] == ["mei"]
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["lin"]


@pytest.mark.parametrize("remark", ["", "老客户王姐"])
def test_who_is_found_by_a_pull_gets_tags_and_no_remark_over_anothers(
    town, make_code, clock, remark
):
    tag = pool.ensure_tag(SYSTEM, "来源", "门店", now=clock.now())
    code = make_code(staff=["mei"], tag_ids=[tag], remark="{{ name }}-门店")
    who = town.people("scan", state=code.state, unionid="oU1", name="客")["external_userid"]
    town.world.sent.clear()
    relation = town.sandbox._corps[town.account.partition(":")[2]].relations["mei"][who]
    relation.remark = remark
    clock.advance(hours=3)
    town.fetch(who)
    clock.advance(seconds=5)
    work(clock.now())
    assert relation.remark == (remark or "客-门店")
    assert len(relation.tag_ids) == 1


def test_an_old_friend_found_by_a_first_pull_is_left_as_he_is(town, make_code, clock):
    code = make_code(staff=["mei"], remark="{{ name }}-门店")
    who = town.people("scan", state=code.state, unionid="oU1", name="客")["external_userid"]
    clock.advance(days=3)
    town.fetch(who)
    assert (CodeAdd.objects.count(), Chore.objects.count()) == (1, 0)
