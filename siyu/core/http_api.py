"""What every slice's `api.py` shares: the actor of a request and problem answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from siyu.core.access import Actor, Role, Scope
from siyu.core.models import User
from siyu.kernel.errors import Forbidden, SiyuError


class Problem(Schema):
    """RFC 9457 problem details with a stable code and the field at fault."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    field: str | None = None


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in user as an actor; Forbidden when nobody is signed in."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("access.anonymous", "请先登录")
    scope = Scope(user.scope) if user.scope else None
    return Actor(user.username, Role(user.role), user.staff_id, scope, user.staff_account)


def problem(
    api: NinjaAPI,
    request: HttpRequest,
    status: int,
    code: str,
    title: str,
    *,
    field: str | None = None,
) -> HttpResponse:
    """A problem answer."""
    body = Problem(title=title, status=status, code=code, field=field).dict()
    response = api.create_response(request, body, status=status)
    response["Content-Type"] = "application/problem+json"
    return response


def install_problem_handlers(api: NinjaAPI) -> None:
    """Turn our errors and validation errors into problem answers."""

    @api.exception_handler(SiyuError)
    def on_siyu_error(request: HttpRequest, error: SiyuError) -> HttpResponse:
        return problem(api, request, error.status, error.code, error.reason, field=error.field)

    @api.exception_handler(ValidationError)
    def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0] if error.errors else {}
        field = ".".join(str(part) for part in first.get("loc", ())[1:]) or None
        title = str(first.get("msg", "请求无效"))
        return problem(api, request, 422, "request.invalid", title, field=field)

    @api.exception_handler(OverflowError)
    def on_overflow(request: HttpRequest, _error: OverflowError) -> HttpResponse:
        return problem(api, request, 422, "request.range", "数字超出范围")

    @api.exception_handler(HttpError)
    def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(api, request, error.status_code, "request.malformed", str(error))
