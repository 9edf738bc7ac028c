"""Pages inside WeCom: signatures for the client's script, and which member opened them.

Sources: developer.work.weixin.qq.com/document/path/90514 (signature), 91022 (login), read 2026-02.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from siyu.kernel.errors import PlatformRefused
from siyu.kernel.identity import Identity
from siyu.platforms.wecom import wire_staff as wire
from siyu.platforms.wecom.mapping import customer_identity
from siyu.platforms.wecom.staff_calls import StaffCalls
from siyu.platforms.wecom.transport import Transport
from siyu.ports.capabilities import Token, TokenStore
from siyu.ports.member_pages import PageSetup, PageSignature

SCRIPT_URL = "https://wwcdn.weixin.qq.com/node/open/js/wecom-jssdk-2.4.4.js"
AUTHORIZE_URL = "https://open.weixin.qq.com/connect/oauth2/authorize"
OFFICIAL = "https://qyapi.weixin.qq.com"


class Pages:
    """The `MemberPages` of a corp and app. Tickets are kept like tokens: one fetch for all."""

    def __init__(self, transport: Transport, tokens: TokenStore) -> None:
        self._transport = transport
        self._calls = StaffCalls(transport)
        self._tokens = tokens
        self.script_url = self._beside(SCRIPT_URL, "/client/jssdk.js")

    def setup(self, url: str) -> PageSetup:
        """See `MemberPages.setup`; one ticket of the corp, one of the app."""
        account, page = self._transport.account, url.partition("#")[0]
        return PageSetup(
            app_id=account.remote_id,
            agent_id=account.fields.get("agent_id", ""),
            script_url=self.script_url,
            config=self._sign(self._ticket("jsapi_ticket", self._calls.get_jsapi_ticket), page),
            agent_config=self._sign(
                self._ticket("agent_ticket", self._calls.get_agent_ticket), page
            ),
        )

    def login_url(self, redirect_uri: str, state: str) -> str:
        """See `MemberPages.login_url`."""
        account = self._transport.account
        query = {
            "appid": account.remote_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": account.fields.get("agent_id", ""),
        }
        page = self._beside(AUTHORIZE_URL, "/connect/oauth2/authorize")
        return f"{page}?{urlencode(query)}#wechat_redirect"

    def customer(self, remote_id: str) -> Identity:
        """See `MemberPages.customer`."""
        return customer_identity(self._transport.account, remote_id)

    def fetch_member(self, code: str) -> str:
        """See `MemberPages.fetch_member`."""
        userid = self._calls.getuserinfo(code).userid
        if not userid:
            raise PlatformRefused("wecom.not_a_member", "您不是这家企业的成员")
        return userid

    def _ticket(self, name: str, fetch: Callable[[], wire.Ticket]) -> str:
        def get() -> Token:
            found = fetch()
            return Token(found.ticket, self._transport.now() + timedelta(seconds=found.expires_in))

        return self._tokens.get(self._transport.account.key, name, get)

    def _sign(self, ticket: str, url: str) -> PageSignature:
        second, nonce = int(self._transport.now().timestamp()), secrets.token_hex(8)
        return PageSignature(second, nonce, sign_page(ticket, nonce, second, url))

    def _beside(self, official: str, path: str) -> str:
        """The platform's own page, or the one beside an API that is not the official one."""
        base = self._transport.account.base_url
        return official if base == OFFICIAL else f"{base}{path}"


def sign_page(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """The signature of a page: SHA-1 of the four, in this order and as they are. Pure."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
