"""The simulation's hands on the platforms: control calls of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import httpx
import msgspec

from siyu.kernel.errors import Refused
from siyu.sandbox.world import SandboxWorld

CHUNK = 200
Call = tuple[str, Mapping[str, Any]]


class Control(Protocol):
    """Makes things happen in the platforms."""

    def bulk(self, platform: str, calls: Sequence[Call]) -> list[Any]:
        """Many operations in order; a result each. Refused when one of them is."""
        ...

    def witness(self) -> dict[str, dict[str, int]]: ...

    def callbacks(self) -> dict[str, int]:
        """How the callbacks fare: `pending`, `sent`, `given_up`, …"""
        ...


class HttpControl:
    """The control API of a running sandbox."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/_sandbox"
        self._client = httpx.Client(timeout=60, trust_env=False)

    def bulk(self, platform: str, calls: Sequence[Call]) -> list[Any]:
        results: list[Any] = []
        for start in range(0, len(calls), CHUNK):
            body = msgspec.json.encode({"calls": calls[start : start + CHUNK]})
            answer = self._client.post(f"{self._url}/{platform}/bulk", content=body)
            results += _check(answer.raise_for_status().json()["results"])
        return results

    def witness(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = self._client.get(f"{self._url}/witness").json()
        return found

    def callbacks(self) -> dict[str, int]:
        found: dict[str, int] = self._client.get(f"{self._url}/callbacks").json()
        return found


class WorldControl:
    """A sandbox in this process; nobody carries its callbacks."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def bulk(self, platform: str, calls: Sequence[Call]) -> list[Any]:
        done = self._world.control(platform, "bulk", {"calls": calls})
        return _check(done["results"])

    def witness(self) -> dict[str, dict[str, int]]:
        return self._world.witness()

    def callbacks(self) -> dict[str, int]:
        return {"pending": len(self._world.outbox)}


def _check(results: list[Any]) -> list[Any]:
    for result in results:
        if isinstance(result, dict) and "error" in result:
            raise Refused(str(result["error"]), str(result.get("reason", "")))
    return results
