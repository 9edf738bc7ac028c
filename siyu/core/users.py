"""People who sign in: creation, passwords, roles, and slowed guessing."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from siyu.core.access import Actor, Role, Scope, require
from siyu.core.audit import record_audit
from siyu.core.models import LoginFailure, User
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused

MAX_FAILURES = 8
LOCK = timedelta(minutes=10)
_USERNAME = re.compile(r"^[\w.\-@]{2,64}$")


@dataclass(frozen=True)
class Place:
    """Who somebody is among the staff, and whose customers he sees (None: as his role does)."""

    staff_id: str = ""
    staff_account: str = ""
    scope: Scope | None = None


def place_of(user: User) -> Place:
    """Where a person stands."""
    scope = Scope(user.scope) if user.scope else None
    return Place(user.staff_id, user.staff_account, scope)


def list_users(actor: Actor) -> list[User]:
    require(actor, "user:write")
    return list(User.objects.order_by("id"))


def create_user(
    actor: Actor,
    username: str,
    password: str,
    role: Role,
    *,
    display_name: str = "",
    place: Place | None = None,
    now: datetime,
) -> User:
    """Add a person. Who does not see everything needs the member of staff he is."""
    require(actor, "user:write")
    if not _USERNAME.match(username):
        raise Refused("user.username", "用户名为 2–64 个字母、数字或 _.-@", field="username")
    place = place or Place()
    _check_place(role, place)
    _check_strength(password)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise Conflict("user.exists", "用户名已被使用", field="username")
        user = User.objects.create(
            username=username,
            password=make_password(password),
            role=role.value,
            display_name=display_name or username,
            staff_id=place.staff_id,
            staff_account=place.staff_account,
            scope=place.scope.value if place.scope else "",
            created_at=now,
        )
        detail = {"role": role.value, "scope": user.scope, "staff": user.staff_id}
        record_audit(actor, "create_user", username, now=now, detail=detail)
    return user


def update_user(
    actor: Actor,
    user_id: int,
    *,
    role: Role | None = None,
    is_active: bool | None = None,
    password: str | None = None,
    place: Place | None = None,
    now: datetime,
) -> User:
    """Change a person's role, state, password or place; his open sessions end."""
    require(actor, "user:write")
    with transaction.atomic():
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.unknown", "没有这个用户")
        if role is not None:
            user.role = role.value
        if is_active is not None:
            user.is_active = is_active
        if password is not None:
            _check_strength(password)
            user.password = make_password(password)
        if place is not None:
            user.staff_id, user.staff_account = place.staff_id, place.staff_account
            user.scope = place.scope.value if place.scope else ""
        _check_place(Role(user.role), place_of(user))
        user.save()
        _keep_an_owner()
        detail = {
            "role": user.role,
            "is_active": user.is_active,
            "password": password is not None,
            "scope": user.scope,
            "staff": user.staff_id,
        }
        record_audit(actor, "update_user", user.username, now=now, detail=detail)
    return user


def authenticate(username: str, password: str, network: str, *, now: datetime) -> User:
    """The user of a right password; Forbidden otherwise, with the same answer and cost.

    After `MAX_FAILURES` wrong tries for one name from one network, ten minutes of silence.
    """
    key = hashlib.sha256(f"{username}\0{network}".encode()).hexdigest()
    failure = LoginFailure.objects.filter(pk=key).first()
    if failure and failure.count >= MAX_FAILURES and now - failure.last_at < LOCK:
        raise Forbidden("login.locked", "尝试次数过多, 请十分钟后再试")
    user = User.objects.filter(username=username).first()
    is_right = check_password(password, user.password if user else _decoy())
    if not is_right or user is None or not user.is_active:
        recent = failure.count if failure and now - failure.last_at < LOCK else 0
        LoginFailure.objects.update_or_create(
            pk=key, defaults={"count": recent + 1, "last_at": now}
        )
        raise Forbidden("login.wrong", "用户名或密码不对")
    LoginFailure.objects.filter(pk=key).delete()
    return user


def _check_place(role: Role, place: Place) -> None:
    actor = Actor("", role, place.staff_id, place.scope)
    if role in {Role.GUIDE, Role.MANAGER} and actor.sees_all:
        raise Refused("user.scope", "导购和店长的数据范围不能是全部", field="scope")
    if not actor.sees_all and not place.staff_id:
        raise Refused("user.staff_id", "请填写对应的企业微信成员 ID", field="staff_id")


def _check_strength(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused(
            "user.password", "密码至少 10 位, 且不能是常见密码", field="password"
        ) from error


def _keep_an_owner() -> None:
    if not User.objects.filter(role=Role.OWNER.value, is_active=True).exists():
        raise Refused("user.last_owner", "至少要保留一位启用的所有者", field="role")


_decoy_hash: list[str] = []


def _decoy() -> str:
    """A hash nobody's password fits, so that unknown names cost the same time."""
    if not _decoy_hash:
        _decoy_hash.append(make_password(secrets.token_hex()))
    return _decoy_hash[0]
