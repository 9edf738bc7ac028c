"""How a call reaches WeCom: its token, its turn, its error codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformError, Reauth, RetryLater, SiyuError, UnknownOutcome
from siyu.platforms.wecom import wire, wire_links
from siyu.platforms.wecom.errors import Recovery, make_error, rule_of
from siyu.ports.capabilities import AccountConfig, Token, TokenStore
from siyu.ports.http import HttpAnswer, HttpDoor
from siyu.ports.manifest import load_manifest
from siyu.ports.pacing import Pacer

Shape = TypeVar("Shape")
ROOT = "/cgi-bin/"
EXTERNAL = "/cgi-bin/externalcontact"
UPLOAD_SECONDS = 60.0


class Transport:
    """Sends calls of one corp and app. Raises the PlatformError family."""

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        self.account = account
        self.pacer = Pacer(load_manifest("wecom").rates, clock)
        self._http = http
        self._clock = clock
        self._tokens = tokens

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock.now()

    def read(
        self,
        method: str,
        path: str,
        shape: type[Shape],
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Shape:
        """A call that changes nothing."""
        return self._call(
            lambda token: self._send(method, path, params or {}, json, is_safe=True, token=token),
            shape,
            is_safe=True,
        )

    def write(
        self, path: str, body: Mapping[str, Any], shape: type[Shape], *, is_safe: bool = False
    ) -> Shape:
        """A call that changes something; is_safe: the same twice is as once."""
        return self._call(
            lambda token: self._send("POST", path, {}, body, is_safe=is_safe, token=token),
            shape,
            is_safe=is_safe,
        )

    def upload(
        self, path: str, params: Mapping[str, str], form: bytes, boundary: str
    ) -> wire_links.Media:
        """Send a file as multipart/form-data; the same twice is as once."""
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

        def send(token: str) -> HttpAnswer:
            with self.pacer.turn(path.removeprefix(ROOT)):
                return self._http.request(
                    "POST",
                    f"{self.account.base_url}{path}",
                    params={**params, "access_token": token},
                    form=form,
                    headers=headers,
                    timeout=UPLOAD_SECONDS,
                    is_safe=True,
                )

        return self._call(send, wire_links.Media, is_safe=True)

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
        self._check(answer, is_safe=True)
        token = self._shape(answer, wire.AccessToken, is_safe=True)
        return Token(token.access_token, self.now() + timedelta(seconds=token.expires_in))

    def probe(self) -> tuple[HttpAnswer, int, str]:
        """The raw answer of a harmless call, its errcode and errmsg; for the self-check."""
        answer = self._send(
            "GET", f"{EXTERNAL}/get_follow_user_list", {}, None, is_safe=True, token=self._token()
        )
        head = self._shape(answer, wire.Head, is_safe=True)
        return answer, head.code, head.errmsg

    def _call(
        self, send: Callable[[str], HttpAnswer], shape: type[Shape], *, is_safe: bool
    ) -> Shape:
        """Send with a token; once more with a fresh one when the platform rejects it."""
        token = self._token()
        answer = send(token)
        try:
            self._check(answer, is_safe=is_safe)
        except Reauth as error:
            if rule_of(int(error.platform_code)).recovery is not Recovery.REFRESH:
                raise
            answer = send(self._token(bad=token))
            self._check(answer, is_safe=is_safe)
        return self._shape(answer, shape, is_safe=is_safe)

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
        with self.pacer.turn(path.removeprefix(ROOT)):
            return self._http.request(
                method,
                f"{self.account.base_url}{path}",
                params={
                    **{name: value for name, value in params.items() if value},
                    "access_token": token,
                },
                json=json,
                is_safe=is_safe,
            )

    def _token(self, *, bad: str | None = None) -> str:
        return self._tokens.get(self.account.key, "access_token", self.fetch_token, bad=bad)

    def _check(self, answer: HttpAnswer, *, is_safe: bool) -> None:
        """Raise what the answer means; HTTP 200 with an error code is an error."""
        if answer.status != 200:
            raise _broken(f"HTTP {answer.status}", is_safe=is_safe or answer.status == 429)
        head = self._shape(answer, wire.Head, is_safe=is_safe)
        if head.code != 0:
            raise make_error(head.code, head.errmsg, self.now())

    def _shape(self, answer: HttpAnswer, shape: type[Shape], *, is_safe: bool) -> Shape:
        try:
            return msgspec.json.decode(answer.body, type=shape, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _broken(f"回答无法读取: {error}"[:200], is_safe=is_safe) from error


def _broken(what: str, *, is_safe: bool) -> PlatformError:
    if is_safe:
        return RetryLater("wecom.broken", f"企业微信的回答不可用 ({what})")
    return UnknownOutcome("wecom.unknown", f"企业微信的回答不可用, 不知道是否已执行 ({what})")
