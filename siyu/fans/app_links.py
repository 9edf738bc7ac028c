"""Links into an app: made at the platform, kept so that people find them again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.fans.models import AppLink
from siyu.fans.types import AppLinkView
from siyu.kernel.errors import Refused
from siyu.ports.app_links import LinkKind

SHOWN = 200
MAX_DAYS = 30


def list_app_links(actor: Actor) -> list[AppLinkView]:
    """The latest links, newest first."""
    require(actor, "code:read")
    return [_view(row) for row in AppLink.objects.order_by("-id")[:SHOWN]]


def create_app_link(
    actor: Actor,
    *,
    account: str,
    kind: str,
    name: str,
    page: str,
    query: str = "",
    days: int = MAX_DAYS,
    now: datetime,
) -> AppLinkView:
    """Make a link that lives up to 30 days. Refused when a field is wrong."""
    require(actor, "code:write")
    if kind not in set(LinkKind):
        raise Refused("link.kind", "链接类型无效", field="kind")
    if not 1 <= len(name.strip()) <= 64:
        raise Refused("link.name", "名称须为 1 到 64 个字", field="name")
    if not 1 <= len(page.strip()) <= 512:
        raise Refused("link.page", "请填写小程序页面路径", field="page")
    if not 1 <= days <= MAX_DAYS:
        raise Refused("link.expiry", f"有效期须为 1 到 {MAX_DAYS} 天", field="days")
    maker = connector(account).app_links
    if maker is None:
        raise Refused("link.platform", "这个账号不能生成小程序链接", field="account")
    expires_at = None if kind == LinkKind.SHORT else now + timedelta(days=days)
    url = maker.create_link(LinkKind(kind), page, query, expires_at=expires_at, title=name)
    with transaction.atomic():
        row = AppLink.objects.create(
            account=account,
            kind=kind,
            name=name.strip(),
            page=page.strip(),
            query=query.strip(),
            url=url,
            expires_at=expires_at or now + timedelta(days=MAX_DAYS),
            created_by=actor.name[:64],
            created_at=now,
        )
        detail = {"name": name, "page": page, "kind": kind}
        record_audit(actor, "create_app_link", f"app_link:{row.pk}", now=now, detail=detail)
    return _view(row)


def _view(row: AppLink) -> AppLinkView:
    return AppLinkView(
        id=row.pk,
        account=row.account,
        kind=row.kind,
        name=row.name,
        page=row.page,
        query=row.query,
        url=row.url,
        expires_at=row.expires_at,
        created_by=row.created_by,
        created_at=row.created_at,
    )
