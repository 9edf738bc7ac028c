"""Calls with an access token: the token, the error codes, the shapes of answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import Reauth
from siyu.ports.capabilities import AccountConfig, Token, TokenStore
from siyu.ports.http import HttpAnswer, HttpDoor
from siyu.wechat.codes import CodeBook

Shape = TypeVar("Shape")
UPLOAD_SECONDS = 60.0


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


class Caller(ABC):
    """Calls in the name of one account. Raises the PlatformError family."""

    book: ClassVar[CodeBook]

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        self.account = account
        self._http = http
        self._clock = clock
        self._tokens = tokens

    @abstractmethod
    def fetch_token(self) -> Token:
        """A token from the platform, past the store."""

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
        """A call that changes nothing: repeated inside when the line breaks."""
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
        self,
        path: str,
        params: Mapping[str, str],
        form: bytes,
        boundary: str,
        *,
        shape: type[Shape],
    ) -> Shape:
        """Send a file as multipart/form-data; the same twice is as once."""
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

        def send(token: str) -> HttpAnswer:
            with self._turn(path):
                return self._http.request(
                    "POST",
                    f"{self.account.base_url}{path}",
                    params={**params, "access_token": token},
                    form=form,
                    headers=headers,
                    timeout=UPLOAD_SECONDS,
                    is_safe=True,
                )

        return self._call(send, shape, is_safe=True)

    def probe(self, method: str, path: str) -> tuple[HttpAnswer, Head]:
        """The raw answer of a harmless call and its head; for the self-check."""
        answer = self._send(method, path, {}, None, is_safe=True, token=self._token())
        return answer, self.shape(answer, Head, is_safe=True)

    def check(self, answer: HttpAnswer, *, is_safe: bool) -> None:
        """Raise what the answer means; HTTP 200 with an error code is an error."""
        if answer.status != 200:
            is_safe = is_safe or answer.status == 429
            raise self.book.broken(f"HTTP {answer.status}", is_safe=is_safe)
        head = self.shape(answer, Head, is_safe=is_safe)
        if head.code != 0:
            raise self.book.make_error(head.code, head.errmsg, self.now())

    def shape(self, answer: HttpAnswer, shape: type[Shape], *, is_safe: bool) -> Shape:
        """The answer's body as a shape; RetryLater or UnknownOutcome when it is none."""
        try:
            return msgspec.json.decode(answer.body, type=shape, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            what = f"回答无法读取: {error}"[:200]
            raise self.book.broken(what, is_safe=is_safe) from error

    def _turn(self, path: str) -> AbstractContextManager[None]:  # noqa: ARG002 - for subclasses
        """What a call must wait for; the block is the call."""
        return nullcontext()

    def _fetch_other_token(self, bad: str | None) -> Token:  # noqa: ARG002 - for subclasses
        """A token that is not the one the platform rejected."""
        return self.fetch_token()

    def _call(
        self, send: Callable[[str], HttpAnswer], shape: type[Shape], *, is_safe: bool
    ) -> Shape:
        """Send with a token; once more with a fresh one when the platform rejects it."""
        token = self._token()
        answer = send(token)
        try:
            self.check(answer, is_safe=is_safe)
        except Reauth as error:
            if not self.book.is_token_over(error):
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
        given = {name: value for name, value in params.items() if value}
        with self._turn(path):
            return self._http.request(
                method,
                f"{self.account.base_url}{path}",
                params={**given, "access_token": token},
                json=json,
                is_safe=is_safe,
            )

    def _token(self, *, bad: str | None = None) -> str:
        return self._tokens.get(
            self.account.key, "access_token", lambda: self._fetch_other_token(bad), bad=bad
        )
