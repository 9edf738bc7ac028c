"""Which words greet a new friend, and when: at once, or as soon as the name is known.

Priority: the code's words, then those of the member of staff, of a department of his (the nearest
one first, then those above it), of the company; at each level the words of the present time go
before the usual ones. A journey's welcome goes out only where all of these say nothing. A welcome
code lives 20 seconds, so a welcome that needs the customer's name waits at most NAME_WAIT for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from siyu.core.pipeline import Batch, Seen
from siyu.core.runtime import runtime
from siyu.growth import rules
from siyu.growth.arrangements import read_says
from siyu.growth.attribution import Arrival
from siyu.growth.models import LiveCode, PendingWelcome, WelcomeRule
from siyu.growth.neighbours import staff_of
from siyu.growth.types import Colleague, Says, Words
from siyu.kernel.clock import from_ms
from siyu.materials import queries as materials
from siyu.pool import queries as pool
from siyu.ports import facts
from siyu.reach import actions as reach
from siyu.reach.types import SERVICE, WELCOME, GateVerdict, TouchPlan, TouchRef

LIFE = timedelta(seconds=20)
NAME_WAIT = timedelta(seconds=8)
AWAITED = 200
NAMELESS = "朋友"
"""Said in place of a name that could not be learnt in time."""
_NAME = re.compile(r"\{[{%][^}]*\bname\b")
COMPANY, DEPARTMENT, STAFF = "company", "department", "staff"
SCOPES = (STAFF, DEPARTMENT, COMPANY)


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """A welcome that is decided but for the name."""

    customer_id: int
    identity_id: int
    account: str
    staff: str
    staff_name: str
    step: str
    welcome_code: str
    text: str
    attachments: tuple[dict[str, Any], ...]
    blocked: tuple[str, ...]
    added_ms: int

    @property
    def needs_name(self) -> bool:
        return bool(self.blocked) or bool(_NAME.search(self.text))


def greet(batch: Batch, arrivals: Sequence[Arrival]) -> None:
    """Stage: plan the welcomes of the batch's new friends; pending ones whose name came, too."""
    greetings = _greetings(batch, arrivals)
    names = _names(greetings)
    ready = [one for one in greetings if not one.needs_name or names.get(one.customer_id)]
    _keep([one for one in greetings if one not in ready])
    _plan(ready, names, batch.now)
    if batch.named(facts.FRIEND_SYNCED):
        _greet_named(batch)


def greet_waiting() -> bool:
    """Duty: greet without a name whom it did not reach in time."""
    return greet_due(runtime().clock.now())


def names_awaited() -> set[str]:
    """Remote ids of customers whose welcome waits for their names; whose time is up soonest."""
    now = runtime().clock.now()
    rows = PendingWelcome.objects.filter(due_at__gt=now).order_by("due_at")
    ids = list(rows.values_list("identity_id", flat=True)[:AWAITED])
    return pool.values_of(ids) if ids else set()


def greet_due(now: datetime) -> bool:
    """Greet everybody whose wait is over."""
    if not PendingWelcome.objects.filter(due_at__lte=now).exists():
        return False
    with transaction.atomic():
        rows = list(PendingWelcome.objects.filter(due_at__lte=now).order_by("pk"))
        _take(rows, now)
    return False


def gate(refs: Sequence[TouchRef]) -> dict[int, GateVerdict]:
    """For `register_gate`: a journey must not spend the welcome that waits for a name here."""
    asked = [ref for ref in refs if ref.channel == WELCOME]
    if not asked:
        return {}
    waiting = set(
        PendingWelcome.objects.filter(
            customer_id__in={ref.customer_id for ref in asked}
        ).values_list("customer_id", flat=True)
    )
    return {ref.id: GateVerdict("welcome_taken") for ref in asked if ref.customer_id in waiting}


def _greet_named(batch: Batch) -> None:
    waiting = list(PendingWelcome.objects.order_by("pk"))
    named = {seen.customer_id for seen in batch.named(facts.FRIEND_SYNCED)}
    current = pool.current_customer_ids([row.customer_id for row in waiting])
    _take([row for row in waiting if current[row.customer_id] in named], batch.now)


def _take(rows: Sequence[PendingWelcome], now: datetime) -> None:
    """Plan what waited and take it off the list."""
    if not rows:
        return
    current = pool.current_customer_ids([row.customer_id for row in rows])
    greetings = [
        Greeting(
            **{
                **row.plan,
                "customer_id": current[row.customer_id],
                "attachments": tuple(row.plan["attachments"]),
                "blocked": tuple(row.plan["blocked"]),
            }
        )
        for row in rows
    ]
    _plan(greetings, _names(greetings), now)
    PendingWelcome.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _greetings(batch: Batch, arrivals: Sequence[Arrival]) -> list[Greeting]:
    told = [
        seen
        for seen in batch.named(facts.FRIEND_ADDED)
        if seen.customer_id
        and seen.identity_id
        and seen.fact.private.get("welcome_code")
        and from_ms(seen.fact.at) + LIFE > batch.now
    ]
    if not told:
        return []
    codes = {id(arrival.seen): arrival.code for arrival in arrivals}
    book = _Book({seen.fact.account for seen in told})
    found = [book.choose(seen, codes.get(id(seen))) for seen in told]
    return [greeting for greeting in found if greeting is not None]


class _Book:
    """The words of some accounts and their staff, read once."""

    def __init__(self, accounts: set[str]) -> None:
        rows = WelcomeRule.objects.filter(account__in=accounts, is_active=True)
        self._says = {(r.account, r.scope, r.target): read_says(r.said) for r in rows}
        self._staff: dict[str, Mapping[str, Colleague]] = {one: staff_of(one) for one in accounts}

    def choose(self, seen: Seen, code: LiveCode | None) -> Greeting | None:
        """The welcome of one new friend; None when nobody says anything."""
        fact = seen.fact
        if code is not None and not code.is_active:
            return None
        levels = self._levels(fact.account, fact.staff, code)
        number, words = rules.choose_words([says for _, says in levels], from_ms(fact.at))
        if number < 0 or seen.customer_id is None or seen.identity_id is None:
            return None
        colleague = self._staff[fact.account].get(fact.staff)
        return Greeting(
            customer_id=seen.customer_id,
            identity_id=seen.identity_id,
            account=fact.account,
            staff=fact.staff,
            staff_name=colleague.name if colleague else "",
            step=levels[number][0],
            welcome_code=str(fact.private["welcome_code"])[:192],
            text=words.text,
            attachments=words.attachments,
            blocked=tuple(code.blocked_names) if code else (),
            added_ms=fact.at,
        )

    def _levels(
        self, account: str, staff: str, code: LiveCode | None
    ) -> list[tuple[str, Says | None]]:
        colleague = self._staff[account].get(staff)
        departments = colleague.departments if colleague else ()
        own = [(f"code:{code.pk}", says_of(code))] if code else []
        return [
            *own,
            (f"staff:{staff}"[:64], self._says.get((account, STAFF, staff))),
            *(
                (f"department:{one}"[:64], self._says.get((account, DEPARTMENT, one)))
                for one in departments
            ),
            (COMPANY, self._says.get((account, COMPANY, ""))),
        ]


def says_of(code: LiveCode) -> Says:
    """A code's welcome; one made before times and attachments has a text only."""
    return read_says(code.said) if code.said else Says(text=code.welcome_text)


def _names(greetings: Iterable[Greeting]) -> dict[int, str]:
    ids = [one.customer_id for one in greetings if one.needs_name]
    return {found: name for found, name in pool.names_of(ids).items() if name} if ids else {}


def _keep(waiting: Sequence[Greeting]) -> None:
    PendingWelcome.objects.bulk_create(
        [
            PendingWelcome(
                welcome_code=one.welcome_code,
                identity_id=one.identity_id,
                customer_id=one.customer_id,
                plan={**asdict(one), "attachments": list(one.attachments)},
                due_at=from_ms(one.added_ms) + NAME_WAIT,
                expires_at=from_ms(one.added_ms) + LIFE,
            )
            for one in waiting
        ],
        ignore_conflicts=True,
    )


def _plan(greetings: Sequence[Greeting], names: Mapping[int, str], now: datetime) -> None:
    """Put welcomes into the ledger; nobody whose nickname is blocked."""
    plans = [
        _touch(one, names.get(one.customer_id, ""), now)
        for one in greetings
        if not rules.is_blocked(names.get(one.customer_id, ""), one.blocked)
    ]
    if plans:
        reach.plan_touches(plans, now=now)


def _touch(one: Greeting, name: str, now: datetime) -> TouchPlan:
    words = Words(text=one.text, attachments=one.attachments)
    values = {"staff_name": one.staff_name or one.staff}
    if one.needs_name and not name:
        values["name"] = NAMELESS
    return TouchPlan(
        campaign="welcome",
        version=0,
        step=one.step,
        entry_key=one.welcome_code,
        customer_id=one.customer_id,
        identity_id=one.identity_id,
        channel=WELCOME,
        template=words.text,
        purpose=SERVICE,
        due_at=now,
        expires_at=from_ms(one.added_ms) + LIFE,
        context={
            "welcome_code": one.welcome_code,
            "account": one.account,
            "staff": one.staff,
            "values": values,
        },
        attachments=materials.attach(one.account, words.attachments, now=now),
        is_urgent=True,
    )
