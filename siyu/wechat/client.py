"""Calls to WeChat's open API in the name of one app, with its stable token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

import msgspec

from siyu.ports.capabilities import Token
from siyu.wechat.calling import Caller
from siyu.wechat.errors import BOOK

Shape = TypeVar("Shape")
STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path


class _AccessToken(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class WechatClient(Caller):
    """One thin method per call lives in the platforms' subclasses."""

    book = BOOK

    def fetch_token(self, *, is_forced: bool = False) -> Token:
        """A token from the platform, past the store.

        The stable token is the same for everybody within its life, so a second server does not
        end the first one's. Forcing a new one is limited to 20 a day, 30 s apart.
        """
        answer = self._http.request(
            "POST",
            f"{self.account.base_url}{STABLE_TOKEN}",
            json={
                "grant_type": "client_credential",
                "appid": self.account.remote_id,
                "secret": self.account.fields.get("secret", ""),
                "force_refresh": is_forced,
            },
            is_safe=True,
        )
        self.check(answer, is_safe=True)
        token = self.shape(answer, _AccessToken, is_safe=True)
        return Token(token.access_token, self.now() + timedelta(seconds=token.expires_in))

    def ask(
        self, path: str, params: Mapping[str, str], shape: type[Shape], *, is_safe: bool = False
    ) -> Shape:
        """A GET without the app's token (`/sns/…`); what goes along is the credential.

        is_safe: False when that is a one-time code, which a lost answer may have spent.
        """
        url = f"{self.account.base_url}{path}"
        answer = self._http.request("GET", url, params=params, is_safe=is_safe)
        self.check(answer, is_safe=is_safe)
        return self.shape(answer, shape, is_safe=is_safe)

    def _fetch_other_token(self, bad: str | None) -> Token:
        token = self.fetch_token()
        return self.fetch_token(is_forced=True) if token.value == bad else token
