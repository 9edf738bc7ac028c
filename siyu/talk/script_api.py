"""Routes of scripts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.talk import scripts

router = Router(tags=["scripts"])


class ScriptGroupOut(Schema):
    id: int
    name: str
    is_mine: bool
    scripts: int


class ScriptOut(Schema):
    id: int
    group_id: int
    title: str
    text: str
    attachments: list[dict[str, str]]
    sent: int


class ScriptList(Schema):
    groups: list[ScriptGroupOut]
    items: list[ScriptOut]


class ScriptGroupIn(Schema):
    name: str
    is_mine: bool = False


class ScriptIn(Schema):
    group_id: int
    title: str
    text: str = ""
    attachments: list[dict[str, str]] = []


class Created(Schema):
    id: int


@router.get("/scripts", response=ScriptList, operation_id="list_scripts")
def list_scripts(request: HttpRequest, q: str = "", group_id: int | None = None) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "groups": [asdict(one) for one in scripts.list_groups(actor)],
        "items": [asdict(one) for one in scripts.list_scripts(actor, q=q, group_id=group_id)],
    }


@router.post("/script-groups", response={201: Created}, operation_id="create_script_group")
def create_script_group(request: HttpRequest, body: ScriptGroupIn) -> Status[dict[str, int]]:
    made = scripts.create_group(
        actor_of(request), body.name, is_mine=body.is_mine, now=runtime().clock.now()
    )
    return Status(201, {"id": made})


@router.delete(
    "/script-groups/{group_id}", response={204: None}, operation_id="delete_script_group"
)
def delete_script_group(request: HttpRequest, group_id: int) -> Status[None]:
    scripts.delete_group(actor_of(request), group_id, now=runtime().clock.now())
    return Status(204, None)


@router.post("/scripts", response={201: Created}, operation_id="create_script")
def create_script(request: HttpRequest, body: ScriptIn) -> Status[dict[str, int]]:
    made = scripts.save_script(actor_of(request), **body.dict(), now=runtime().clock.now())
    return Status(201, {"id": made})


@router.put("/scripts/{script_id}", response={204: None}, operation_id="update_script")
def update_script(request: HttpRequest, script_id: int, body: ScriptIn) -> Status[None]:
    actor, now = actor_of(request), runtime().clock.now()
    scripts.save_script(actor, **body.dict(), script_id=script_id, now=now)
    return Status(204, None)


@router.delete("/scripts/{script_id}", response={204: None}, operation_id="delete_script")
def delete_script(request: HttpRequest, script_id: int) -> Status[None]:
    scripts.delete_script(actor_of(request), script_id, now=runtime().clock.now())
    return Status(204, None)
