"""Routes of customers, their identities, tags and consent."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Path, Query, Router, Status

from siyu.core.access import require
from siyu.core.audit import record_audit
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.kernel.paging import Page
from siyu.pool import actions, evidence, queries, routes
from siyu.pool.export import HEADER, export_rows
from siyu.pool.fields.api import router as fields_router
from siyu.pool.masking import mask_identity, mask_trait
from siyu.pool.oneid_api import router as oneid_router
from siyu.pool.tag_api import router as tags_router
from siyu.pool.types import CustomerFilter, CustomerProfile, EvidenceGraph, TagRow

router = Router(tags=["pool"])
router.add_router("", oneid_router)
router.add_router("", fields_router)
router.add_router("", tags_router)
Id = Annotated[int, Path(ge=1, lt=2**63)]
Filters = Annotated[routes.CustomerQuery, Query()]
Cursor = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _now() -> datetime:
    return runtime().clock.now()


def _filter(query: routes.CustomerQuery) -> CustomerFilter:
    return CustomerFilter(**query.dict())


@router.get("/customers", response=routes.CustomerPageOut, operation_id="list_customers")
def list_customers(
    request: HttpRequest, filters: Filters, cursor: Cursor = "", limit: Limit = 50
) -> Page[Any]:
    """Customers, the latest seen first; a guide sees only his own."""
    return queries.list_customers(actor_of(request), _filter(filters), cursor, limit)


@router.get("/customers/count", response=routes.CountOut, operation_id="count_customers")
def count_customers(request: HttpRequest, filters: Filters) -> dict[str, int]:
    """How many customers the list has."""
    return {"count": queries.count_customers(actor_of(request), _filter(filters))}


@router.get("/customers/export.csv", operation_id="export_customers")
def export_customers(request: HttpRequest, filters: Filters) -> StreamingHttpResponse:
    """The list as CSV, masked; audited."""
    actor, wanted = actor_of(request), _filter(filters)
    rows = export_rows(queries.stream_customers(actor, wanted))
    with transaction.atomic():
        asked = {key: value for key, value in asdict(wanted).items() if value and key != "q"}
        record_audit(actor, "export_customers", "customers", now=_now(), detail=asked)
    return answer_csv(f"customers-{_now():%Y%m%d}.csv", HEADER, rows)


@router.post("/customers/merge", response=routes.MergedOut, operation_id="merge_customers")
def merge_customers(request: HttpRequest, body: routes.MergeIn) -> dict[str, int]:
    """Declare two customers one person; the older id lives on."""
    survivor = actions.merge_customers(
        actor_of(request), body.keep_id, body.other_id, reason=body.reason, now=_now()
    )
    return {"id": survivor}


@router.get(
    "/customers/{customer_id}", response=routes.CustomerProfileOut, operation_id="get_customer"
)
def get_customer(request: HttpRequest, customer_id: Id) -> dict[str, Any]:
    """Everything the pool knows of one customer, values masked."""
    actor = actor_of(request)
    require(actor, "customer:read")
    return _profile(queries.get_customer(actor, customer_id))


def _profile(profile: CustomerProfile) -> dict[str, Any]:
    shown = asdict(profile)
    row = shown.pop("row")
    for identity in shown["identities"]:
        identity["value_masked"] = mask_identity(identity["namespace"], identity.pop("value"))
    for trait in shown["traits"]:
        trait["value"] = mask_trait(trait["field"], trait["value"])
    return {**row, **shown}


@router.delete("/customers/{customer_id}", response={204: None}, operation_id="erase_customer")
def erase_customer(request: HttpRequest, customer_id: Id) -> Status[None]:
    """Erase a person for good."""
    actions.erase_customer(actor_of(request), customer_id, now=_now())
    return Status(204, None)


@router.get(
    "/customers/{customer_id}/why",
    response=routes.EvidenceOut,
    operation_id="explain_customer",
)
def explain_customer(request: HttpRequest, customer_id: Id) -> EvidenceGraph:
    """Why these identities are one person."""
    return evidence.why(actor_of(request), customer_id)


@router.get("/customers/{customer_id}/phone", response=routes.PhoneOut, operation_id="reveal_phone")
def reveal_phone(request: HttpRequest, customer_id: Id) -> dict[str, str]:
    """The full phone number of one customer; audited."""
    actor = actor_of(request)
    require(actor, "customer:reveal")
    with transaction.atomic():
        profile = queries.get_customer(actor, customer_id)
        phones = [i.value for i in profile.identities if i.namespace == "phone"]
        target = f"customer:{profile.row.id}"
        record_audit(actor, "reveal_phone", target, now=_now())
    return {"phone": phones[-1] if phones else ""}


@router.post(
    "/customers/{customer_id}/tags", response=routes.TagListOut, operation_id="change_tags"
)
def change_tags(
    request: HttpRequest, customer_id: Id, body: routes.TagsIn
) -> dict[str, list[TagRow]]:
    """Put tags on a customer and take others off; the tags it has then."""
    actor, now = actor_of(request), _now()
    with transaction.atomic():
        if body.add:
            actions.add_tags(actor, [customer_id], body.add, origin="manual", now=now)
        if body.remove:
            actions.remove_tags(actor, [customer_id], body.remove, now=now)
        return {"items": queries.get_customer(actor, customer_id).row.tags}


@router.post(
    "/customers/{customer_id}/consent",
    response=routes.CustomerProfileOut,
    operation_id="set_consent",
)
def set_consent(request: HttpRequest, customer_id: Id, body: routes.ConsentIn) -> dict[str, Any]:
    """Note what a customer allowed or withdrew."""
    actor = actor_of(request)
    actions.set_consent(
        actor,
        customer_id,
        channel=body.channel,
        purpose=body.purpose,
        is_granted=body.is_granted,
        source=f"user:{actor.name}",
        now=_now(),
    )
    return _profile(queries.get_customer(actor, customer_id))


@router.post("/edges/{edge_id}/retract", response={204: None}, operation_id="retract_edge")
def retract_edge(request: HttpRequest, edge_id: Id, body: routes.ReasonIn) -> Status[None]:
    """Take back one piece of evidence."""
    actions.retract_edge(actor_of(request), edge_id, reason=body.reason, now=_now())
    return Status(204, None)


@router.get("/tags", response=routes.TagListOut, operation_id="list_tags")
def list_tags(request: HttpRequest) -> dict[str, list[TagRow]]:
    """All tags in use."""
    require(actor_of(request), "customer:read")
    return {"items": queries.list_tags()}


@router.post("/tags", response=routes.TagOut, operation_id="create_tag")
def create_tag(request: HttpRequest, body: routes.TagIn) -> TagRow:
    """A tag of this name; the one there is, if there is one."""
    row_id = actions.ensure_tag(actor_of(request), body.group, body.name, now=_now())
    return next(tag for tag in queries.list_tags() if tag.id == row_id)
