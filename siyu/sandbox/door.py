"""An `HttpDoor` that leads straight into a world in this process, without a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from siyu.kernel.errors import RetryLater, UnknownOutcome
from siyu.ports.http import HttpAnswer
from siyu.ports.sandbox import WireRequest
from siyu.sandbox.bad_days import happens
from siyu.sandbox.world import SandboxWorld

BASE_URL = "https://sandbox.example"


def base_url(platform: str) -> str:
    """The base URL an account needs so that the door leads to its platform's sandbox."""
    return f"{BASE_URL}/{platform}"


class SandboxDoor:
    """See `HttpDoor`. Bad days hold here too: `reset` and `stall` become unknown outcomes."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

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
    ) -> HttpAnswer:
        parts = urlsplit(url)
        platform, _, path = parts.path.lstrip("/").partition("/")
        body = b"" if json is None else msgspec.json.encode(json)
        request = WireRequest(
            method=method,
            path=f"/{path}",
            query={**dict(parse_qsl(parts.query)), **(params or {})},
            headers={name.lower(): value for name, value in (headers or {}).items()},
            target=f"/{path}?{parts.query}" if parts.query else "",
            body=_form(form) if form is not None else body,
        )
        return self._send(platform, request, timeout, is_safe=is_safe)

    def _send(
        self, platform: str, request: WireRequest, timeout: float, *, is_safe: bool
    ) -> HttpAnswer:
        days, chance = self._world.bad_days_of(platform, request.path), self._world.chance
        if happens(chance, days.error_5xx):
            return HttpAnswer(503, {}, b"")
        answer = self._world.answer(platform, request)
        is_late = happens(chance, days.stall) and days.stall_seconds > timeout
        if happens(chance, days.reset) or is_late:
            if is_safe:
                raise RetryLater("http.broken", "沙箱中断了连接")
            raise UnknownOutcome("http.unknown", "沙箱中断了连接, 不知道是否已执行")
        headers = {"content-type": answer.content_type, **answer.headers}
        return HttpAnswer(answer.status, headers, answer.body)


def _form(form: Mapping[str, str] | bytes) -> bytes:
    return form if isinstance(form, bytes) else urlencode(form).encode()
