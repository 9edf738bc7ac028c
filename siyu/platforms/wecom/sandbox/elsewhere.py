"""What other tools and administrators of a corp do to contact ways; nobody is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import ContactWay
from siyu.platforms.wecom.sandbox.controls import People


def make_way(people: People, *, userids: list[str], remark: str = "", state: str = "") -> Any:
    """Another tool makes a code."""
    second = int(people.world.clock.now().timestamp())
    way = ContactWay(
        people.corp.next_id(""), state, list(userids), remark, skip_verify=True, created_at=second
    )
    people.corp.ways[way.config_id] = way
    return {"config_id": way.config_id}


def delete_way(people: People, *, config_id: str) -> Any:
    """Somebody deletes a code."""
    if people.corp.ways.pop(config_id, None) is None:
        raise Refused("sandbox.way", f"no code {config_id}", field="config_id")
    return {}


OPERATIONS: Mapping[str, Callable[..., Any]] = {"make_way": make_way, "delete_way": delete_way}
