"""Writes of the organisation: regions, stores, posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.guides.models import Post, Region, Staff, Store
from siyu.guides.org_types import GUIDE, REGIONAL_MANAGER, STORE_MANAGER, StaffId
from siyu.kernel.errors import Conflict, NotFound, Refused

_CODE = re.compile(r"^[A-Za-z0-9_\-.]{1,32}$")
MAX_DEPTH = 8
_TEXTS = {"name": 64, "city": 32, "address": 200, "phone": 32, "hours": 64}


def save_region(actor: Actor, code: str, *, name: str, parent: str = "", now: datetime) -> int:
    """Make a region or change the one with this code; returns its id."""
    require(actor, "org:write")
    check_code(code)
    _check_text("name", name)
    with transaction.atomic():
        above = _region(parent, "parent") if parent else None
        row = Region.objects.filter(code=code).first() or Region(code=code)
        if above is not None and row.pk and above.path.startswith(row.path):
            raise Refused("region.circle", "区域不能放在自己下面", field="parent")
        if above is not None and above.path.count("/") > MAX_DEPTH:
            raise Refused("region.depth", f"区域最多 {MAX_DEPTH} 层", field="parent")
        before = row.path
        row.name, row.parent = name, above
        row.save()
        row.path = f"{above.path if above else '/'}{row.pk}/"
        row.save()
        _repath(before, row.path)
        record_audit(actor, "save_region", f"region:{code}", now=now, detail={"parent": parent})
    return int(row.pk)


def delete_region(actor: Actor, code: str, *, now: datetime) -> None:
    """Delete a region that has neither regions nor stores below it."""
    require(actor, "org:write")
    with transaction.atomic():
        row = _region(code, "code")
        if Region.objects.filter(parent=row).exists() or Store.objects.filter(region=row).exists():
            raise Conflict("region.used", "区域下面还有区域或门店")
        row.delete()
        record_audit(actor, "delete_region", f"region:{code}", now=now, detail={})


def save_store(actor: Actor, code: str, values: Mapping[str, Any], *, now: datetime) -> int:
    """Make a store or change what is given of the one with this code; returns its id.

    values: name, city, address, phone, hours, lat, lng (degrees), region (code, "" = none),
    is_online, is_active.
    """
    require(actor, "org:write")
    check_code(code)
    with transaction.atomic():
        row = Store.objects.filter(code=code).first() or Store(code=code, created_at=now)
        for name, value in values.items():
            if name == "region":
                row.region = _region(value, "region") if value else None
            else:
                setattr(row, name, check_store_value(name, value))
        if not row.name:
            raise Refused("store.name", "请填写门店名称", field="name")
        row.save()
        record_audit(
            actor, "save_store", f"store:{code}", now=now, detail={"fields": sorted(values)}
        )
    return int(row.pk)


def set_post(
    actor: Actor, staff: StaffId, role: str, *, store: str = "", region: str = "", now: datetime
) -> None:
    """A member of staff works in a store (as guide or manager) or leads a region."""
    require(actor, "org:write")
    with transaction.atomic():
        put_post(staff, role, store=store, region=region, now=now)
        detail = {"staff": staff[1], "role": role}
        record_audit(actor, "set_post", f"post:{store or region}", now=now, detail=detail)


def end_post(
    actor: Actor, staff: StaffId, *, store: str = "", region: str = "", now: datetime
) -> None:
    """He no longer works there; ending what is no post changes nothing."""
    require(actor, "org:write")
    with transaction.atomic():
        posts = Post.objects.filter(staff__account=staff[0], staff__staff=staff[1])
        posts = posts.filter(store__code=store) if store else posts.filter(region__code=region)
        posts.delete()
        detail = {"staff": staff[1]}
        record_audit(actor, "end_post", f"post:{store or region}", now=now, detail=detail)


def put_post(
    staff: StaffId, role: str, *, store: str = "", region: str = "", now: datetime
) -> bool:
    """`set_post` without rights and audit; whether something changed."""
    check_role(role, has_store=bool(store), has_region=bool(region))
    account, userid = staff
    if not account or not re.fullmatch(r"[\w.@\-]{1,64}", userid):
        raise Refused("staff.id", "请填写平台账号和成员 ID", field="staff")
    person, _ = Staff.objects.get_or_create(
        account=account, staff=userid, defaults={"first_seen_at": now, "seen_at": now}
    )
    place: dict[str, Any] = (
        {"store": _store(store)} if store else {"region": _region(region, "region")}
    )
    post, is_new = Post.objects.get_or_create(
        staff=person, **place, defaults={"role": role, "since": now}
    )
    if is_new or post.role == role:
        return is_new
    post.role = role
    post.save()
    return True


def check_role(role: str, *, has_store: bool, has_region: bool) -> None:
    """Refused when the role does not go with the place."""
    if role not in {GUIDE, STORE_MANAGER, REGIONAL_MANAGER}:
        raise Refused("post.role", "岗位只能是导购、店长或区域经理", field="role")
    if has_store == has_region or has_region != (role == REGIONAL_MANAGER):
        raise Refused("post.place", "导购和店长属于门店, 区域经理属于区域", field="role")


def check_code(code: str) -> str:
    """A code of ours as it is; Refused otherwise."""
    if not _CODE.match(code):
        raise Refused("org.code", "编码为 1 到 32 个字母、数字或 _ - .", field="code")
    return code


def check_store_value(name: str, value: Any) -> Any:
    """A value of a store; Refused when it cannot be one."""
    if name in _TEXTS:
        return _check_text(name, str(value))
    if name in {"lat", "lng"}:
        return _check_degrees(name, value)
    if name in {"is_online", "is_active"} and isinstance(value, bool):
        return value
    raise Refused("store.field", f"门店没有字段 {name}", field=name)


def _check_degrees(name: str, value: Any) -> float | None:
    if value in (None, ""):
        return None
    most = 90 if name == "lat" else 180
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise Refused("store.place", "经纬度须是数字", field=name) from error
    if not -most <= number <= most:
        raise Refused("store.place", f"超出范围: ±{most}", field=name)
    return number


def _check_text(name: str, value: str) -> str:
    text = value.strip()
    if len(text) > _TEXTS[name] or (name == "name" and not text):
        least = 1 if name == "name" else 0
        raise Refused("org.text", f"须为 {least} 到 {_TEXTS[name]} 个字", field=name)
    return text


def _repath(before: str, after: str) -> None:
    if before and before != after:
        for row in Region.objects.filter(path__startswith=before).exclude(path=after):
            row.path = after + row.path.removeprefix(before)
            row.save()


def _region(code: str, field: str) -> Region:
    row = Region.objects.filter(code=code).first()
    if row is None:
        raise NotFound("region.missing", f"没有区域 {code}", field=field)
    return row


def _store(code: str) -> Store:
    row = Store.objects.filter(code=code).first()
    if row is None:
        raise NotFound("store.missing", f"没有门店 {code}", field="store")
    return row
