"""Login of the brand's mini program: codes in, identities out; the session key stays nowhere."""

from __future__ import annotations

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.kernel.phones import normalise_phone
from siyu.platforms.wechat_mini.client import MiniClient
from siyu.platforms.wechat_mini.mapping import NAMESPACE
from siyu.ports.logins import Visitor
from siyu.wechat.origin import person


class MiniLogin:
    """The `AppLogin` of a mini program."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def fetch_visitor(self, code: str) -> Visitor:
        """See `AppLogin.fetch_visitor`."""
        session = self._client.fetch_session(code)
        return Visitor(person(self._client.account, NAMESPACE, session.openid, session.unionid))

    def fetch_phone(self, code: str) -> str:
        """See `AppLogin.fetch_phone`."""
        told = self._client.get_phone(code).phone_info
        country = str(told.country).lstrip("+") or "86"
        try:
            return normalise_phone(f"+{country}{told.number}")
        except Refused as error:
            raise PlatformRefused("wechat.phone", "微信返回的手机号无效", field="code") from error
