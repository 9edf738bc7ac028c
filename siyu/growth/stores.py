"""Store codes: one picture for all stores, a page that finds the nearest."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Sum

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.groups.codes import page_path
from siyu.growth import rules
from siyu.growth.actions import create_live_code, update_live_code
from siyu.growth.arrangements import MAX_STAFF, plan_of
from siyu.growth.models import CodeAdd, LiveCode, PageDay, StoreCode, StoreCodeEntry
from siyu.growth.neighbours import list_stores
from siyu.growth.types import StorePlace
from siyu.kernel.errors import NotFound, Refused, SiyuError

MAX_RADIUS_M = 100_000


@dataclass(frozen=True, kw_only=True)
class StoreEntryView:
    """A store and what it shows; code_id None: nothing of its own yet. staff: who works there;
    is_current: its code leads to just these. added: customers its code brought."""

    store_id: int
    name: str
    city: str
    has_place: bool
    staff: tuple[str, ...]
    code_id: int | None = None
    group_code_id: int | None = None
    is_current: bool = True
    added: int = 0


@dataclass(frozen=True, kw_only=True)
class StoreCodeView:
    """A store code with every open store. views: how often its page was opened."""

    id: int
    name: str
    account: str
    slug: str
    title: str
    text: str
    radius_m: int
    fallback_id: int | None
    is_active: bool
    views: int
    entries: tuple[StoreEntryView, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where a customer is led. code: of the store or the fallback; group_path: a group's page.

    far: no store is near enough, the fallback speaks.
    """

    store: StorePlace | None = None
    metres: float | None = None
    code: LiveCode | None = None
    group_path: str = ""
    far: bool = False


def list_store_codes(actor: Actor) -> list[StoreCodeView]:
    """All store codes with every open store."""
    require(actor, "code:read")
    stores = list_stores()
    return [_view(row, stores) for row in StoreCode.objects.order_by("-id")]


def get_store_code(actor: Actor, store_code_id: int) -> StoreCodeView:
    """One store code."""
    require(actor, "code:read")
    return _view(_row(store_code_id), list_stores())


def save_store_code(
    actor: Actor, store_code_id: int | None, values: Mapping[str, object], *, now: datetime
) -> StoreCodeView:
    """Make (id None) or change a store code: name, account, title, text, radius_m, fallback_id,
    is_active, and groups: store id → group code id (0 = none)."""
    require(actor, "code:write")
    row = (
        _row(store_code_id)
        if store_code_id
        else StoreCode(created_at=now, slug=secrets.token_hex(8))
    )
    row.name = str(values.get("name", row.name)).strip()
    row.account = row.account or str(values.get("account", ""))
    row.title = str(values.get("title", row.title)).strip() or row.name
    row.text = str(values.get("text", row.text)).strip()
    row.radius_m = int(str(values.get("radius_m", row.radius_m)))
    row.is_active = bool(values.get("is_active", row.is_active))
    _check(row)
    with transaction.atomic():
        if "fallback_id" in values:
            row.fallback = _code(row.account, values["fallback_id"])
        row.save()
        groups = values.get("groups")
        if isinstance(groups, Mapping):
            _set_groups(row, {int(store): int(group) for store, group in groups.items()})
        record_audit(actor, "save_store_code", f"store_code:{row.pk}", now=now)
    return _view(row, list_stores())


def fill_store_code(actor: Actor, store_code_id: int, *, now: datetime) -> dict[int, str]:
    """A live code for every store that has staff, leading to just these: made where there is none
    or the platform has it no more, else changed. Returns store id → why it failed."""
    require(actor, "code:write")
    row = _row(store_code_id)
    codes = {store_id: code for store_id, code in _codes_of(row).items() if code.gone_at is None}
    failed: dict[int, str] = {}
    for store in list_stores():
        staff = _staff(row, store)
        if not staff:
            continue
        try:
            if store.id not in codes:
                _make_code(actor, row, store, staff, now)
            elif not _leads_to(codes[store.id], staff):
                update_live_code(actor, codes[store.id].pk, staff=staff, now=now)
        except SiyuError as error:
            failed[store.id] = error.reason
    return failed


def _make_code(
    actor: Actor, row: StoreCode, store: StorePlace, staff: Sequence[str], now: datetime
) -> None:
    made = create_live_code(
        actor,
        account=row.account,
        name=f"{row.name} · {store.name}"[:64],
        channel=store.name,
        staff=staff,
        now=now,
    )
    StoreCodeEntry.objects.update_or_create(
        store_code=row, store_id=store.id, defaults={"code_id": made.id}
    )


def _staff(row: StoreCode, store: StorePlace) -> list[str]:
    """Who of a store may stand behind its code."""
    return [who for account, who in store.staff if account == row.account][:MAX_STAFF]


def _leads_to(code: LiveCode, staff: Sequence[str]) -> bool:
    return set(plan_of(code).staff) == set(staff)


def _codes_of(row: StoreCode) -> dict[int, LiveCode]:
    """The stores' own codes."""
    entries = StoreCodeEntry.objects.filter(store_code=row, code__isnull=False)
    return {one.store_id: one.code for one in entries.select_related("code") if one.code}


def find_store_code(slug: str) -> StoreCode:
    """The open store code of a page; NotFound when there is none."""
    row = StoreCode.objects.select_related("fallback").filter(slug=slug, is_active=True).first()
    if row is None:
        raise NotFound("store_code.unknown", "这个页面不存在或已停用")
    return row


def stores_of(row: StoreCode) -> list[StorePlace]:
    """Open stores that show something."""
    shown = {entry.store_id for entry in StoreCodeEntry.objects.filter(store_code=row)}
    return [store for store in list_stores() if store.id in shown]


def lead(
    row: StoreCode, *, place: tuple[float, float] | None = None, store_id: int | None = None
) -> Found:
    """Where a customer goes who told his place, or chose a store."""
    stores = stores_of(row)
    store, metres = next((one for one in stores if one.id == store_id), None), None
    if place is not None:
        best = rules.nearest(stores, place, row.radius_m)
        store, metres = best or (None, None)
    if store is None:
        return Found(code=_living(row.fallback), far=True)
    entry = StoreCodeEntry.objects.select_related("code").get(store_code=row, store_id=store.id)
    path = page_path(entry.group_code_id) if entry.group_code_id else ""
    code = _living(entry.code)
    if not path and code is None:
        return Found(store=store, metres=metres, code=_living(row.fallback))
    return Found(store=store, metres=metres, code=code, group_path=path)


def is_living(code: LiveCode) -> bool:
    """Whether a code may be shown to customers: switched on, listed, and there at the platform."""
    return code.is_active and code.archived_at is None and code.gone_at is None


def _living(code: LiveCode | None) -> LiveCode | None:
    return code if code is not None and is_living(code) else None


def _set_groups(row: StoreCode, groups: Mapping[int, int]) -> None:
    for store_id, group in groups.items():
        if group and not page_path(group):
            raise Refused("group_code.unknown", "没有这个群活码", field="groups")
        StoreCodeEntry.objects.update_or_create(
            store_code=row, store_id=store_id, defaults={"group_code_id": group or None}
        )
    StoreCodeEntry.objects.filter(store_code=row, code=None, group_code_id=None).delete()


def _check(row: StoreCode) -> None:
    if not 1 <= len(row.name) <= 64 or len(row.title) > 64:
        raise Refused("store_code.name", "名称须为 1 到 64 个字", field="name")
    if len(row.text) > 300:
        raise Refused("store_code.text", "说明最多 300 字", field="text")
    if not row.account:
        raise Refused("store_code.account", "请选择账号", field="account")
    if not 100 <= row.radius_m <= MAX_RADIUS_M:
        raise Refused("store_code.radius", "范围须为 0.1 到 100 公里", field="radius_m")


def _code(account: str, code_id: object) -> LiveCode | None:
    if not code_id:
        return None
    found = LiveCode.objects.filter(pk=int(str(code_id)), account=account).first()
    if found is None:
        raise Refused("code.unknown", "没有这个活码", field="fallback_id")
    return found


def _row(store_code_id: int) -> StoreCode:
    found = StoreCode.objects.filter(pk=store_code_id).first()
    if found is None:
        raise NotFound("store_code.unknown", "没有这个门店活码")
    return found


def _view(row: StoreCode, stores: Sequence[StorePlace]) -> StoreCodeView:
    entries = {entry.store_id: entry for entry in StoreCodeEntry.objects.filter(store_code=row)}
    codes = _codes_of(row)
    brought = CodeAdd.objects.filter(code__in=codes.values()).order_by().values_list("code_id")
    added = dict(brought.annotate(count=Count("pk")))
    views = PageDay.objects.filter(page=row.slug).aggregate(views=Sum("views"))["views"]
    return StoreCodeView(
        id=row.pk,
        name=row.name,
        account=row.account,
        slug=row.slug,
        title=row.title,
        text=row.text,
        radius_m=row.radius_m,
        fallback_id=row.fallback_id,
        is_active=row.is_active,
        views=views or 0,
        entries=tuple(
            _entry(row, store, entries.get(store.id), codes.get(store.id), added)
            for store in stores
        ),
    )


def _entry(
    row: StoreCode,
    store: StorePlace,
    entry: StoreCodeEntry | None,
    code: LiveCode | None,
    added: Mapping[int, int],
) -> StoreEntryView:
    staff = _staff(row, store)
    return StoreEntryView(
        store_id=store.id,
        name=store.name,
        city=store.city,
        has_place=store.lat is not None and store.lng is not None,
        staff=tuple(staff),
        code_id=code.pk if code else None,
        group_code_id=entry.group_code_id if entry else None,
        is_current=code is None or not staff or (code.gone_at is None and _leads_to(code, staff)),
        added=added.get(code.pk, 0) if code else 0,
    )
