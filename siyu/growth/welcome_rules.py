"""Words of companies, departments and members of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.growth.arrangements import as_json, check_says, materials_of, read_says
from siyu.growth.models import WelcomeRule
from siyu.growth.rules import is_said
from siyu.growth.types import Says
from siyu.growth.welcomes import COMPANY, SCOPES
from siyu.kernel.errors import NotFound, Refused
from siyu.materials import actions as materials


@dataclass(frozen=True, kw_only=True)
class WelcomeRuleView:
    """Words of one scope of an account; target: "" or the remote id."""

    id: int
    account: str
    scope: str
    target: str
    says: Says
    is_active: bool
    updated_at: datetime


def list_welcome_rules(actor: Actor) -> list[WelcomeRuleView]:
    """All, the narrowest scope first."""
    require(actor, "code:read")
    rows = WelcomeRule.objects.order_by("account", "target")
    return sorted((_view(row) for row in rows), key=lambda view: SCOPES.index(view.scope))


def save_welcome_rule(
    actor: Actor,
    *,
    account: str,
    scope: str,
    target: str = "",
    says: Mapping[str, Any] | Says,
    is_active: bool = True,
    now: datetime,
) -> WelcomeRuleView:
    """Set what a company, a department or a member of staff says; replaces what it said."""
    require(actor, "code:write")
    if scope not in SCOPES:
        raise Refused("welcome.scope", "范围须为员工、部门或公司", field="scope")
    if (scope == COMPANY) != (not target) or len(target) > 64:
        raise Refused("welcome.target", "请选择员工或部门", field="target")
    if connector(account).codes is None:
        raise Refused("welcome.account", "这个账号的平台没有欢迎语", field="account")
    words = read_says(says)
    if not is_said(words) and not words.times:
        raise Refused("welcome.empty", "请填写欢迎语", field="text")
    check_says(words, field="text")
    with transaction.atomic():
        row, _ = WelcomeRule.objects.update_or_create(
            account=account,
            scope=scope,
            target=target,
            defaults={"said": as_json(words), "is_active": is_active, "updated_at": now},
        )
        wanted = materials_of(words)
        if wanted:
            materials.want_media(account, wanted, now=now)
        detail = {"account": account, "scope": scope, "target": target}
        record_audit(actor, "save_welcome", f"welcome:{row.pk}", now=now, detail=detail)
    return _view(row)


def delete_welcome_rule(actor: Actor, rule_id: int, *, now: datetime) -> None:
    """Say nothing at this scope any more."""
    require(actor, "code:write")
    with transaction.atomic():
        if not WelcomeRule.objects.filter(pk=rule_id).delete()[0]:
            raise NotFound("welcome.unknown", "没有这条欢迎语")
        record_audit(actor, "delete_welcome", f"welcome:{rule_id}", now=now)


def _view(row: WelcomeRule) -> WelcomeRuleView:
    return WelcomeRuleView(
        id=row.pk,
        account=row.account,
        scope=row.scope,
        target=row.target,
        says=read_says(row.said),
        is_active=row.is_active,
        updated_at=row.updated_at,
    )
