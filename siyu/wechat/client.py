"""Calls to WeChat's open API in the name of one app: stable token, error codes, shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformError, Reauth, RetryLater, UnknownOutcome
from siyu.ports.capabilities import AccountConfig, Token, TokenStore
from siyu.ports.http import HttpAnswer, HttpDoor
from siyu.wechat.errors import Recovery, make_error, rule_of

Shape = TypeVar("Shape")
STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path


class Head(msgspec.Struct, frozen=True):
    """What every answer may have; a success often leaves it out."""

    errcode: int | str = 0
    errmsg: str = ""

    @property
    def code(self) -> int:
        """The number, also when it came as text; -1 when it is neither."""
        try:
            return int(self.errcode)
        except ValueError:
            return -1


class _AccessToken(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class WechatClient:
    """One thin method per call lives in the platforms' subclasses. Raises the PlatformError
    family."""

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        self.account = account
        self._http = http
        self._clock = clock
        self._tokens = tokens

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock.now()

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

    def read(
        self,
        method: str,
        path: str,
        shape: type[Shape],
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Shape:
        """A call that changes nothing: repeated inside when the line breaks."""
        return self._call(
            lambda token: self._send(method, path, params or {}, json, is_safe=True, token=token),
            shape,
            is_safe=True,
        )

    def write(
        self, path: str, body: Mapping[str, Any], shape: type[Shape], *, is_safe: bool = False
    ) -> Shape:
        """A call that changes something; `is_safe` when repeating it changes nothing more."""
        return self._call(
            lambda token: self._send("POST", path, {}, body, is_safe=is_safe, token=token),
            shape,
            is_safe=is_safe,
        )

    def ask(self, path: str, params: Mapping[str, str], shape: type[Shape]) -> Shape:
        """A GET without the app's token (`/sns/…`): its one-time code is the credential."""
        url = f"{self.account.base_url}{path}"
        answer = self._http.request("GET", url, params=params)
        self.check(answer, is_safe=True)
        return self.shape(answer, shape, is_safe=True)

    def probe(self, method: str, path: str) -> tuple[HttpAnswer, Head]:
        """The raw answer of a harmless call and its head; for the self-check."""
        answer = self._send(method, path, {}, None, is_safe=True, token=self._token())
        return answer, self.shape(answer, Head, is_safe=True)

    def check(self, answer: HttpAnswer, *, is_safe: bool) -> None:
        """Raise what the answer means; HTTP 200 with an error code is an error."""
        if answer.status != 200:
            raise _broken(f"HTTP {answer.status}", is_safe=is_safe or answer.status == 429)
        head = self.shape(answer, Head, is_safe=is_safe)
        if head.code != 0:
            raise make_error(head.code, head.errmsg, self.now())

    def shape(self, answer: HttpAnswer, shape: type[Shape], *, is_safe: bool) -> Shape:
        """The answer's body as a shape; RetryLater or UnknownOutcome when it is none."""
        try:
            return msgspec.json.decode(answer.body, type=shape, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _broken("回答无法读取", is_safe=is_safe) from error

    def _call(
        self, send: Callable[[str], HttpAnswer], shape: type[Shape], *, is_safe: bool
    ) -> Shape:
        """Send with a token; once more with a fresh one when the platform rejects it."""
        token = self._token()
        answer = send(token)
        try:
            self.check(answer, is_safe=is_safe)
        except Reauth as error:
            if rule_of(int(error.platform_code)).recovery is not Recovery.REFRESH:
                raise
            answer = send(self._token(bad=token))
            self.check(answer, is_safe=is_safe)
        return self.shape(answer, shape, is_safe=is_safe)

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        json: Any,
        *,
        is_safe: bool,
        token: str,
    ) -> HttpAnswer:
        return self._http.request(
            method,
            f"{self.account.base_url}{path}",
            params={**params, "access_token": token},
            json=json,
            is_safe=is_safe,
        )

    def _token(self, *, bad: str | None = None) -> str:
        def fetch() -> Token:
            token = self.fetch_token()
            return self.fetch_token(is_forced=True) if token.value == bad else token

        return self._tokens.get(self.account.key, "access_token", fetch, bad=bad)


def _broken(what: str, *, is_safe: bool) -> PlatformError:
    if is_safe:
        return RetryLater("wechat.broken", f"微信的回答不可用 ({what})")
    return UnknownOutcome("wechat.unknown", f"微信的回答不可用, 不知道是否已执行 ({what})")
