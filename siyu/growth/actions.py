"""Writes of growth: live codes are made at the platform first, then kept."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch
from siyu.growth.attribution import Arrival, find_arrivals, record_arrivals, record_losses
from siyu.growth.models import LiveCode
from siyu.growth.queries import get_live_code
from siyu.growth.types import LiveCodeView
from siyu.kernel.clock import from_ms
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.ports.capabilities import LiveCodeIssuer
from siyu.reach import actions as reach
from siyu.reach.types import SERVICE, WELCOME, TouchPlan

WELCOME_LIFE = timedelta(seconds=20)
MAX_STAFF = 100
MAX_WELCOME = 1000


def create_live_code(
    actor: Actor,
    *,
    account: str,
    name: str,
    staff: Sequence[str],
    channel: str = "",
    tag_ids: Sequence[int] = (),
    welcome_text: str = "",
    now: datetime,
) -> LiveCodeView:
    """Make a code at the platform and keep it. channel: where it will hang; "" = its name.

    Refused when the platform has no live codes, or a field is wrong; the platform's own errors
    are passed on, and then nothing is kept.
    """
    require(actor, "code:write")
    _check(name, staff, welcome_text)
    _require_tags(tag_ids)
    state = f"c{secrets.token_hex(10)}"
    remote = _issuer(account).create_code(name=name, state=state, staff=list(staff))
    with transaction.atomic():
        code = LiveCode.objects.create(
            account=account,
            name=name,
            channel=channel or name,
            state=state,
            remote_id=remote.remote_id,
            url=remote.url,
            staff=list(staff),
            tag_ids=list(tag_ids),
            welcome_text=welcome_text,
            created_at=now,
        )
        detail = {"name": name, "account": account, "staff": list(staff)}
        record_audit(actor, "create_live_code", f"live_code:{code.pk}", now=now, detail=detail)
    return get_live_code(actor, code.pk, now=now)


def update_live_code(
    actor: Actor,
    code_id: int,
    *,
    name: str | None = None,
    staff: Sequence[str] | None = None,
    tag_ids: Sequence[int] | None = None,
    welcome_text: str | None = None,
    is_active: bool | None = None,
    now: datetime,
) -> LiveCodeView:
    """Change what is given. A code switched off still counts, but tags and greets nobody."""
    require(actor, "code:write")
    code = LiveCode.objects.filter(pk=code_id).first()
    if code is None:
        raise NotFound("code.unknown", "没有这个活码")
    _check(
        code.name if name is None else name,
        code.staff if staff is None else staff,
        welcome_text or "",
    )
    _require_tags(tag_ids or ())
    changes = {
        "name": name,
        "staff": None if staff is None else list(staff),
        "tag_ids": None if tag_ids is None else list(tag_ids),
        "welcome_text": welcome_text,
        "is_active": is_active,
    }
    given = {field: value for field, value in changes.items() if value is not None}
    if staff is not None and list(staff) != code.staff:
        _issuer(code.account).update_code(code.remote_id, state=code.state, staff=list(staff))
    with transaction.atomic():
        LiveCode.objects.filter(pk=code_id).update(**given)
        target = f"live_code:{code_id}"
        record_audit(actor, "update_live_code", target, now=now, detail={"fields": sorted(given)})
    return get_live_code(actor, code_id, now=now)


def hear(batch: Batch) -> None:
    """Stage: attribute new friends to their codes, tag and greet them, note who left."""
    arrivals = find_arrivals(batch)
    fresh = record_arrivals(arrivals) if arrivals else []
    record_losses(batch)
    if fresh:
        _tag(fresh, batch.now)
        batch.touched.update(arrival.customer_id for arrival in fresh)
    plans = _welcomes(arrivals, batch.now)
    if plans:
        reach.plan_touches(plans, now=batch.now)


def _tag(fresh: Iterable[Arrival], now: datetime) -> None:
    by_code: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in fresh:
        if arrival.code.is_active and arrival.code.tag_ids:
            by_code[arrival.code.pk].append(arrival)
    hangings = [
        (tag_id, {arrival.customer_id for arrival in arrivals}, f"live_code:{code_id}")
        for code_id, arrivals in by_code.items()
        for tag_id in arrivals[0].code.tag_ids
    ]
    if hangings:
        pool.hang_tags(hangings, now=now)


def _welcomes(arrivals: Iterable[Arrival], now: datetime) -> list[TouchPlan]:
    """The welcome words of every addition that may still be greeted."""
    plans = []
    for arrival in arrivals:
        fact, code = arrival.seen.fact, arrival.code
        welcome_code = str(fact.private.get("welcome_code", ""))
        if not (arrival.is_event and welcome_code and code.is_active and code.welcome_text):
            continue
        plans.append(
            TouchPlan(
                campaign="welcome",
                version=0,
                step=f"code:{code.pk}",
                entry_key=welcome_code[:192],
                customer_id=arrival.customer_id,
                identity_id=arrival.identity_id,
                channel=WELCOME,
                template=code.welcome_text,
                purpose=SERVICE,
                due_at=now,
                expires_at=from_ms(fact.at) + WELCOME_LIFE,
                context={
                    "welcome_code": welcome_code,
                    "account": fact.account,
                    "staff": fact.staff,
                },
                is_urgent=True,
            )
        )
    return plans


def _issuer(account: str) -> LiveCodeIssuer:
    issuer = connector(account).codes
    if issuer is None:
        raise Refused("code.platform", "这个平台没有活码", field="account")
    return issuer


def _check(name: str, staff: Sequence[str], welcome_text: str) -> None:
    if not 1 <= len(name.strip()) <= 64:
        raise Refused("code.name", "活码名称须为 1 到 64 个字", field="name")
    if not 1 <= len(set(staff)) <= MAX_STAFF or len(set(staff)) != len(staff):
        raise Refused("code.staff", f"请选择 1 到 {MAX_STAFF} 名员工, 不能重复", field="staff")
    if len(welcome_text) > MAX_WELCOME:
        raise Refused("code.welcome", f"欢迎语最多 {MAX_WELCOME} 字", field="welcome_text")
    if welcome_text:
        reach.check_template(welcome_text, field="welcome_text")


def _require_tags(tag_ids: Sequence[int]) -> None:
    unknown = set(tag_ids) - {tag.id for tag in pool_queries.list_tags()} if tag_ids else set()
    if unknown:
        raise Refused("code.tag", f"没有编号为 {min(unknown)} 的标签", field="tag_ids")
