"""Routes for visitors: no user of ours is signed in here."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from ninja import Field, Router, Schema

from siyu.core.runtime import runtime
from siyu.fans import visits
from siyu.kernel.errors import Forbidden

router = Router(tags=["visits"], auth=None)
VISITOR, NONCE = "siyu_visitor", "siyu_visit"


class AppSessionIn(Schema):
    """write_key: the one its events are sent with. code: of the app's login."""

    write_key: str = Field(max_length=128)
    code: str = Field(max_length=512)


class AppSessionOut(Schema):
    session: str
    anonymous_id: str
    expires_at: datetime


class AppPhoneIn(Schema):
    session: str = Field(max_length=4096)
    code: str = Field(max_length=512)


class VisitDoneOut(Schema):
    is_done: bool = True


class VisitorOut(Schema):
    is_known: bool
    anonymous_id: str


@router.post(
    "/visits/{account}/app-session", response=AppSessionOut, operation_id="open_app_session"
)
def open_app_session(request: HttpRequest, account: str, body: AppSessionIn) -> AppSessionOut:
    del request
    source = visits.source_of(body.write_key)
    session = visits.open_app_session(account, body.code, source, now=runtime().clock.now())
    return AppSessionOut(
        session=session.token, anonymous_id=session.anonymous_id, expires_at=session.expires_at
    )


@router.post("/visits/{account}/app-phone", response=VisitDoneOut, operation_id="attach_app_phone")
def attach_app_phone(request: HttpRequest, account: str, body: AppPhoneIn) -> VisitDoneOut:
    del request
    visits.attach_phone(account, body.session, body.code, now=runtime().clock.now())
    return VisitDoneOut()


@router.get("/visits/{account}/authorize", operation_id="begin_page_login")
def begin_page_login(
    request: HttpRequest,
    account: str,
    to: str = "/",
    scope: str = "base",
    write_key: str = "",
) -> HttpResponse:
    nonce = request.COOKIES.get(NONCE) or secrets.token_urlsafe(16)
    url = visits.authorize_url(
        account,
        to,
        nonce,
        source=visits.source_of(write_key) if write_key else "",
        asks_profile=scope == "userinfo",
        now=runtime().clock.now(),
    )
    answer = HttpResponseRedirect(url)
    _keep(answer, NONCE, nonce, 600)
    return answer


@router.get("/visits/return", operation_id="finish_page_login")
def finish_page_login(request: HttpRequest, code: str = "", state: str = "") -> HttpResponse:
    nonce = request.COOKIES.get(NONCE, "")
    session, target = visits.finish_page_login(code, state, nonce, now=runtime().clock.now())
    answer = HttpResponseRedirect(target)
    answer.delete_cookie(NONCE)
    if session is not None:
        _keep(answer, VISITOR, session.token, int(visits.SESSION_LIFE.total_seconds()))
    return answer


@router.get("/visits/me", response=VisitorOut, operation_id="get_visitor")
def get_visitor(request: HttpRequest) -> VisitorOut:
    token = request.COOKIES.get(VISITOR, "")
    try:
        inside = visits.read_session("", token, now=runtime().clock.now()) if token else None
    except Forbidden:
        inside = None
    return VisitorOut(
        is_known=inside is not None, anonymous_id=inside.anonymous_id if inside else ""
    )


def _keep(answer: HttpResponse, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.ENVIRONMENT.public_url.startswith("https://"),
    )
