"""Who opened the sidebar: a member of staff, signed in by his platform."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest
from ninja.security import APIKeyCookie

from siyu.core.access import Actor, Role, Scope
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.models import User
from siyu.guides.store_queries import is_working
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.ports.member_pages import MemberPages

_MEMBER, _STATE = "sidebar_member", "sidebar_state"


@dataclass(frozen=True)
class Member:
    """A member of staff and, when he has a console name, that name."""

    account: str
    staff: str
    user: str = ""

    @property
    def actor(self) -> Actor:
        """He acts as a guide, for his own customers only."""
        name = self.user or f"{self.staff}@sidebar"
        return Actor(name[:64], Role.GUIDE, self.staff, Scope.SELF, self.account)


class SidebarAuth(APIKeyCookie):
    """Lets in who signed in through his platform and still works there."""

    param_name = "siyu_session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Member | None:  # noqa: ARG002
        """The member; None (401) when nobody signed in or he has left."""
        told = request.session.get(_MEMBER)
        if not told:
            return None
        account, staff = told
        if account not in active_accounts() or not is_working(account, staff):
            return None
        return Member(account, staff, _user_of(account, staff))


def pages_of(account: str) -> MemberPages:
    """The pages of an account that is switched on."""
    pages = connector(account).member_pages if account in active_accounts() else None
    if pages is None:
        raise NotFound("sidebar.account", "没有这个账号, 或它不支持侧边栏", field="account")
    return pages


def client_origins() -> list[str]:
    """Where the clients' scripts of the accounts in use come from."""
    found = set()
    for account in active_accounts():
        pages = connector(account).member_pages
        if pages is not None:
            parts = urlsplit(pages.script_url)
            found.add(f"{parts.scheme}://{parts.netloc}")
    return sorted(found)


def begin(request: HttpRequest, account: str, back: str) -> str:
    """Where the browser goes to sign in; it comes back to `back`."""
    state = secrets.token_urlsafe(16)
    url = pages_of(account).login_url(back, state)
    request.session[_STATE] = [account, state]
    return url


def finish(request: HttpRequest, account: str, *, code: str, state: str, now: datetime) -> Member:
    """The member who came back with a code. Forbidden when he did not leave from here."""
    expected = request.session.pop(_STATE, None)
    if not expected or expected[0] != account or not secrets.compare_digest(expected[1], state):
        raise Forbidden("sidebar.state", "登录已过期, 请重新打开侧边栏")
    if not code or len(code) > 512:
        raise Refused("sidebar.code", "登录凭证无效", field="code")
    staff = pages_of(account).fetch_member(code)
    if not is_working(account, staff):
        raise Forbidden("sidebar.staff", "您不在可以使用侧边栏的员工名单里")
    request.session.cycle_key()
    request.session[_MEMBER] = [account, staff]
    member = Member(account, staff, _user_of(account, staff))
    with transaction.atomic():
        record_audit(member.actor, "open_sidebar", f"staff:{staff}", now=now, detail={})
    return member


def _user_of(account: str, staff: str) -> str:
    found = User.objects.filter(
        staff_id=staff, staff_account__in=("", account), is_active=True
    ).order_by("pk")
    return found.values_list("username", flat=True).first() or ""
