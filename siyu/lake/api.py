"""Routes of the lake: timeline, user SQL, and the text of named queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.lake import queries
from siyu.lake.session import named
from siyu.lake.user_sql import MAX_TEXT, run_user_sql

router = Router(tags=["lake"])
NAMED_IN = ("insight", "segments", "lake", "commerce")


class EventOut(Schema):
    id: int
    name: str
    at: dt.datetime
    source: str
    platform: str
    account: str
    staff: str
    properties: dict[str, Any]


class TimelinePage(Schema):
    items: list[EventOut]
    next_cursor: str | None


class QueryIn(Schema):
    sql: str = Field(min_length=1, max_length=MAX_TEXT)


class QueryOut(Schema):
    columns: list[str]
    rows: list[list[Any]]
    took_ms: int
    is_truncated: bool


class NamedQueryOut(Schema):
    name: str
    sql: str


@router.get(
    "/customers/{customer_id}/timeline",
    response=TimelinePage,
    operation_id="list_timeline",
)
def list_timeline(
    request: HttpRequest, customer_id: int, cursor: str | None = None, limit: int = 50
) -> Any:
    """What a customer did, newest first."""
    return queries.list_timeline(actor_of(request), customer_id, cursor=cursor, limit=limit)


@router.post("/query", response=QueryOut, operation_id="run_query")
def run_query(request: HttpRequest, body: QueryIn) -> Any:
    """Run one SELECT over the documented tables; at most 10,000 rows and 30 seconds."""
    result = run_user_sql(actor_of(request), body.sql)
    rows = [[_plain(value) for value in row] for row in result.rows]
    return QueryOut(
        columns=result.columns,
        rows=rows,
        took_ms=result.took_ms,
        is_truncated=result.is_truncated,
    )


@router.get("/queries/{name}", response=NamedQueryOut, operation_id="get_named_query")
def get_named_query(request: HttpRequest, name: str) -> Any:
    """The SQL behind a number of the console; `name` is `slice.name` or a report's name."""
    require(actor_of(request), "overview:read")
    slice_name, _, rest = name.partition(".")
    if rest and slice_name in NAMED_IN:
        return NamedQueryOut(name=name, sql=named(slice_name, rest))
    return NamedQueryOut(name=name, sql=named("insight", name))


def _plain(value: Any) -> Any:
    """A value JSON can hold: times as ISO 8601, bytes as hex, everything odd as text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)
