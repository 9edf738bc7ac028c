"""A sandbox inside the test: no server, no network, callbacks kept in a list."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from siyu.kernel.clock import Clock
from siyu.ports.capabilities import CallbackRequest
from siyu.ports.http import HttpAnswer
from siyu.ports.sandbox import Callback, Sandbox, Trouble, WireRequest


@dataclass
class QuietWorld:
    """A `World` whose postman only collects: `sent` holds the callbacks in order."""

    clock: Clock
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    sent: list[Callback] = field(default_factory=list)

    def deliver(self, callback: Callback) -> None:
        self.sent.append(callback)

    def take(self) -> list[CallbackRequest]:
        """The callbacks so far, as the brand's server receives them; the list is emptied."""
        taken, self.sent = self.sent, []
        return [as_request(callback) for callback in taken]


def as_request(callback: Callback) -> CallbackRequest:
    """A callback as it arrives."""
    return CallbackRequest("POST", callback.query, callback.headers, callback.body)


@dataclass
class SandboxDoor:
    """An `HttpDoor` that leads straight into a sandbox living under `base_url`.

    troubles: failures the platform answers with, one per call, first to last.
    on_call: told the address of each call before it is made.
    """

    sandbox: Sandbox
    base_url: str
    troubles: list[Trouble] = field(default_factory=list)
    count: int = 0
    on_call: Callable[[str], None] = lambda _url: None

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,  # noqa: ARG002
        is_safe: bool = False,  # noqa: ARG002
    ) -> HttpAnswer:
        """See `HttpDoor.request`."""
        parts = urlsplit(url.removeprefix(self.base_url))
        body = form if isinstance(form, bytes) else urlencode(form or {}).encode()
        request = WireRequest(
            method=method,
            path=parts.path,
            query={**dict(parse_qsl(parts.query)), **(params or {})},
            headers={name.lower(): value for name, value in (headers or {}).items()},
            target=f"{parts.path}?{parts.query}" if parts.query else "",
            body=msgspec.json.encode(json) if json is not None else body,
        )
        self.on_call(url)
        self.count += 1
        answer = self.sandbox.trouble(self.troubles[0], request) if self.troubles else None
        if answer is not None:
            self.troubles.pop(0)
        answer = answer or self.sandbox.answer(request)
        told = {"content-type": answer.content_type, **answer.headers}
        return HttpAnswer(answer.status, told, answer.body)
