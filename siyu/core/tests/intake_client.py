"""Speaks ASGI to the intake in this process."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from siyu.core.intake.asgi import IntakeApp


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class IntakeClient:
    """One application and one write key."""

    def __init__(self, app: IntakeApp, key: str = "") -> None:
        self.app = app
        self.key = key

    def post(self, path: str, content: Any, headers: dict[str, str] | None = None) -> Reply:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.request("POST", path, body, headers)

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        return asyncio.run(self.send(method, path, [body], headers))

    async def send(
        self,
        method: str,
        path: str,
        parts: list[bytes],
        headers: dict[str, str] | None = None,
    ) -> Reply:
        given = {"authorization": basic(self.key)} if self.key else {}
        given |= headers or {}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        left, sent = list(parts), []

        async def receive() -> dict[str, Any]:
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], found, sent[1]["body"])


def basic(key: str) -> str:
    """The header value of a write key as user name with an empty password."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()
