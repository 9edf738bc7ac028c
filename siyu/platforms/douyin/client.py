"""One thin method per remote call of Douyin's OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformError, Reauth, RetryLater, UnknownOutcome
from siyu.platforms.douyin.errors import TOKEN_EXPIRED, make_error
from siyu.ports.capabilities import AccountConfig, Token, TokenStore
from siyu.ports.http import HttpAnswer, HttpDoor

ACCESS_TOKEN_LIFE = timedelta(days=15)


class DouyinClient:
    """Calls in the name of one enterprise account. Tokens are fetched and renewed inside."""

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        self.account = account
        self._http = http
        self._clock = clock
        self._tokens = tokens

    def send_message(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /im/send/msg/: send a direct message; the answer holds `msg_id`."""
        return self._call(
            lambda token: self._http.request(
                "POST",
                self._url("/im/send/msg/"),
                params={"open_id": self.account.fields["open_id"]},
                json=body,
                headers={"access-token": token},
            ),
            is_safe=False,
        )

    def get_user_info(self) -> dict[str, Any]:
        """POST /oauth/userinfo/: nickname, avatar and union_id of the enterprise account."""
        return self._call(
            lambda token: self._http.request(
                "POST",
                self._url("/oauth/userinfo/"),
                form={"access_token": token, "open_id": self.account.fields["open_id"]},
                is_safe=True,
            ),
            is_safe=True,
        )

    def fetch_client_token(self) -> str:
        """The application's own token (2 h), from the store or fresh."""
        return self._tokens.get(self.account.key, "client_token", self._fetch_client_token)

    def _call(self, request: Callable[[str], HttpAnswer], *, is_safe: bool) -> dict[str, Any]:
        """Call with the account's token; once more with a new one when it has expired."""
        token = self._user_token()
        try:
            return self._open(request(token), is_safe=is_safe)
        except Reauth as error:
            if error.platform_code not in {str(code) for code in TOKEN_EXPIRED}:
                raise
        return self._open(request(self._user_token(bad=token)), is_safe=is_safe)

    def _user_token(self, *, bad: str | None = None) -> str:
        fields = self.account.fields

        def fetch() -> Token:
            if fields.get("refresh_token"):
                return self._refresh_user_token()
            given = fields.get("access_token", "")
            if not given or given == bad:
                raise Reauth("token_missing", "企业号尚未授权或授权已过期, 请重新扫码授权")
            return Token(given, self._clock.now() + ACCESS_TOKEN_LIFE)

        return self._tokens.get(self.account.key, "user_token", fetch, bad=bad)

    def _refresh_user_token(self) -> Token:
        data = self._open(
            self._http.request(
                "POST",
                self._url("/oauth/refresh_token/"),
                form={
                    "client_key": self.account.fields["client_key"],
                    "grant_type": "refresh_token",
                    "refresh_token": self.account.fields["refresh_token"],
                },
                is_safe=True,
            ),
            is_safe=True,
        )
        return self._token(data)

    def _fetch_client_token(self) -> Token:
        data = self._open(
            self._http.request(
                "POST",
                self._url("/oauth/client_token/"),
                json={
                    "client_key": self.account.fields["client_key"],
                    "client_secret": self.account.fields["client_secret"],
                    "grant_type": "client_credential",
                },
                is_safe=True,
            ),
            is_safe=True,
        )
        return self._token(data)

    def _token(self, data: Mapping[str, Any]) -> Token:
        try:
            life = timedelta(seconds=int(data["expires_in"]))
            return Token(str(data["access_token"]), self._clock.now() + life)
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            raise RetryLater("token_shape", "抖音返回的令牌无法读取") from error

    def _url(self, path: str) -> str:
        return f"{self.account.base_url}{path}"

    def _open(self, answer: HttpAnswer, *, is_safe: bool) -> dict[str, Any]:
        """The answer's fields, those of `data` included; raises the family of its error code.

        A broken answer to a call that is not safe to repeat has an unknown outcome.
        """
        try:
            whole = answer.json() if answer.status == 200 else None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            whole = None
        data = (whole.get("data") or {}) if isinstance(whole, dict) else None
        if not isinstance(whole, dict) or not isinstance(data, dict):
            raise self._broken(answer.status, is_safe=is_safe)
        merged = {**whole, **data}
        extra = whole.get("extra")
        code = _code(merged) or _code(extra if isinstance(extra, dict) else {})
        if code:
            text = str(merged.get("description") or merged.get("message") or "")[:200]
            raise make_error(code, text, self._clock.now())
        return merged

    def _broken(self, status: int, *, is_safe: bool) -> PlatformError:
        if is_safe or status == 429:
            return RetryLater("http", f"抖音返回 HTTP {status}", platform_code=str(status))
        return UnknownOutcome(
            "http", f"抖音返回 HTTP {status}, 不知道是否已执行", platform_code=str(status)
        )


def _code(fields: Mapping[str, Any]) -> int:
    value = fields.get("error_code", 0)
    return value if isinstance(value, int) else int(value) if str(value).isdigit() else -1
