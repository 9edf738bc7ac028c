"""The figures of all stores, or of all regions, added up by the database in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection

from siyu.guides.figures import figures_of
from siyu.guides.models import StaffFigures
from siyu.guides.org_types import Figures

_WHOLE = ("customers", "owned", "added", "lost", "messages", "chats", "negative", "orders")
_COLUMNS = (*_WHOLE, "buyers", "revenue_fen", "replied", "reply_minutes")
_IN_STORES = "SELECT store_id AS place, staff_id FROM guides_post WHERE store_id IS NOT NULL AND {}"
_IN_REGIONS = (
    "SELECT DISTINCT above.id AS place, post.staff_id FROM guides_region above"
    " JOIN guides_region own ON substr(own.path, 1, length(above.path)) = above.path"
    " JOIN guides_store store ON store.region_id = own.id"
    " JOIN guides_post post ON post.store_id = store.id WHERE {}"
)
_SUMS = (
    "SELECT work.place, COUNT(*), {sums} FROM ({work}) work"
    " JOIN guides_staff person ON person.id = work.staff_id"
    " LEFT JOIN guides_stafffigures figures ON figures.days = %s"
    " AND figures.account = person.account AND figures.staff = person.staff AND {shown}"
    " GROUP BY work.place"
)


@dataclass(frozen=True)
class PlaceSum:
    """How many work at a place, and the figures of those of them who are shown."""

    staff: int = 0
    figures: Figures = field(default_factory=Figures)


_Sums = dict[int, PlaceSum]


def sum_stores(days: int, stores: Collection[int], shown: Collection[int] | None) -> _Sums:
    """By id of the store; shown: ids of the staff whose figures count, None for everybody's.

    Somebody of two stores counts in both.
    """
    return _sums(_IN_STORES, "store_id", days, stores, shown)


def sum_regions(days: int, stores: Collection[int], shown: Collection[int] | None) -> _Sums:
    """By id of the region with all below it, of these stores; everybody counts once in each."""
    return _sums(_IN_REGIONS, "store.id", days, stores, shown)


def _sums(
    work: str, column: str, days: int, stores: Collection[int], shown: Collection[int] | None
) -> _Sums:
    sql = _SUMS.format(
        sums=", ".join(f"COALESCE(SUM(figures.{name}), 0)" for name in _COLUMNS),
        work=work.format(_among(column, stores)),
        shown="1 = 1" if shown is None else _among("person.id", shown),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*stores, days, *(shown or ())])
        return {int(row[0]): _place(row[1], row[2:]) for row in cursor.fetchall()}


def _place(staff: int, sums: tuple[float, ...]) -> PlaceSum:
    values = dict(zip(_COLUMNS, sums, strict=True))
    whole = {name: int(value) for name, value in values.items()}
    shares = {name: float(values[name]) for name in ("replied", "reply_minutes")}
    return PlaceSum(int(staff), figures_of(StaffFigures(**{**whole, **shares})))


def _among(column: str, ids: Collection[int]) -> str:
    marks = ", ".join(["%s"] * len(ids))
    return f"{column} IN ({marks})" if ids else "1 = 0"
