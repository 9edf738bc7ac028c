"""What every slice's `api.py` shares: the actor of a request and problem answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import ValidationError

from siyu.core.access import Actor, Role
from siyu.core.models import User
from siyu.kernel.errors import Forbidden, SiyuError


class Problem(Schema):
    """RFC 9457 problem details with a stable code and the field at fault."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    field: str | None = None


PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in user as an actor; Forbidden when nobody is signed in."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("access.anonymous", "请先登录")
    return Actor(user.username, Role(user.role), user.staff_id)


def install_problem_handlers(api: NinjaAPI) -> None:
    """Turn our errors and validation errors into problem answers."""

    def problem(
        request: HttpRequest, status: int, code: str, title: str, field: str | None
    ) -> HttpResponse:
        body: dict[str, Any] = Problem(title=title, status=status, code=code, field=field).dict()
        response = api.create_response(request, body, status=status)
        response["Content-Type"] = "application/problem+json"
        return response

    @api.exception_handler(SiyuError)
    def on_siyu_error(request: HttpRequest, error: SiyuError) -> HttpResponse:
        return problem(request, error.status, error.code, error.reason, error.field)

    @api.exception_handler(ValidationError)
    def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0] if error.errors else {}
        field = ".".join(str(part) for part in first.get("loc", ())[1:]) or None
        return problem(request, 422, "request.invalid", str(first.get("msg", "请求无效")), field)
