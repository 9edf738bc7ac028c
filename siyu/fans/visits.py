"""Sign-in of pages and apps: a platform's one-time code in, our own opaque session out.

Platform ids and session keys never reach the browser or the app. What they get is a token that
only we can open, and an anonymous id for their events, which the login joins to the person.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from siyu.core.accounts import connector
from siyu.core.intake import submit_facts
from siyu.core.secrets import seal, unseal
from siyu.core.write_keys import KeyRing
from siyu.fans.types import Session
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Forbidden, Refused, SiyuError
from siyu.kernel.identity import Identity
from siyu.kernel.ids import digest, new_id
from siyu.ports.facts import IDENTIFIED, Fact
from siyu.ports.logins import Visitor

SESSION_LIFE = timedelta(days=30)
STATE_LIFE = timedelta(minutes=10)
MAX_CODE = 512
EVIDENCE = "登录时微信给出"
Inside = TypeVar("Inside", bound=msgspec.Struct)
_keys = KeyRing()


class _Sealed(msgspec.Struct, frozen=True):
    """The inside of a token. ends_at: ms."""

    account: str
    identities: tuple[Identity, ...]
    anonymous_id: str
    ends_at: int


class _State(msgspec.Struct, frozen=True):
    """Of a page login under way. source: of the page's events; ends_at: ms."""

    account: str
    target: str
    source: str
    nonce: str
    ends_at: int


def source_of(secret: str) -> str:
    """Whose events are sent with a write key; Forbidden unless it is one in use."""
    if _keys.find(secret) is None and not _keys.is_fresh(after_miss=True):
        _keys.reload(after_miss=True)
    sender = _keys.find(secret) if secret else None
    if sender is None:
        raise Forbidden("visit.key", "写入密钥无效或已停用")
    return sender.name


def open_app_session(account: str, code: str, source: str, *, now: datetime) -> Session:
    """Sign an app's user in. Refused by the platform when the code is spent or too old.

    source: of the app's own events, which the session's anonymous id joins to the person.
    """
    login = connector(account).app_login
    if login is None:
        raise Refused("visit.platform", "这个账号没有小程序登录", field="account")
    visitor = login.fetch_visitor(_code(code))
    return _remember(account, visitor, source, now)


def attach_phone(account: str, token: str, code: str, *, now: datetime) -> None:
    """A phone number that the platform has verified joins the session's person."""
    session = read_session(account, token, now=now)
    login = connector(account).app_login
    if login is None:
        raise Refused("visit.platform", "这个账号没有小程序登录", field="account")
    phone = login.fetch_phone(_code(code))
    who = (session.identities[0], Identity("phone", "", phone))
    _submit(account, who, "小程序手机号 (微信验证)", now, traits={"phone": phone})


def authorize_url(
    account: str, target: str, nonce: str, *, source: str, asks_profile: bool, now: datetime
) -> str:
    """Where a page sends the browser to sign in. target: a place of our own to come back to."""
    login = connector(account).page_login
    if login is None:
        raise Refused("visit.platform", "这个账号没有网页授权", field="account")
    ends_at = to_ms(now + STATE_LIFE)
    state = _seal(_State(account, check_target(target), source, nonce, ends_at), "state")
    back = f"{settings.ENVIRONMENT.public_url}/api/visits/return"
    return login.authorize_url(back, state, asks_profile=asks_profile)


def finish_page_login(
    code: str, state: str, nonce: str, *, now: datetime
) -> tuple[Session | None, str]:
    """The visitor's session and where to go on; no session for a platform's nameless stand-in.

    Forbidden when the state is not ours, too old, or was begun by another browser.
    """
    begun = _open(state, "state", _State)
    if begun.nonce != nonce or not nonce or begun.ends_at < to_ms(now):
        raise Forbidden("visit.state", "登录已失效, 请重新打开页面")
    login = connector(begun.account).page_login
    if login is None:
        raise Refused("visit.platform", "这个账号没有网页授权", field="account")
    visitor = login.fetch_visitor(_code(code))
    if visitor.is_snapshot:
        return None, begun.target
    return _remember(begun.account, visitor, begun.source, now), begun.target


def read_session(account: str, token: str, *, now: datetime) -> _Sealed:
    """What a token says; Forbidden when it is not ours, of another account, or over."""
    inside = _open(token, "session", _Sealed)
    if (account and inside.account != account) or inside.ends_at < to_ms(now):
        raise Forbidden("visit.session", "登录已失效, 请重新登录")
    return inside


def check_target(target: str) -> str:
    """A path of ours or an address under our own host; Refused otherwise (open redirect)."""
    parts = urlsplit(target)
    own = urlsplit(settings.ENVIRONMENT.public_url)
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    is_ours = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    if not (is_path or is_ours) or "\\" in target or len(target) > 1000:
        raise Refused("visit.target", "只能回到本系统的页面", field="to")
    return target


def _remember(account: str, visitor: Visitor, source: str, now: datetime) -> Session:
    own = visitor.identities[0]
    key = digest(settings.SIYU_SECRET_KEY, own.key.encode()).hex()
    anonymous_id = f"wx{key}"
    guest = (Identity("anonymous_id", source, anonymous_id),) if source else ()
    named = {"name": visitor.name, "avatar": visitor.avatar}
    traits = {name: value for name, value in named.items() if value}
    _submit(account, (*visitor.identities, *guest), EVIDENCE, now, traits=traits)
    ends_at = now + SESSION_LIFE
    inside = _Sealed(account, visitor.identities, anonymous_id, to_ms(ends_at))
    return Session(_seal(inside, "session"), anonymous_id, ends_at)


def _submit(
    account: str, who: tuple[Identity, ...], evidence: str, now: datetime, *, traits: dict[str, str]
) -> None:
    at = to_ms(now)
    fact = Fact(
        name=IDENTIFIED,
        at=at,
        received_at=at,
        source=account,
        message_id=f"visit:{new_id()}",
        platform=account.partition(":")[0],
        account=account,
        identities=who,
        evidence=evidence,
        traits=dict(traits),
    )
    submit_facts([fact])


def _code(code: str) -> str:
    if not 1 <= len(code) <= MAX_CODE or not code.isascii():
        raise Refused("visit.code", "登录凭证无效", field="code")
    return code


def _seal(inside: msgspec.Struct, kind: str) -> str:
    sealed = seal(msgspec.json.encode(inside), f"visit:{kind}")
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _open(token: str, kind: str, shape: type[Inside]) -> Inside:
    try:
        padded = token.encode() + b"=" * (-len(token) % 4)
        plain = unseal(base64.urlsafe_b64decode(padded), f"visit:{kind}")
        return msgspec.json.decode(plain, type=shape)
    except (SiyuError, ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise Forbidden("visit.session", "登录已失效, 请重新登录") from error
