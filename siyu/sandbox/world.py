"""The sandboxes of all platforms in one world: one time, one chance, one outbox."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import Refused
from siyu.ports.manifest import list_platforms
from siyu.ports.sandbox import (
    Callback,
    OffersControls,
    Operation,
    Sandbox,
    WireAnswer,
    WireRequest,
    load_sandbox,
)
from siyu.sandbox.bad_days import BadDays, read_bad_days
from siyu.sandbox.tally import Tally

KEPT_CALLS = 200


class Called(msgspec.Struct, frozen=True):
    """One call on the wire, as the control page shows it."""

    at: str
    platform: str
    method: str
    path: str
    status: int
    note: str


class SandboxWorld:
    """Holds every platform's sandbox; see `siyu.ports.sandbox.World`.

    `outbox` collects callbacks as (platform, callback) until someone delivers them; `on_post`
    is called after each.
    """

    def __init__(self, clock: Clock, *, seed: int = 1, platforms: Sequence[str] = ()) -> None:
        self._clock = clock
        self._chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self.outbox: deque[tuple[str, Callback]] = deque()
        self.on_post: Callable[[], None] = lambda: None
        self.bad_days = BadDays()
        self.tally = Tally()
        self.calls: deque[Called] = deque(maxlen=KEPT_CALLS)
        self.sandboxes: dict[str, Sandbox] = {
            name: load_sandbox(name)(_Postbox(self, name)) for name in platforms or list_platforms()
        }

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def chance(self) -> random.Random:
        return self._chance

    def sandbox(self, platform: str) -> Sandbox:
        """A platform's sandbox; Refused when there is none."""
        found = self.sandboxes.get(platform)
        if found is None:
            raise Refused("sandbox.platform", f"沙箱里没有平台 {platform}", field="platform")
        return found

    def answer(self, platform: str, request: WireRequest) -> WireAnswer:
        """A call on the wire, with the platform's own troubles on bad days."""
        sandbox = self.sandbox(platform)
        days = self.bad_days_of(platform, request.path)
        kind = days.pick_trouble(self._chance)
        refused = sandbox.trouble(kind, request) if kind else None
        answer = refused or sandbox.answer(request)
        self.tally.count(platform, request.path, answer.status, answer.body)
        self.note(platform, request, answer.status, kind.value if kind and refused else "")
        return answer

    def note(self, platform: str, request: WireRequest, status: int, spoiled: str) -> None:
        """Remember a call; `spoiled` says which bad day met it. Queries are left out: they may
        hold secrets."""
        called = Called(
            at=self._clock.now().isoformat(timespec="seconds"),
            platform=platform,
            method=request.method,
            path=request.path,
            status=status,
            note=spoiled,
        )
        self.calls.append(called)

    def operations(self) -> dict[str, list[Operation]]:
        """The control operations each platform lists."""
        return {
            name: sandbox.operations()
            for name, sandbox in self.sandboxes.items()
            if isinstance(sandbox, OffersControls)
        }

    def bad_days_of(self, platform: str, path: str) -> BadDays:
        """The switches that hold for a call."""
        if f"/{platform}{path}".startswith(self.bad_days.only):
            return self.bad_days
        return BadDays()

    def bad_days_of_callback(self, platform: str) -> BadDays:
        """The switches that hold for a platform's callbacks."""
        only = self.bad_days.only.lstrip("/").partition("/")[0]
        return self.bad_days if only in {"", platform} else BadDays()

    def control(self, platform: str, operation: str, arguments: Mapping[str, Any]) -> Any:
        """One control operation, or `bulk` with {"calls": [[operation, arguments], …]}.

        A bulk gives {"results": […]}; a refused call's result is {"error": code}.
        """
        if operation != "bulk":
            return self.sandbox(platform).control(operation, arguments)
        sandbox = self.sandbox(platform)
        return {"results": [_try(sandbox, *call) for call in arguments["calls"]]}

    def change_bad_days(self, changes: dict[str, Any]) -> BadDays:
        """Set some switches; the others stay."""
        self.bad_days = read_bad_days(self.bad_days, changes)
        return self.bad_days

    def witness(self) -> dict[str, dict[str, int]]:
        """What really happened, by platform."""
        return {name: sandbox.witness() for name, sandbox in self.sandboxes.items()}

    def post(self, platform: str, callback: Callback) -> None:
        self.outbox.append((platform, callback))
        self.on_post()


class _Postbox:
    """The world as one platform sees it: its callbacks carry its name."""

    def __init__(self, world: SandboxWorld, platform: str) -> None:
        self._world = world
        self._platform = platform

    @property
    def clock(self) -> Clock:
        return self._world.clock

    @property
    def chance(self) -> random.Random:
        return self._world.chance

    def deliver(self, callback: Callback) -> None:
        self._world.post(self._platform, callback)


def _try(sandbox: Sandbox, operation: str, arguments: Mapping[str, Any]) -> Any:
    try:
        return sandbox.control(operation, arguments)
    except Refused as error:
        return {"error": error.code, "reason": error.reason}
