"""Writes of the pool: what other slices and the API call."""

from __future__ import annotations

from siyu.pool.advancing import advance_stages, set_order_totals
from siyu.pool.consenting import set_consent
from siyu.pool.erasure import erase_customer
from siyu.pool.fields.actions import (
    FieldDraft,
    archive_field,
    create_field,
    set_field_users,
    set_values,
    update_field,
)
from siyu.pool.fields.jobs import work_on_fields
from siyu.pool.importing import import_customers
from siyu.pool.merging import merge_customers, retract_edge
from siyu.pool.resolving import resolve
from siyu.pool.tag_batches import work_on_tags
from siyu.pool.tagging import (
    add_tags,
    archive_tag,
    ensure_tag,
    ensure_tags,
    hang_tags,
    remove_tags,
    set_tag_users,
    take_tags,
)

__all__ = [
    "FieldDraft",
    "add_tags",
    "advance_stages",
    "archive_field",
    "archive_tag",
    "create_field",
    "ensure_tag",
    "ensure_tags",
    "erase_customer",
    "hang_tags",
    "import_customers",
    "merge_customers",
    "remove_tags",
    "resolve",
    "retract_edge",
    "set_consent",
    "set_field_users",
    "set_order_totals",
    "set_tag_users",
    "set_values",
    "take_tags",
    "update_field",
    "work_on_fields",
    "work_on_tags",
]
