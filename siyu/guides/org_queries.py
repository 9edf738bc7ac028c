"""Reads of the organisation: regions, stores, and the figures of guides and places."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import ExpressionWrapper, F, FloatField, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import NullIf

from siyu.core.access import Actor, require
from siyu.core.scope import gather, staff_scope
from siyu.guides.figures import PERIODS, figures_of
from siyu.guides.models import Post, Region, Staff, StaffFigures, Store
from siyu.guides.org_types import GuideFigures, PlaceFigures, RegionView, StaffId, StoreView
from siyu.guides.place_sums import PlaceSum, sum_regions, sum_stores
from siyu.guides.scoping import visible_staff, visible_stores
from siyu.kernel.errors import NotFound, Refused

SORTS = (
    *("customers", "owned", "added", "lost", "messages", "chats", "replied_percent"),
    *("first_reply_minutes", "negative", "orders", "buyers", "revenue_fen", "conversion"),
)
MAX_GUIDES = 200
_SHARES = {
    "replied_percent": ("replied", "chats"),
    "first_reply_minutes": ("reply_minutes", "chats"),
    "conversion": ("buyers", "owned"),
}


def list_regions(actor: Actor) -> list[RegionView]:
    """All regions from the top down; who sees less sees those of his stores and above them."""
    require(actor, "guide:read")
    rows = {row.pk: row for row in Region.objects.order_by("path")}
    stores = list(visible_stores(actor).values_list("pk", "region_id"))
    staff: defaultdict[int, set[int]] = defaultdict(set)
    for store, person in Post.objects.filter(store__isnull=False).values_list(
        "store_id", "staff_id"
    ):
        staff[store or 0].add(person)
    below: dict[int, tuple[int, set[int]]] = {}
    for store, region in stores:
        if region in rows:
            for key in (int(part) for part in rows[region].path.strip("/").split("/")):
                count, people = below.get(key, (0, set()))
                below[key] = (count + 1, people | staff[store])
    return [
        RegionView(
            code=row.code,
            name=row.name,
            parent=rows[row.parent_id].code if row.parent_id else "",
            stores=below.get(row.pk, (0, set()))[0],
            staff=len(below.get(row.pk, (0, set()))[1]),
        )
        for row in rows.values()
        if actor.sees_all or row.pk in below
    ]


def list_stores(actor: Actor, *, region: str = "", q: str = "") -> list[StoreView]:
    """The stores an actor sees, by code; region: with all regions below it."""
    require(actor, "guide:read")
    found = _in_region(actor, region).select_related("region").order_by("code")
    if q:
        found = found.filter(name__contains=q) | found.filter(code=q)
    staff = _staff_of_stores()
    return [
        StoreView(
            code=row.code,
            name=row.name,
            region=row.region.code if row.region else "",
            city=row.city,
            address=row.address,
            phone=row.phone,
            hours=row.hours,
            lat=row.lat,
            lng=row.lng,
            is_online=row.is_online,
            is_active=row.is_active,
            staff=tuple(staff[row.pk]),
        )
        for row in found
    ]


def list_guide_figures(
    actor: Actor, *, days: int, sort: str = "revenue_fen", store: str = "", region: str = ""
) -> list[GuideFigures]:
    """The staff an actor sees ranked by one figure, the best first; at most `MAX_GUIDES`."""
    require(actor, "guide:read")
    if sort not in SORTS:
        raise Refused("guide.sort", "不能按这一列排序", field="sort")
    found = _rows(actor, days)
    if store or region:
        found = found.filter(gather(_staff_in(_in_region(actor, region), store)).matches())
    best = _key(sort).desc(nulls_last=True)
    return _named(list(found.order_by(best, "account", "staff")[:MAX_GUIDES]))


def count_guides(actor: Actor) -> int:
    """How many members of staff the actor sees."""
    require(actor, "guide:read")
    return visible_staff(actor).count()


def list_store_figures(actor: Actor, *, days: int, region: str = "") -> list[PlaceFigures]:
    """Stores added up, by revenue; somebody of two stores counts in both."""
    require(actor, "guide:read")
    stores = list(_in_region(actor, region))
    sums = sum_stores(_known(days), [row.pk for row in stores], _shown(actor))
    places = [_place(row.code, row.name, sums.get(row.pk)) for row in stores]
    return sorted(places, key=lambda place: (-place.figures.revenue_fen, place.code))


def list_region_figures(actor: Actor, *, days: int) -> list[PlaceFigures]:
    """Regions added up with all below them; everybody counts once in each."""
    require(actor, "guide:read")
    stores = list(visible_stores(actor).values_list("pk", "region__path"))
    sums = sum_regions(_known(days), [store for store, _ in stores], _shown(actor))
    paths = {path for _, path in stores if path}
    return [
        _place(region.code, region.name, sums.get(region.pk))
        for region in Region.objects.order_by("path")
        if actor.sees_all or any(path.startswith(region.path) for path in paths)
    ]


def figures_counted_at() -> datetime | None:
    """When the figures were counted, None before the first count."""
    return StaffFigures.objects.values_list("counted_at", flat=True).first()


def require_staff(actor: Actor, who: StaffId) -> Staff:
    """One member of staff; the same NotFound for one who is not there and one not his to see."""
    row = visible_staff(actor).filter(account=who[0], staff=who[1]).first()
    if row is None:
        raise NotFound("staff.missing", "没有这位员工")
    return row


def _rows(actor: Actor, days: int) -> QuerySet[StaffFigures]:
    found = StaffFigures.objects.filter(days=_known(days))
    scope = staff_scope(actor)
    return found if scope is None else found.filter(scope.matches())


def _known(days: int) -> int:
    if days not in PERIODS:
        raise Refused("guide.days", f"时段只能是最近 {PERIODS} 天", field="days")
    return days


def _shown(actor: Actor) -> list[int] | None:
    """Ids of the staff whose figures the actor sees, None for everybody's."""
    return None if actor.sees_all else list(visible_staff(actor).values_list("pk", flat=True))


def _key(sort: str) -> F | ExpressionWrapper[CombinedExpression]:
    """What to sort by; shares of nothing come last."""
    if sort not in _SHARES:
        return F(sort)
    part, whole = _SHARES[sort]
    return ExpressionWrapper(F(part) * 1.0 / NullIf(F(whole), 0), output_field=FloatField())


def _named(ranked: list[StaffFigures]) -> list[GuideFigures]:
    own = gather((row.account, row.staff) for row in ranked)
    people = {(row.account, row.staff): row for row in Staff.objects.filter(own.matches())}
    works: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    roles: dict[int, str] = {}
    posts = Post.objects.filter(store__isnull=False, staff__in=[one.pk for one in people.values()])
    for person, role, code, name in posts.order_by("store__code").values_list(
        "staff_id", "role", "store__code", "store__name"
    ):
        works[person].append((code, name))
        roles[person] = role
    shown = [
        (people[row.account, row.staff], row)
        for row in ranked
        if (row.account, row.staff) in people
    ]
    return [
        GuideFigures(
            account=person.account,
            staff=person.staff,
            name=person.name,
            is_active=person.is_active,
            stores=tuple(works[person.pk]),
            role=roles.get(person.pk, ""),
            figures=figures_of(row),
        )
        for person, row in shown
    ]


def _place(code: str, name: str, found: PlaceSum | None) -> PlaceFigures:
    one = found or PlaceSum()
    return PlaceFigures(code=code, name=name, staff=one.staff, figures=one.figures)


def _staff_of_stores() -> defaultdict[int, list[tuple[str, str, str]]]:
    staff: defaultdict[int, list[tuple[str, str, str]]] = defaultdict(list)
    posts = Post.objects.filter(store__isnull=False).order_by("staff__staff")
    for store, account, who, role in posts.values_list(
        "store_id", "staff__account", "staff__staff", "role"
    ):
        staff[store or 0].append((account, who, role))
    return staff


def _in_region(actor: Actor, code: str) -> QuerySet[Store]:
    found = visible_stores(actor)
    if not code:
        return found
    row = Region.objects.filter(code=code).first()
    if row is None:
        raise NotFound("region.missing", "没有这个区域", field="region")
    return found.filter(region__path__startswith=row.path)


def _staff_in(stores: QuerySet[Store], code: str) -> set[StaffId]:
    wanted = stores.filter(code=code) if code else stores
    rows = Post.objects.filter(store__in=wanted.values("pk"))
    return set(rows.values_list("staff__account", "staff__staff"))
