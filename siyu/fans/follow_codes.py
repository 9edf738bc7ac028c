"""Follow codes: made at the platform first, then kept; who came through them."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import segno
from django.db import transaction
from django.db.models import Count, F, Q

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.fans.models import CodeFollow, FollowCode
from siyu.fans.types import FollowCodeView
from siyu.kernel.clock import SHANGHAI, from_ms
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.ports import facts
from siyu.ports.facts import Fact

QR_SCALE = 12
DAY = 86_400
MAX_DAYS = 30
MAX_TAGS = 20
SCENE = re.compile("f[0-9a-f]{16}")
_channels: dict[str, str] = {}


def list_follow_codes(actor: Actor, *, now: datetime) -> list[FollowCodeView]:
    """All follow codes, newest first."""
    require(actor, "code:read")
    return _views(FollowCode.objects.order_by("-id"), now)


def create_follow_code(
    actor: Actor,
    *,
    account: str,
    name: str,
    channel: str = "",
    days: int = 0,
    tag_ids: Sequence[int] = (),
    now: datetime,
) -> FollowCodeView:
    """Make a code at the platform and keep it. days: 0 = permanent, else up to 30.

    channel: where it will hang; "" = its name. The platform's own errors are passed on, and
    then nothing is kept.
    """
    require(actor, "code:write")
    _check(name, days, tag_ids)
    issuer = connector(account).follow_codes
    if issuer is None:
        raise Refused("code.platform", "这个平台没有关注码", field="account")
    scene = f"f{secrets.token_hex(8)}"
    remote = issuer.create_follow_code(scene, seconds=days * DAY)
    with transaction.atomic():
        code = FollowCode.objects.create(
            account=account,
            name=name.strip(),
            channel=channel.strip() or name.strip(),
            scene=scene,
            remote_id=remote.remote_id,
            url=remote.url,
            expires_at=remote.expires_at,
            tag_ids=list(tag_ids),
            created_at=now,
        )
        detail = {"name": name, "account": account, "days": days}
        record_audit(actor, "create_follow_code", f"follow_code:{code.pk}", now=now, detail=detail)
    return _views([code], now)[0]


def update_follow_code(
    actor: Actor,
    code_id: int,
    *,
    name: str | None = None,
    tag_ids: Sequence[int] | None = None,
    is_active: bool | None = None,
    now: datetime,
) -> FollowCodeView:
    """Change what is given. A code switched off still counts, but tags nobody."""
    require(actor, "code:write")
    code = _code(code_id)
    _check(code.name if name is None else name, 0, tag_ids or ())
    changes = {
        "name": name,
        "tag_ids": None if tag_ids is None else list(tag_ids),
        "is_active": is_active,
    }
    given = {field: value for field, value in changes.items() if value is not None}
    with transaction.atomic():
        FollowCode.objects.filter(pk=code_id).update(**given)
        target = f"follow_code:{code_id}"
        record_audit(actor, "update_follow_code", target, now=now, detail={"fields": sorted(given)})
    return _views([_code(code_id)], now)[0]


def draw_follow_code(actor: Actor, code_id: int, kind: str) -> bytes:
    """The picture to print, as `png` or `svg`."""
    require(actor, "code:read")
    out = io.BytesIO()
    segno.make(_code(code_id).url, error="m").save(out, kind=kind, scale=QR_SCALE, border=4)
    return out.getvalue()


def channel_of(fact: Fact) -> str | None:
    """The channel of the follow code somebody came through; None when it was none of ours.

    Channels are remembered; they never change.
    """
    scene = fact.properties.get("state")
    if not isinstance(scene, str) or not SCENE.fullmatch(scene):
        return None
    if scene not in _channels:
        row = FollowCode.objects.filter(scene=scene).values_list("channel", flat=True).first()
        if row is None:
            return None
        _channels[scene] = row
    return _channels[scene]


def hear_followers(batch: Batch) -> None:
    """Count followers for their codes, tag them, note who left and who scanned again."""
    came = [
        seen
        for seen in batch.named(facts.FOLLOWED, facts.FRIEND_SYNCED)
        if seen.customer_id is not None and seen.fact.properties.get("state")
    ]
    scanned = [seen for seen in batch.named(facts.CODE_SCANNED) if seen.customer_id is not None]
    scenes = {str(seen.fact.properties.get("state")) for seen in (*came, *scanned)}
    rows = FollowCode.objects.filter(scene__in=scenes) if scenes else ()
    codes = {code.scene: code for code in rows}
    if codes:
        _record(came, codes, batch)
        _count_scans(scanned, codes)
    _record_losses(batch)


def _record(came: Sequence[Seen], codes: Mapping[str, FollowCode], batch: Batch) -> None:
    mine = [
        (seen, codes[str(seen.fact.properties["state"])])
        for seen in came
        if str(seen.fact.properties["state"]) in codes
    ]
    known = {
        (row.identity_id, row.code_id): row
        for row in CodeFollow.objects.filter(
            identity_id__in={seen.identity_id for seen, _ in mine},
            code_id__in={code.pk for _, code in mine},
        )
    }
    fresh: dict[tuple[int, int], tuple[Seen, FollowCode]] = {}
    back: list[CodeFollow] = []
    for seen, code in mine:
        assert seen.identity_id is not None
        row = known.get((seen.identity_id, code.pk))
        if row is None:
            fresh.setdefault((seen.identity_id, code.pk), (seen, code))
        elif row.left_at is not None and row.left_at <= from_ms(seen.fact.at):
            row.left_at = None
            back.append(row)
    write_rows(back, ("left_at",))
    insert_rows([_row(seen, code) for seen, code in fresh.values()], ignore_conflicts=True)
    _tag(list(fresh.values()), batch.now)
    batch.touched.update(seen.customer_id for seen, _ in fresh.values() if seen.customer_id)


def _row(seen: Seen, code: FollowCode) -> CodeFollow:
    told = seen.fact.properties.get("added_at")
    at = from_ms(told if isinstance(told, int) and told else seen.fact.at)
    assert seen.customer_id is not None
    assert seen.identity_id is not None
    return CodeFollow(
        customer_id=seen.customer_id, identity_id=seen.identity_id, code=code, followed_at=at
    )


def _tag(fresh: Sequence[tuple[Seen, FollowCode]], now: datetime) -> None:
    by_tag: dict[tuple[int, int], set[int]] = {}
    for seen, code in fresh:
        for tag_id in code.tag_ids if code.is_active else ():
            if seen.customer_id is not None:
                by_tag.setdefault((tag_id, code.pk), set()).add(seen.customer_id)
    hangings = [
        (tag_id, who, f"follow_code:{code_id}") for (tag_id, code_id), who in by_tag.items()
    ]
    if hangings:
        pool.hang_tags(hangings, now=now)


def _count_scans(scanned: Sequence[Seen], codes: Mapping[str, FollowCode]) -> None:
    for seen in scanned:
        code = codes.get(str(seen.fact.properties.get("state")))
        if code is not None:
            FollowCode.objects.filter(pk=code.pk).update(scans=F("scans") + 1)


def _record_losses(batch: Batch) -> None:
    lost = {
        seen.identity_id: seen.fact.at
        for seen in batch.named(facts.UNFOLLOWED)
        if seen.identity_id is not None
    }
    if not lost:
        return
    rows = CodeFollow.objects.filter(identity_id__in=lost, left_at__isnull=True)
    changed = []
    for row in rows:
        left_at = from_ms(lost[row.identity_id])
        if left_at >= row.followed_at:
            row.left_at = left_at
            changed.append(row)
    write_rows(changed, ("left_at",))


def _check(name: str, days: int, tag_ids: Sequence[int]) -> None:
    if not 1 <= len(name.strip()) <= 64:
        raise Refused("code.name", "名称须为 1 到 64 个字", field="name")
    if not 0 <= days <= MAX_DAYS:
        raise Refused("code.days", f"有效期须为 0 (永久) 到 {MAX_DAYS} 天", field="days")
    if len(tag_ids) > MAX_TAGS:
        raise Refused("code.tag", f"最多 {MAX_TAGS} 个标签", field="tag_ids")
    unknown = set(tag_ids) - {tag.id for tag in pool_queries.list_tags()} if tag_ids else set()
    if unknown:
        raise Refused("code.tag", f"没有编号为 {min(unknown)} 的标签", field="tag_ids")


def _code(code_id: int) -> FollowCode:
    code = FollowCode.objects.filter(pk=code_id).first()
    if code is None:
        raise NotFound("code.unknown", "没有这个关注码")
    return code


def _views(codes: Iterable[FollowCode], now: datetime) -> list[FollowCodeView]:
    rows = list(codes)
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    counts: dict[int, dict[str, int]] = {
        row["code_id"]: {name: row[name] for name in ("followed", "today", "left")}
        for row in CodeFollow.objects.filter(code__in=rows)
        .values("code_id")
        .annotate(
            followed=Count("id"),
            today=Count("id", filter=Q(followed_at__gte=midnight)),
            left=Count("id", filter=Q(left_at__isnull=False)),
        )
    }
    return [_view(row, counts.get(row.pk, {})) for row in rows]


def _view(row: FollowCode, counts: Mapping[str, int]) -> FollowCodeView:
    return FollowCodeView(
        id=row.pk,
        account=row.account,
        name=row.name,
        channel=row.channel,
        scene=row.scene,
        url=row.url,
        expires_at=row.expires_at,
        tag_ids=list(row.tag_ids),
        is_active=row.is_active,
        created_at=row.created_at,
        followed=counts.get("followed", 0),
        followed_today=counts.get("today", 0),
        left=counts.get("left", 0),
        scans=row.scans,
    )
