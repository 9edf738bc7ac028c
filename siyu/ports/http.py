"""The outgoing HTTP door as connectors see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec


class HttpAnswer(msgspec.Struct, frozen=True):
    """A whole answer; the body is at most 1 MiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises msgspec.DecodeError."""
        return msgspec.json.decode(self.body)


class HttpDoor(Protocol):
    """Sends one request.

    Raises `RetryLater` when the request surely did not reach the platform (refused, DNS,
    connect timeout) and `UnknownOutcome` when it may have (reset or timeout after sending).
    Safe requests (`is_safe=True`: reads, repeatable writes) are retried inside and end in
    `RetryLater`. Any HTTP status is an answer, not an error. The body is `json`, or the fields
    of `form`, or `form` as it is when it is bytes, whose type the headers say.
    """

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        is_safe: bool = False,
    ) -> HttpAnswer: ...
