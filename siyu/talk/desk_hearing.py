"""Facts of service desks: announcements are pulled, sessions kept, new sessions greeted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.accounts import manifests
from siyu.core.duties import wake
from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.clock import from_ms
from siyu.ports import facts
from siyu.ports.desk import DeskState
from siyu.reach import actions as reach
from siyu.reach.types import SERVICE, TouchPlan
from siyu.talk.desk_asking import HELD, ask_soon
from siyu.talk.desk_pulling import list_soon
from siyu.talk.models import Desk, DeskSession

WELCOME = "desk_welcome"
WELCOME_LIFE = timedelta(seconds=20)
GRANTED = "granted"
_HEARD = (facts.CHAT_ENTERED, facts.MESSAGE_RECEIVED, facts.DESK_SESSION_CHANGED)
_Place = tuple[str, str]


def hear_desks(batch: Batch) -> None:
    """Stage: keep who may answer where, put announced desks on the work list, keep sessions,
    greet.
    """
    for seen in sorted(batch.named(facts.DESK_RIGHT_CHANGED), key=lambda seen: seen.fact.at):
        is_ours = seen.fact.properties.get("change") == GRANTED
        take_right(seen.fact.account, _desk(seen), is_ours=is_ours, now=batch.now)
    for seen in batch.named(facts.DESK_CALLED):
        ring(seen.fact.account, _desk(seen), str(seen.fact.private.get("token", "")), batch.now)
    heard = [
        seen
        for seen in batch.named(*_HEARD)
        if seen.customer_id is not None and seen.identity_id is not None and _desk(seen)
    ]
    if heard:
        _keep_sessions(sorted(heard, key=lambda seen: seen.fact.at), batch.now)
        _greet([seen for seen in heard if seen.fact.name == facts.CHAT_ENTERED], batch.now)


def ring(account: str, remote_id: str, token: str, now: datetime) -> None:
    """Have a desk pulled now: who came waits at most 20 s for the welcome."""
    Desk.objects.bulk_create(
        [Desk(account=account, remote_id=remote_id, token=token[:256], due_at=now)],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["token", "due_at"],
    )
    transaction.on_commit(lambda: wake("talk.desks"))


def take_right(account: str, remote_id: str, *, is_ours: bool, now: datetime) -> None:
    """We may answer at a desk from now on, or no more; its name and staff are read at once."""
    if is_ours:
        Desk.objects.bulk_create(
            [Desk(account=account, remote_id=remote_id, due_at=now)],
            update_conflicts=True,
            unique_fields=["account", "remote_id"],
            update_fields=["is_ours", "is_gone", "due_at"],
        )
    else:
        Desk.objects.filter(account=account, remote_id=remote_id).update(is_ours=False)
    transaction.on_commit(lambda: list_soon(account))
    transaction.on_commit(lambda: wake("talk.desks"))


def _desk(seen: Seen) -> str:
    return str(seen.fact.properties.get("desk") or "")[:64]


def _place(seen: Seen) -> _Place:
    return seen.fact.account, str(seen.fact.private.get("conversation_id") or "")[:160]


def _keep_sessions(heard: Iterable[Seen], now: datetime) -> None:
    """The last word on each session counts; a customer who speaks after the end begins anew."""
    many = list(heard)
    rows = {
        (row.account, row.thread): row
        for row in DeskSession.objects.filter(thread__in={_place(seen)[1] for seen in many})
    }
    fresh: dict[_Place, DeskSession] = {}
    changed: dict[_Place, DeskSession] = {}
    for seen in many:
        place = _place(seen)
        row = rows.get(place) or fresh.get(place)
        if row is None:
            fresh[place] = _session(seen)
        elif row.changed_at <= from_ms(seen.fact.at) and _advance(row, seen):
            changed[place] = row
    insert_rows(list(fresh.values()), ignore_conflicts=True)
    known = [row for row in changed.values() if row.pk]
    write_rows(known, ("state", "staff", "changed_at"))
    spoken = {_place(seen) for seen in many if seen.fact.name == facts.MESSAGE_RECEIVED}
    ask_soon([rows[one].pk for one in spoken & rows.keys() if rows[one].state in HELD], now)


def _session(seen: Seen) -> DeskSession:
    assert seen.identity_id is not None
    assert seen.customer_id is not None
    row = DeskSession(
        account=seen.fact.account,
        thread=_place(seen)[1],
        identity_id=seen.identity_id,
        customer_id=seen.customer_id,
        remote_id=seen.fact.identities[0].value[:64],
        state=DeskState.NEW,
        changed_at=from_ms(seen.fact.at),
    )
    _advance(row, seen)
    return row


def _advance(row: DeskSession, seen: Seen) -> bool:
    """Take a fact into the session; True when it changed."""
    before = (row.state, row.staff)
    if seen.fact.name == facts.DESK_SESSION_CHANGED:
        row.state = str(seen.fact.properties.get("session") or DeskState.NEW)[:16]
        row.staff = str(seen.fact.properties.get("servicer") or "")[:64]
    elif seen.fact.name == facts.MESSAGE_RECEIVED and row.state == DeskState.ENDED:
        row.state, row.staff = DeskState.NEW, ""
    row.changed_at = from_ms(seen.fact.at)
    return before != (row.state, row.staff)


def _greet(entered: Iterable[Seen], now: datetime) -> None:
    coded = [seen for seen in entered if seen.fact.private.get("welcome_code")]
    texts = {
        (row.account, row.remote_id): row
        for row in Desk.objects.filter(remote_id__in={_desk(seen) for seen in coded})
        if row.welcome_text
    }
    plans = [
        _welcome(seen, texts[seen.fact.account, _desk(seen)], now)
        for seen in coded
        if (seen.fact.account, _desk(seen)) in texts and greeting_channel(seen.fact.account)
    ]
    if plans:
        reach.plan_touches(plans, now=now)


def _welcome(seen: Seen, desk: Desk, now: datetime) -> TouchPlan:
    assert seen.customer_id is not None
    return TouchPlan(
        campaign=WELCOME,
        version=0,
        step=welcome_step(desk.pk),
        entry_key=str(seen.fact.private["welcome_code"])[:192],
        customer_id=seen.customer_id,
        identity_id=seen.identity_id,
        channel=greeting_channel(seen.fact.account),
        template=desk.welcome_text,
        purpose=SERVICE,
        due_at=now,
        expires_at=from_ms(seen.fact.at) + WELCOME_LIFE,
        context={"account": seen.fact.account},
        is_urgent=True,
    )


def welcome_step(desk_id: int) -> str:
    return f"desk:{desk_id}"


def greeting_channel(account: str) -> str:
    """The channel that greets who enters a chat of this account; "" when there is none."""
    manifest = manifests().get(account.partition(":")[0])
    channels = manifest.channels if manifest else ()
    fit = [one.name for one in channels if one.trigger == facts.CHAT_ENTERED]
    return fit[0] if fit else ""
