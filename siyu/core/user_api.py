"""Routes of signing in, people and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema, Status

from siyu import __version__
from siyu.core import users
from siyu.core.access import Actor, Role, Scope, require
from siyu.core.audit import find_broken_link
from siyu.core.http_api import actor_of
from siyu.core.models import AuditEntry, User
from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.kernel.paging import MAX_LIMIT, decode_cursor, encode_cursor

router = Router(tags=["users"])


class UserOut(Schema):
    id: int
    username: str
    display_name: str
    role: str
    staff_id: str
    staff_account: str
    scope: str
    is_active: bool
    permissions: list[str]


class SessionOut(Schema):
    user: UserOut
    version: str
    is_demo: bool
    now: datetime
    csrf_token: str


class LoginIn(Schema):
    username: str
    password: str


class UserList(Schema):
    items: list[UserOut]


class UserIn(Schema):
    username: str
    password: str
    role: str
    display_name: str = ""
    staff_id: str = ""
    staff_account: str = ""
    scope: str = ""


class UserPatch(Schema):
    """staff_id, staff_account, scope: changed together when any of them is given."""

    role: str | None = None
    staff_id: str | None = None
    staff_account: str | None = None
    scope: str | None = None
    is_active: bool | None = None
    password: str | None = None


class AuditOut(Schema):
    id: int
    at: datetime
    actor: str
    verb: str
    target: str
    detail: dict[str, Any]


class AuditPage(Schema):
    items: list[AuditOut]
    next_cursor: str | None


class AuditCheck(Schema):
    is_whole: bool
    broken_id: int | None


@router.post("/session", response=SessionOut, operation_id="sign_in", auth=None)
def sign_in(request: HttpRequest, body: LoginIn) -> SessionOut:
    network = request.META.get("REMOTE_ADDR", "")
    user = users.authenticate(body.username, body.password, network, now=runtime().clock.now())
    login(request, user)
    return _session(request, user)


@router.get("/session", response=SessionOut, operation_id="get_session")
def get_session(request: HttpRequest) -> SessionOut:
    assert isinstance(request.user, User)
    return _session(request, request.user)


@router.delete("/session", response={204: None}, operation_id="sign_out")
def sign_out(request: HttpRequest) -> Status[None]:
    logout(request)
    return Status(204, None)


@router.get("/users", response=UserList, operation_id="list_users")
def list_users(request: HttpRequest) -> UserList:
    return UserList(items=[_out(user) for user in users.list_users(actor_of(request))])


@router.post("/users", response={201: UserOut}, operation_id="create_user")
def create_user(request: HttpRequest, body: UserIn) -> Status[UserOut]:
    user = users.create_user(
        actor_of(request),
        body.username,
        body.password,
        _role(body.role),
        display_name=body.display_name,
        place=users.Place(body.staff_id, body.staff_account, _scope(body.scope)),
        now=runtime().clock.now(),
    )
    return Status(201, _out(user))


@router.patch("/users/{user_id}", response=UserOut, operation_id="update_user")
def update_user(request: HttpRequest, user_id: int, body: UserPatch) -> UserOut:
    user = users.update_user(
        actor_of(request),
        user_id,
        role=_role(body.role) if body.role else None,
        is_active=body.is_active,
        password=body.password,
        place=_place(body, user_id),
        now=runtime().clock.now(),
    )
    return _out(user)


@router.get("/audit", response=AuditPage, operation_id="list_audit")
def list_audit(
    request: HttpRequest, cursor: str = "", limit: int = 50, actor: str = "", verb: str = ""
) -> AuditPage:
    require(actor_of(request), "audit:read")
    if not 1 <= limit <= MAX_LIMIT:
        raise Refused("page.limit", f"每页 1–{MAX_LIMIT} 条", field="limit")
    rows = AuditEntry.objects.order_by("-id")
    if cursor:
        (last,) = decode_cursor(cursor, int)
        rows = rows.filter(id__lt=last)
    if actor:
        rows = rows.filter(actor=actor)
    if verb:
        rows = rows.filter(verb=verb)
    page = list(rows[: limit + 1])
    items = [
        AuditOut(
            id=row.pk,
            at=row.at,
            actor=row.actor,
            verb=row.verb,
            target=row.target,
            detail=row.detail,
        )
        for row in page[:limit]
    ]
    return AuditPage(
        items=items, next_cursor=encode_cursor(page[limit - 1].pk) if len(page) > limit else None
    )


@router.get("/audit/check", response=AuditCheck, operation_id="check_audit")
def check_audit(request: HttpRequest) -> AuditCheck:
    require(actor_of(request), "audit:read")
    broken = find_broken_link()
    return AuditCheck(is_whole=broken is None, broken_id=broken)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise Refused("user.role", f"未知角色 {text!r}", field="role") from error


def _scope(text: str) -> Scope | None:
    try:
        return Scope(text) if text else None
    except ValueError as error:
        raise Refused("user.scope", f"未知数据范围 {text!r}", field="scope") from error


def _place(body: UserPatch, user_id: int) -> users.Place | None:
    """The place after the change; None when nothing of it is given."""
    given = (body.staff_id, body.staff_account, body.scope)
    user = User.objects.filter(pk=user_id).first()
    if user is None or all(value is None for value in given):
        return None
    now = users.place_of(user)
    return users.Place(
        now.staff_id if body.staff_id is None else body.staff_id,
        now.staff_account if body.staff_account is None else body.staff_account,
        now.scope if body.scope is None else _scope(body.scope),
    )


def _out(user: User) -> UserOut:
    place = users.place_of(user)
    actor = Actor(user.username, Role(user.role), place.staff_id, place.scope)
    return UserOut(
        id=user.pk,
        username=user.username,
        display_name=user.display_name,
        role=user.role,
        staff_id=user.staff_id,
        staff_account=user.staff_account,
        scope=actor.reach.value,
        is_active=user.is_active,
        permissions=sorted(actor.permissions),
    )


def _session(request: HttpRequest, user: User) -> SessionOut:
    return SessionOut(
        user=_out(user),
        version=__version__,
        is_demo=runtime().is_demo,
        now=runtime().clock.now(),
        csrf_token=get_token(request),
    )
