"""How a call reaches WeCom: its token, its turn, files both ways."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

from siyu.kernel.clock import Clock
from siyu.kernel.errors import SiyuError
from siyu.platforms.wecom import wire
from siyu.platforms.wecom.errors import BOOK
from siyu.ports.capabilities import AccountConfig, Token, TokenStore
from siyu.ports.http import HttpDoor
from siyu.ports.manifest import load_manifest
from siyu.ports.pacing import Pacer
from siyu.wechat.calling import Caller

ROOT = "/cgi-bin/"
EXTERNAL = "/cgi-bin/externalcontact"


class Transport(Caller):
    """Sends calls of one corp and app, within the rates of the manifest."""

    book = BOOK

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        super().__init__(account, http, clock, tokens)
        self.pacer = Pacer(load_manifest("wecom").rates, clock)

    def download(self, url: str) -> bytes:
        """What an address of the platform's own answers, without our token; b"" on failure."""
        try:
            answer = self._http.request("GET", url, is_safe=True)
        except SiyuError:
            return b""
        return answer.body if answer.status == 200 else b""

    def fetch_token(self) -> Token:
        """A token from the platform, past the store."""
        answer = self._http.request(
            "GET",
            f"{self.account.base_url}/cgi-bin/gettoken",
            params={
                "corpid": self.account.remote_id,
                "corpsecret": self.account.fields.get("secret", ""),
            },
            is_safe=True,
        )
        self.check(answer, is_safe=True)
        token = self.shape(answer, wire.AccessToken, is_safe=True)
        return Token(token.access_token, self.now() + timedelta(seconds=token.expires_in))

    def _turn(self, path: str) -> AbstractContextManager[None]:
        return self.pacer.turn(path.removeprefix(ROOT))
